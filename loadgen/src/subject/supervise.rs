//! A process that stands between loadgen and a server under test.
//!
//! Nothing can clean up after a process that is killed with SIGKILL but another process. This one
//! starts the server in a process group of its own, watches the pipe from loadgen, and ends the
//! whole group when that pipe does, however that came about. What becomes of the server it writes
//! to standard output, a line each: `started PID` or `failed REASON`; then `stopping` once it is told
//! to end; then `exited CODE` or `signal NUMBER`. What ends before `stopping` has died by itself.
//! Its standard error is where all output of the server goes.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

/// What is run, and how it is ended.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Milliseconds between SIGTERM and SIGKILL
    #[arg(long)]
    pub grace_ms: u64,

    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<OsString>,
}

/// Runs the command until it ends, or until standard input does.
///
/// # Errors
/// When standard error cannot be handed on, or the server cannot be waited for.
///
/// # Panics
/// When the command is empty, which the options' parser does not let pass.
pub fn supervise(options: &Options) -> io::Result<()> {
    let (program, arguments) = options.command.split_first().expect("clap requires a program");
    let output = io::stderr().as_fd().try_clone_to_owned()?;
    let spawned = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::from(output.try_clone()?))
        .stderr(Stdio::from(output))
        .process_group(0)
        .spawn();
    let mut server = match spawned {
        Ok(server) => server,
        Err(error) => {
            say(&format!("failed {error}"));
            return Ok(());
        }
    };
    say(&format!("started {}", server.id()));
    let group = Pid::from_raw(server.id().cast_signed());
    let grace = Duration::from_millis(options.grace_ms);
    let stopping = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stopping);
    thread::spawn(move || end_with_stdin(group, grace, &asked));

    // Not reaped yet: as long as it is not, its process group cannot become another's.
    waitid(Id::Pid(group), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)?;
    if !stopping.load(Ordering::SeqCst) {
        // What it left behind when it died ends with it; there may be nothing.
        let _ = killpg(group, Signal::SIGKILL);
    }
    say(&ended(server.wait()?));
    // Told to end, what it started has the same time for it; the other thread sees to the rest.
    while stopping.load(Ordering::SeqCst) && killpg(group, None).is_ok() {
        thread::sleep(POLL);
    }
    Ok(())
}

/// How often a group that is ending is looked at.
const POLL: Duration = Duration::from_millis(10);

/// Ends the group when the other end of standard input is gone.
fn end_with_stdin(group: Pid, grace: Duration, stopping: &AtomicBool) {
    // An error means the same as the end: nobody is there.
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
    stopping.store(true, Ordering::SeqCst);
    say("stopping");
    // Both fail only for a group that has ended.
    let _ = killpg(group, Signal::SIGTERM);
    thread::sleep(grace);
    let _ = killpg(group, Signal::SIGKILL);
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited {code}"),
        (None, signal) => format!("signal {}", signal.unwrap_or_default()),
    }
}

/// Whoever is not there to read it does not need to know.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
