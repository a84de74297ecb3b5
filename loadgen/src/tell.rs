//! Lines for whoever watches: standard output is for results alone.

use std::collections::VecDeque;
use std::fmt;
use std::io::{Write as _, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::escape;

/// Writes a line to standard error; that nobody can read it is no reason to end a run.
pub fn tell(line: impl fmt::Display) {
    write(&escape::line(&line.to_string()));
}

/// Writes several lines to standard error.
pub fn tell_lines(lines: impl fmt::Display) {
    write(&escape::lines(&lines.to_string()));
}

/// What is kept back while something else has the terminal; `None` while nothing has.
static HELD: Mutex<Option<Held>> = Mutex::new(None);

/// Lines that are kept back.
#[derive(Debug, Default)]
struct Held {
    lines: VecDeque<String>,
    /// How many came before those.
    forgotten: u64,
}

/// How many lines are kept back; of more, the last ones.
const MOST_HELD: usize = 1000;

/// Keeps back what is told from now on, until it is [released](release).
pub(crate) fn hold() {
    held().get_or_insert_default();
}

/// Writes what was kept back, and keeps nothing back any more.
pub(crate) fn release() {
    let mut held = held();
    let Some(Held { lines, forgotten }) = held.take() else { return };
    if forgotten > 0 {
        let _ = writeln!(stderr(), "loadgen: {forgotten} lines before these are left out");
    }
    for line in lines {
        let _ = writeln!(stderr(), "{line}");
    }
}

/// The last lines that are kept back, at most so many, as they were told.
pub(crate) fn last_held(count: usize) -> Vec<String> {
    let held = held();
    let lines = held.iter().flat_map(|held| &held.lines);
    let skipped = held.as_ref().map_or(0, |held| held.lines.len().saturating_sub(count));
    lines.skip(skipped).cloned().collect()
}

fn write(text: &str) {
    match &mut *held() {
        Some(held) => held.take(text),
        None => drop(writeln!(stderr(), "{text}")),
    }
}

fn held() -> MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Held {
    fn take(&mut self, text: &str) {
        self.lines.extend(text.lines().map(str::to_owned));
        let surplus = self.lines.len().saturating_sub(MOST_HELD);
        self.lines.drain(..surplus);
        self.forgotten += surplus as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_lines_the_last_are_kept_back() {
        let mut held = Held::default();
        held.take("a\nb");
        held.take("c");
        assert_eq!(held.lines, ["a", "b", "c"]);
        (0..MOST_HELD).for_each(|number| held.take(&number.to_string()));
        assert_eq!((held.lines.len(), held.forgotten), (MOST_HELD, 3));
        assert_eq!(held.lines.front().unwrap(), "0");
    }
}
