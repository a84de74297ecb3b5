//! The binary as a process.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::client::{Connection, PATIENCE};

/// What the program tells on stderr before it serves.
pub(crate) const NOTICE: &str = "SIGUSR1 tells who holds which lock\n";
/// What it tells on SIGUSR1 where no named lock is held or waited for.
pub(crate) const NO_LOCK_HELD: &str = r#"{"locks_told":0}"#;

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A process that is killed when the test is done with it, however that came about.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn spawn(mut command: Command) -> Self {
        Self(command.spawn().unwrap())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.0.id().try_into().unwrap());
        kill(pid, signal).unwrap();
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// The processes that it has started.
    pub(crate) fn children(&self) -> Vec<Pid> {
        let pid = self.0.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let children = children.unwrap();
        children.split_whitespace().map(|pid| Pid::from_raw(pid.parse().unwrap())).collect()
    }

    /// Waits for the process to end by itself. What it wrote has to fit into a pipe.
    pub(crate) fn end(mut self) -> Ended {
        let start = Instant::now();
        while !self.has_ended() {
            assert!(start.elapsed() < PATIENCE, "the process did not end");
            thread::sleep(Duration::from_millis(2));
        }
        let mut stderr = String::new();
        if let Some(mut pipe) = self.0.stderr.take() {
            pipe.read_to_string(&mut stderr).unwrap();
        }
        let mut stdout = String::new();
        if let Some(mut pipe) = self.0.stdout.take() {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        Ended { status: self.0.wait().unwrap(), stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Either fails where the process has ended, which is what they are for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A server that has said where it listens.
pub(crate) struct Program {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    pub(crate) first_line: String,
    stdout: BufReader<ChildStdout>,
}

impl Program {
    /// Listens on a free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(command(arguments))
    }

    pub(crate) fn spawn(mut command: Command) -> Self {
        command.args(["--listen", "127.0.0.1:0"]);
        let mut process = Process::spawn(command);
        let mut stdout = BufReader::new(process.0.stdout.take().unwrap());
        let mut first_line = String::new();
        stdout.read_line(&mut first_line).unwrap();
        let address = first_line.trim_end().rsplit('/').next().unwrap();
        let address = address.parse().unwrap_or_else(|_| panic!("no address: {first_line:?}"));
        Self { process, address, first_line, stdout }
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address).unwrap()
    }

    /// The lines that the process writes to stderr, as they come; they are missing at its end.
    pub(crate) fn stderr_lines(&mut self) -> mpsc::Receiver<String> {
        let stderr = BufReader::new(self.process.0.stderr.take().unwrap());
        let (lines, read) = mpsc::channel();
        thread::spawn(move || {
            stderr.lines().map_while(io::Result::ok).try_for_each(|line| lines.send(line))
        });
        read
    }

    /// Waits for the process to end by itself; its stdout is what follows the first line.
    pub(crate) fn end(mut self) -> Ended {
        let mut ended = self.process.end();
        self.stdout.read_to_string(&mut ended.stdout).unwrap();
        ended
    }
}
