//! The binary as a process.

use std::fmt::Display;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::schemas;

/// Longer than anything takes on a busy machine: a test that hangs shall say where.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Far less than what a run takes that does not notice its end, far more than one that does.
pub(crate) const PROMPTLY: Duration = Duration::from_secs(25);

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_loadgen");

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
pub(crate) fn loadgen(arguments: &[&str]) -> Ended {
    Process::spawn(command(arguments)).end()
}

/// A process that is killed when the test is done with it, however that came about.
pub(crate) struct Process {
    child: Child,
    started: Instant,
    stdout: Option<Drained>,
    stderr: Option<Drained>,
}

/// A pipe that is read as fast as it is written to.
struct Drained {
    text: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Process {
    pub(crate) fn spawn(command: Command) -> Self {
        Self::try_spawn(command).unwrap()
    }

    /// Fails where there is no such program.
    pub(crate) fn try_spawn(mut command: Command) -> io::Result<Self> {
        // Before it is: on a busy machine it may be over before this thread goes on.
        let started = Instant::now();
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().map(Drained::new);
        let stderr = child.stderr.take().map(Drained::new);
        Ok(Self { child, started, stdout, stderr })
    }

    /// For a standard error that is no pipe: `other_end` is where it can be read.
    pub(crate) fn spawn_with_stderr(
        command: Command,
        other_end: impl Read + Send + 'static,
    ) -> Self {
        let mut process = Self::spawn(command);
        process.stderr = Some(Drained::new(other_end));
        process
    }

    /// The same for a standard output that is no pipe.
    pub(crate) fn spawn_with_stdout(
        command: Command,
        other_end: impl Read + Send + 'static,
    ) -> Self {
        let mut process = Self::spawn(command);
        process.stdout = Some(Drained::new(other_end));
        process
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Waits until the process has written `text` to its standard error.
    pub(crate) fn wait_for_stderr(&self, text: &str) {
        let stderr = self.stderr.as_ref().expect("stderr is piped");
        wait_until(&format!("`{text}` on stderr"), || stderr.text.lock().unwrap().contains(text));
    }

    /// Waits until a server says where it listens, which is its URL without a path.
    pub(crate) fn url(&self) -> String {
        let stdout = self.stdout.as_ref().expect("stdout is piped");
        let url = || {
            let so_far = stdout.text.lock().unwrap();
            let mut whole = so_far.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            whole
                .find_map(|line| line.strip_prefix("listening on "))
                .map(|url| url.trim_end().to_owned())
        };
        wait_until("a server that says where it listens", || url().is_some());
        url().expect("what was written stays")
    }

    /// Waits for the process to end by itself, though others may hold what it writes to.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            if self.started.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                let text = |pipe: &Option<Drained>| pipe.as_ref().map(Drained::so_far);
                let [stdout, stderr] = [&self.stdout, &self.stderr].map(text);
                panic!("it did not end; stdout: {stdout:?}\nstderr: {stderr:?}");
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for the process to end by itself, and for all that it wrote.
    pub(crate) fn end(mut self) -> Ended {
        let status = self.wait();
        let took = self.started.elapsed();
        let (stdout, stderr) = self.texts();
        Ended { status, stdout, stderr, took }
    }

    /// What the process has written; it must have ended.
    fn texts(&mut self) -> (String, String) {
        let text = |pipe: Option<Drained>| pipe.map(Drained::end).unwrap_or_default();
        (text(self.stdout.take()), text(self.stderr.take()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Either fails where the process has ended, which is what they are for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drained {
    fn new(mut pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&text);
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            // An error means the same as the end: a terminal that is gone.
            while let Ok(count @ 1..) = pipe.read(&mut bytes) {
                sink.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Self { text, reader }
    }

    fn so_far(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    fn end(self) -> String {
        self.reader.join().unwrap();
        std::mem::take(&mut self.text.lock().unwrap())
    }
}

pub(crate) struct Ended {
    status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Ended {
    pub(crate) fn code(&self) -> i32 {
        let signal = self.status.signal();
        self.status.code().unwrap_or_else(|| panic!("signal {signal:?}: {}", self.stderr))
    }

    /// Fails the test, with all that the program said, unless it exited with `code`.
    #[track_caller]
    pub(crate) fn exited(self, code: i32) -> Self {
        let Self { stdout, stderr, .. } = &self;
        assert_eq!(self.code(), code, "\nstdout:\n{stdout}\nstderr:\n{stderr}");
        self
    }

    /// Its standard output, which is JSON and nothing else.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let json = serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error}\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr)
        });
        schemas::REPORT.holds_of(&json);
        json
    }
}

/// Runs something until `is_seen` holds of what comes of it, at most so many times: races are not
/// made to order.
#[track_caller]
pub(crate) fn until_seen<T>(
    tries: usize,
    run: impl Fn() -> T,
    is_seen: impl Fn(&T) -> bool,
    what: impl Display,
) -> T {
    let Some(seen) = (0..tries).map(|_| run()).find(is_seen) else {
        panic!("{what}: not seen in {tries} tries")
    };
    seen
}

/// Waits for something that another process or thread does.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
