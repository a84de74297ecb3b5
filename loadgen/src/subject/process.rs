//! A server as a child process: started, watched, and ended.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use server::locks::Fact;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{sleep, timeout};
use url::Url;

use super::fate::{Fate, HowEnded};
use super::findings::{Moment, Sighting};
use super::locks::{Answer, catches_sigusr1};
use super::output::{Output, read_output};
use super::{SubjectError, accepts, descendants};
use crate::plan::{Launch, ShellHint};
use crate::wire::Address;

/// A server, with the supervisor that ends it when this process does.
///
/// Between us and the server stands [`supervise`](super::supervise). In a process group of its
/// own, the server is spared the Ctrl-C that is for us.
pub(crate) struct ServerProcess {
    supervisor: Child,
    /// Held open for as long as the server is to run.
    lifeline: Option<ChildStdin>,
    /// What the supervisor says of the server.
    news: Lines<BufReader<ChildStdout>>,
    pid: u32,
    command: String,
    grace: Duration,
    state: State,
    output: Arc<Mutex<Output>>,
    reader: JoinHandle<()>,
    /// How many processes outlived it and were ended.
    left_behind: usize,
    /// Where the command line looks as if a shell were to run it.
    shell_hint: Option<ShellHint>,
    /// What was a child of this process before.
    others: BTreeSet<Pid>,
    /// The pipe that `reader` reads.
    pipe: OwnedFd,
}

/// Whether a server runs, as far as its supervisor has said.
enum State {
    Running,
    /// It ended by itself.
    Died(HowEnded),
}

/// How a server is told to end.
pub(crate) struct Stop {
    /// Whether it has to save what it acknowledged, and has its grace for it.
    pub(crate) saves: bool,
    /// Whether anything was amiss: it may be dying.
    pub(crate) amiss: bool,
    /// How long one that hangs is waited for, where that is less than its grace.
    pub(crate) patience: Option<Duration>,
}

/// How a server ended, and what it said.
#[derive(Debug, Clone)]
pub(crate) struct ServerEnd {
    /// The command line it was started with.
    pub(crate) command: String,
    pub(crate) pid: u32,
    pub(crate) fate: Fate,
    /// How many processes outlived it and were ended.
    pub(crate) left_behind: usize,
    /// What it said that may be a finding.
    pub(crate) seen: Vec<Sighting>,
    /// The last of its output; `None` where all of it went to a file.
    pub(crate) output: Option<String>,
}

/// How long a supervisor may take to do what it always does at once.
const SUPERVISOR_LIMIT: Duration = Duration::from_secs(2);
/// How long a server that has closed its connections may take to be seen to be dead.
const DYING: Duration = Duration::from_secs(1);
/// How long the reading of what a server writes without end may take.
const CATCHING_UP: Duration = Duration::from_millis(200);
/// How long a server may take to say who holds which lock.
const TELLING: Duration = Duration::from_secs(1);
/// How the last resort ends a process.
const KILL: i32 = Signal::SIGKILL as i32;

impl ServerProcess {
    /// Starts the server. It may not listen yet.
    pub(crate) async fn start(
        launch: &Launch,
    ) -> Result<(Self, oneshot::Receiver<Url>), SubjectError> {
        let command = shown(launch);
        let not_started = |mut reason: String| {
            if let Some(hint) = &launch.shell_hint {
                reason = format!("{reason}\n  {}", hint.text);
            }
            SubjectError::NotStarted { command: command.clone(), reason }
        };
        let others = descendants::children();
        // Should the supervisor be killed, what it started is ours to end.
        descendants::adopt().map_err(|error| not_started(error.to_string()))?;
        let mut supervisor = Command::new(&launch.program)
            .arg("supervise")
            .arg(format!("--grace-ms={}", launch.grace.as_millis()))
            .arg("--")
            .args(&launch.command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| not_started(error.to_string()))?;
        let mut news = BufReader::new(supervisor.stdout.take().expect("stdout is piped")).lines();
        let stderr = supervisor.stderr.take().expect("stderr is piped");
        let pipe = stderr.as_fd().try_clone_to_owned();
        let pipe = pipe.map_err(|error| not_started(error.to_string()))?;
        let first = news.next_line().await.ok().flatten().unwrap_or_default();
        let pid = match first.split_once(' ') {
            Some(("started", pid)) => pid.parse().unwrap_or_default(),
            Some((_, reason)) => return Err(not_started(reason.to_owned())),
            None => return Err(not_started("its supervisor ended".to_owned())),
        };
        if let Some(log) = &launch.log {
            log.begin();
        }
        let output = Arc::new(Mutex::new(Output::new(launch.log.clone(), launch.echo)));
        let (address, listening) = oneshot::channel();
        let reader = tokio::spawn(read_output(stderr, Arc::clone(&output), address));
        let lifeline = supervisor.stdin.take();
        let grace = launch.grace;
        let state = State::Running;
        let server = Self {
            supervisor,
            lifeline,
            news,
            pid,
            command,
            grace,
            state,
            output,
            reader,
            left_behind: 0,
            shell_hint: launch.shell_hint.clone(),
            others,
            pipe,
        };
        Ok((server, listening))
    }

    /// Waits until the server takes a connection at one of `addresses`.
    pub(crate) async fn accepting(
        &mut self,
        addresses: &[Address],
        limit: Duration,
    ) -> Result<(), SubjectError> {
        let accepting = async {
            const PAUSE: Duration = Duration::from_millis(20);
            while accepts(addresses).await.is_none() {
                sleep(PAUSE).await;
            }
        };
        tokio::select! {
            accepted = timeout(limit, accepting) => {
                accepted.map_err(|_| self.not_listening(limit))
            }
            ended = self.ended() => Err(self.ended_early(ended).await),
        }
    }

    /// Waits until the server says where it listens.
    pub(crate) async fn says_where(
        &mut self,
        listening: oneshot::Receiver<Url>,
        limit: Duration,
    ) -> Result<Url, SubjectError> {
        tokio::select! {
            url = timeout(limit, listening) => {
                url.ok().and_then(Result::ok).ok_or_else(|| self.not_listening(limit))
            }
            ended = self.ended() => Err(self.ended_early(ended).await),
        }
    }

    /// Waits until the server ends by itself.
    pub(crate) async fn ended(&mut self) -> HowEnded {
        loop {
            if let State::Died(ended) = self.state {
                return ended;
            }
            match self.news.next_line().await {
                Ok(Some(line)) => self.learn(&line),
                // A supervisor that was killed has nothing more to say.
                Ok(None) | Err(_) => std::future::pending().await,
            }
        }
    }

    /// What the server has said until now that may be a finding, if that is more than when it had the
    /// `known` number of lines.
    pub(crate) fn said_since(&self, known: &mut u64) -> Option<Vec<Sighting>> {
        self.output().findings.since(known)
    }

    /// What the server says of its locks; `None` unless it has announced that it does, and does.
    pub(crate) async fn locks(&self) -> Option<Vec<Fact>> {
        let announced = self.output().tells_locks;
        if !announced
            || matches!(self.state, State::Died(_))
            || catches_sigusr1(self.pid) == Some(false)
        {
            return None;
        }
        let (answer, end) = Answer::awaited();
        self.output().locks = Some(answer);
        // It fails for a process that has ended, which says nothing then.
        let _ = kill(self.process(), Signal::SIGUSR1);
        // Of an answer that has no end, what came in time is taken.
        let _ = timeout(TELLING, end).await;
        self.output().locks.take()?.told()
    }

    /// The server, and the group that it is the first of.
    fn process(&self) -> Pid {
        Pid::from_raw(self.pid.cast_signed())
    }

    /// Takes what the supervisor says before it is told to end the server.
    fn learn(&mut self, news: &str) {
        if let Some(ended) = HowEnded::parse(news) {
            self.state = State::Died(ended);
        } else if let Some(("left", count)) = news.split_once(' ') {
            self.left_behind = count.parse().unwrap_or_default();
        }
    }

    /// Ends the server, if it has not ended by itself, and says how it was.
    ///
    /// Where something was amiss, it is given a moment first: a process that dies closes its
    /// connections before it can be seen to be dead.
    pub(crate) async fn stop(mut self, stop: Stop) -> ServerEnd {
        let Stop { saves, amiss, patience } = stop;
        if amiss {
            let _ = timeout(DYING, self.ended()).await;
        }
        // What it has said until now was not said because it is told to end.
        let _ = timeout(CATCHING_UP, self.caught_up()).await;
        self.output().findings.at(if saves { Moment::Saving } else { Moment::Ending });
        self.lifeline = None;
        if let State::Running = self.state {
            // The next word is `stopping`, unless the server has died without our having seen it.
            let news = timeout(SUPERVISOR_LIMIT, self.news.next_line()).await;
            if let Ok(Ok(Some(news))) = news {
                self.learn(&news);
            }
        }
        if let Some(patience) = patience.filter(|patience| *patience < self.grace)
            && timeout(patience, self.supervisor.wait()).await.is_err()
        {
            // As long as its supervisor waits for it, the group is the server's.
            let _ = killpg(self.process(), Signal::SIGKILL);
        }
        if timeout(self.grace + SUPERVISOR_LIMIT, self.supervisor.wait()).await.is_err() {
            // It cannot fail for a child that has not been waited for.
            let _ = self.supervisor.kill().await;
        }
        let told = self.last_word().await;
        let fate = match (&self.state, told) {
            (State::Died(ended), _) => Fate::Died(*ended),
            (State::Running, Some(HowEnded::Signal(KILL))) => Fate::Killed,
            (State::Running, Some(_)) => Fate::Ran,
            (State::Running, None) => {
                self.end_orphans().await;
                Fate::Ran
            }
        };
        // The output ends with those who write it; a daemon that was left behind may not end.
        let _ = timeout(SUPERVISOR_LIMIT, &mut self.reader).await;
        self.end(fate)
    }

    fn end(&self, fate: Fate) -> ServerEnd {
        let mut output = self.output();
        if let Fate::Died(_) = fate {
            output.findings.was_never_told();
        }
        ServerEnd {
            fate,
            pid: self.pid,
            left_behind: self.left_behind,
            seen: output.findings.take(),
            output: output.tail(),
            command: self.command.clone(),
        }
    }

    /// Waits until everything that the server has written is read.
    async fn caught_up(&self) {
        const PAUSE: Duration = Duration::from_millis(1);
        let is_unread = || {
            let mut pipe = [PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN)];
            // An error or an end means the same as nothing.
            let polled = poll(&mut pipe, PollTimeout::ZERO);
            let events = pipe[0].revents().filter(|_| polled.is_ok());
            events.is_some_and(|events| events.contains(PollFlags::POLLIN))
        };
        while is_unread() {
            sleep(PAUSE).await;
        }
    }

    /// How the server ended, as a supervisor that has ended itself says last; `None` where it says
    /// nothing more.
    async fn last_word(&mut self) -> Option<HowEnded> {
        let (mut ended, mut left_behind) = (None, self.left_behind);
        let news = async {
            while let Ok(Some(line)) = self.news.next_line().await {
                ended = HowEnded::parse(&line).or(ended);
                if let Some(("left", count)) = line.split_once(' ') {
                    left_behind = count.parse().unwrap_or_default();
                }
            }
        };
        let _ = timeout(SUPERVISOR_LIMIT, news).await;
        self.left_behind = left_behind;
        ended
    }

    /// Ends the server and what it started, where its supervisor was killed and did not.
    async fn end_orphans(&mut self) {
        let (others, deadline) = (self.others.clone(), Instant::now() + self.grace);
        let left = move || &descendants::children() - &others;
        let ended = spawn_blocking(move || descendants::end(deadline, left, |_| false));
        let ended = ended.await.unwrap_or_default();
        self.left_behind += ended.iter().filter(|pid| **pid != self.process()).count();
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn not_listening(&self, limit: Duration) -> SubjectError {
        SubjectError::NotListening {
            command: self.command.clone(),
            limit,
            output: self.last_words(),
        }
    }

    async fn ended_early(&mut self, ended: HowEnded) -> SubjectError {
        let _ = timeout(SUPERVISOR_LIMIT, &mut self.reader).await;
        let (command, output) = (self.command.clone(), self.last_words());
        let mut ended = ended.to_string();
        if let Some(left) = left_behind(self.left_behind) {
            ended = format!("{ended}\n  {left}; a server under test has to stay in the foreground");
        }
        SubjectError::Ended { command, ended, output }
    }

    /// The last lines of the output, to be shown with an error.
    fn last_words(&self) -> String {
        const LINES: usize = 10;
        let tail = self.output().tail().unwrap_or_default();
        let lines: Vec<_> = tail.lines().collect();
        let last = &lines[lines.len().saturating_sub(LINES)..];
        let hint = self.shell_hint.as_ref().filter(|hint| hint.is_certain);
        let lines = last.iter().copied().chain(hint.map(|hint| hint.text.as_str()));
        lines.flat_map(|line| ["\n  ", line]).collect()
    }
}

impl ServerEnd {
    /// Adds what the server said after it was started again.
    pub(crate) fn go_on(&mut self, next: Self) {
        self.seen.extend(next.seen);
        self.left_behind += next.left_behind;
        self.output = self.output.take().zip(next.output).map(|(output, next)| output + &next);
    }
}

/// What to say of `count` processes that outlived a server; `None` of none.
pub(crate) fn left_behind(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 process of the server outlived it and was ended".to_owned()),
        _ => Some(format!("{count} processes of the server outlived it and were ended")),
    }
}

/// The command line as its user would write it: this program by its name alone.
fn shown(launch: &Launch) -> String {
    let name = |word: &OsString| match launch.program.file_name() {
        Some(name) if word == launch.program.as_os_str() => name.to_string_lossy().into_owned(),
        _ => word.to_string_lossy().into_owned(),
    };
    shell_words::join(launch.command.iter().map(name))
}
