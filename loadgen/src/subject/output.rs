//! What a server under test writes: searched for findings, and kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use server::locks::ANNOUNCEMENT;
use tokio::io::AsyncReadExt as _;
use tokio::process::ChildStderr;
use tokio::sync::oneshot;
use url::Url;

use super::findings::Findings;
use super::locks::Answer;
use crate::destination::Log;
use crate::tell::tell;

/// What a server writes.
pub(super) struct Output {
    pub(super) findings: Findings,
    /// Whether the server says who holds which lock when it is asked.
    pub(super) tells_locks: bool,
    /// What it has said of them; `None` as long as it is not asked.
    pub(super) locks: Option<Answer>,
    kept: Kept,
    echo: bool,
}

enum Kept {
    Log(Arc<Log>),
    Tail(VecDeque<u8>),
}

/// How much of the output is kept where it does not go to a file.
const TAIL_BYTES: usize = 64 * 1024;
/// A longer line is searched for findings up to here.
const MAX_LINE_BYTES: usize = 8 * 1024;

impl Output {
    pub(super) fn new(log: Option<Arc<Log>>, echo: bool) -> Self {
        let kept = log.map_or_else(|| Kept::Tail(VecDeque::new()), Kept::Log);
        Self { findings: Findings::default(), tells_locks: false, locks: None, kept, echo }
    }

    fn keep(&mut self, bytes: &[u8]) {
        match &mut self.kept {
            Kept::Log(log) => log.write(bytes),
            Kept::Tail(tail) => {
                tail.extend(bytes);
                let surplus = tail.len().saturating_sub(TAIL_BYTES);
                tail.drain(..surplus);
            }
        }
    }

    fn line(&mut self, line: &str) {
        if line.contains(ANNOUNCEMENT) {
            self.tells_locks = true;
            return;
        }
        if self.locks.as_mut().is_some_and(|answer| answer.takes(line)) {
            return;
        }
        self.findings.read(line);
        if self.echo {
            tell(format_args!("server: {line}"));
        }
    }

    /// The last of it; `None` where all of it went to a file.
    pub(super) fn tail(&self) -> Option<String> {
        match &self.kept {
            Kept::Log(_) => None,
            Kept::Tail(tail) => {
                let (front, back) = tail.as_slices();
                Some(String::from_utf8_lossy(&[front, back].concat()).into_owned())
            }
        }
    }
}

/// Reads everything the server writes; the first address it says it listens on goes to `address`.
pub(super) async fn read_output(
    mut stderr: ChildStderr,
    output: Arc<Mutex<Output>>,
    address: oneshot::Sender<Url>,
) {
    let mut address = Some(address);
    let mut buffer = vec![0; MAX_LINE_BYTES];
    let mut line: Vec<u8> = Vec::new();
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        output.keep(&buffer[..count]);
        for part in buffer[..count].split_inclusive(|byte| *byte == b'\n') {
            let room = MAX_LINE_BYTES - line.len();
            line.extend_from_slice(&part[..part.len().min(room)]);
            if !part.ends_with(b"\n") {
                continue;
            }
            let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
            line.clear();
            match text.strip_prefix("listening on ").and_then(|url| url.parse().ok()) {
                Some(url) if address.is_some() => {
                    // Whoever started it may have given up.
                    let _ = address.take().map(|address| address.send(url));
                }
                _ => output.line(&text),
            }
        }
    }
    // A process that is cut off may not have ended its last line.
    if !line.is_empty() {
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        output.line(&String::from_utf8_lossy(line.trim_ascii_end()));
    }
}
