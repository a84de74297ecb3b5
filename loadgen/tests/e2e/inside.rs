//! A test that is started again where it may change what belongs to the whole machine.

use std::process::{Command, Stdio};

use crate::program::{Ended, Process};

/// Runs the ignored test `name` in namespaces of its own, which `unshare` makes by `flags`, after
/// `setup` in a shell. Where this machine does not allow that it says so, and nothing is tested.
#[track_caller]
pub(crate) fn inside(flags: &str, setup: &str, name: &str) {
    let allowed = run(flags, setup, "true", &[]);
    match allowed {
        Some(ended) if ended.code() == 0 => {}
        refused => {
            let why = refused.map_or_else(|| "no unshare".to_owned(), |ended| ended.stderr);
            eprintln!("skipped, since this machine has no namespaces for it: {why}");
            return;
        }
    }
    let program = std::env::current_exe().unwrap();
    let arguments = ["--ignored", "--exact", "--nocapture", name];
    let ended = run(flags, setup, program.to_str().unwrap(), &arguments).unwrap().exited(0);
    assert!(ended.stdout.contains("1 passed"), "{}", ended.stdout);
}

/// Runs `program` there; `None` where there is nothing to run it with.
fn run(flags: &str, setup: &str, program: &str, arguments: &[&str]) -> Option<Ended> {
    let script = format!("{setup} && exec \"$0\" \"$@\"");
    let mut command = Command::new("unshare");
    // Mapped to root, who may do this in a namespace.
    command.args(["--map-root-user", flags, "sh", "-c", &script, program]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Process::try_spawn(command).ok().map(Process::end)
}
