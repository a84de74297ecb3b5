//! A process that stands between loadgen and a server under test.
//!
//! Nothing can clean up after a process that is killed with SIGKILL but another process. This one
//! starts the server in a process group of its own, watches the pipe from loadgen, and ends the
//! whole group when that pipe does, however that came about, or when it is interrupted itself. What
//! has left the group, as a daemon does, it ends as well. What becomes of the server it writes
//! to standard output, a line each: `started PID` or `failed REASON`; then `stopping` once it is told
//! to end; then `left COUNT` where processes outlived the server and were ended; then `exited CODE` or
//! `signal NUMBER`. What ends before `stopping` has died by itself.
//! Its standard error is where all output of the server goes.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
use nix::unistd::{Pid, getpgid};
use server::interrupts::Interrupts;

use super::descendants;

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

/// Runs the command until it ends, or until standard input does, or a signal asks for it.
///
/// # Errors
/// When standard error cannot be handed on, or the server cannot be waited for.
///
/// # Panics
/// When the command is empty, which the options' parser does not let pass.
pub fn supervise(options: &Options) -> io::Result<()> {
    let (program, arguments) = options.command.split_first().expect("clap requires a program");
    descendants::adopt()?;
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
    let ending = Arc::new(Ending { group, grace, begun: OnceLock::new() });
    let (by_stdin, by_signal) = (Arc::clone(&ending), Arc::clone(&ending));
    thread::spawn(move || by_stdin.come_with_stdin());
    thread::spawn(move || by_signal.come_with_a_signal());

    await_end(group)?;
    let left = ending.end_rest();
    // Not reaped until now: as long as it was not, its process group could not become another's.
    let status = server.wait()?;
    if !left.is_empty() {
        say(&format!("left {}", left.len()));
    }
    say(&ended(status));
    Ok(())
}

/// Waits until the server ends, which is not reaped then. Those of its descendants that were adopted
/// and have ended are.
fn await_end(server: Pid) -> io::Result<()> {
    loop {
        match waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) {
            Ok(status) => match status.pid().filter(|pid| *pid != server) {
                // Nothing is to be learnt of it.
                Some(other) => drop(waitpid(other, Some(WaitPidFlag::WNOHANG))),
                None => return Ok(()),
            },
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// How the server and everything it started is ended.
struct Ending {
    group: Pid,
    grace: Duration,
    /// Since when it is told to.
    begun: OnceLock<Instant>,
}

impl Ending {
    fn come_with_stdin(&self) {
        // An error means the same as the end: nobody is there.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        self.come();
    }

    fn come_with_a_signal(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without it, a signal ends this process, and what is left is our parent's.
        let Ok(runtime) = runtime else { return };
        let heard = runtime.block_on(async {
            let mut interrupts = Interrupts::listen().ok()?;
            interrupts.next().await;
            Some(())
        });
        if heard.is_some() {
            self.come();
        }
    }

    /// Ends the group: with SIGTERM, and with SIGKILL after the grace.
    fn come(&self) {
        if self.begun.set(Instant::now()).is_err() {
            return;
        }
        say("stopping");
        // Both fail only for a group that has ended.
        let _ = killpg(self.group, Signal::SIGTERM);
        thread::sleep(self.grace);
        let _ = killpg(self.group, Signal::SIGKILL);
    }

    /// Ends what the server, which has ended, left behind. Where it was told to end, what is in its
    /// group was told as well, and has the same time for it.
    fn end_rest(&self) -> BTreeSet<Pid> {
        let left =
            || descendants::children().into_iter().filter(|pid| *pid != self.group).collect();
        let begun = self.begun.get();
        let deadline = begun.map_or_else(Instant::now, |begun| *begun + self.grace);
        let was_told = |pid| begun.is_some() && getpgid(Some(pid)) == Ok(self.group);
        let ended = descendants::end(deadline, left, was_told);
        if begun.is_none() {
            // What cannot be seen as ours, for want of /proc say; there may be nothing.
            let _ = killpg(self.group, Signal::SIGKILL);
        }
        ended
    }
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
