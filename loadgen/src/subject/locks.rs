//! What a server says of its locks when it is asked: who holds which, and who waits.

use std::fs;

use server::locks::{Fact, Line, Role};
use tokio::sync::oneshot;

/// Of more parties than this that hold a lock, or wait for one, the first have said enough.
const MAX_PARTIES: usize = 1000;

/// The answer of a server that was asked, as far as it has come.
pub(super) struct Answer {
    facts: Vec<Fact>,
    holding: usize,
    /// Where its end is told; `None` once it was.
    end: Option<oneshot::Sender<()>>,
}

impl Answer {
    /// An answer of which nothing has come yet, and where its end is told.
    pub(super) fn awaited() -> (Self, oneshot::Receiver<()>) {
        let (end, ended) = oneshot::channel();
        (Self { facts: Vec::new(), holding: 0, end: Some(end) }, ended)
    }

    /// Whether a line of output belongs to the answer, which then has it.
    pub(super) fn takes(&mut self, line: &str) -> bool {
        if self.end.is_none() || !line.starts_with('{') {
            return false;
        }
        match serde_json::from_str(line) {
            Ok(Line::Fact(fact)) => self.add(fact),
            Ok(Line::End { .. }) => {
                // Whoever asked may have given up.
                let _ = self.end.take().map(|end| end.send(()));
            }
            Err(_) => return false,
        }
        true
    }

    /// Those that wait do not keep out those that hold a lock, who are few in any honest answer.
    fn add(&mut self, fact: Fact) {
        let holds = matches!(fact.role, Role::HeldBy(_));
        let known = if holds { self.holding } else { self.facts.len() - self.holding };
        if known < MAX_PARTIES {
            self.holding += usize::from(holds);
            self.facts.push(fact);
        }
    }

    /// What was told; `None` where that is nothing, not even that no lock is held.
    pub(super) fn told(self) -> Option<Vec<Fact>> {
        let is_whole = self.end.is_none();
        (is_whole || !self.facts.is_empty()).then_some(self.facts)
    }
}

/// Whether the process has a handler for SIGUSR1; `None` where the system does not say.
///
/// It is not enough that the output announces one: a shell between us and the server has none.
pub(super) fn catches_sigusr1(pid: u32) -> Option<bool> {
    caught(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

/// What `/proc/PID/status` says of it: signal number n is bit n - 1 of a mask.
fn caught(status: &str) -> Option<bool> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
    let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
    let number = nix::sys::signal::Signal::SIGUSR1 as u32;
    Some(mask >> (number - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told by an answer with these lines in it, and the others.
    fn told(lines: &[&str]) -> (Option<Vec<String>>, Vec<String>) {
        let (mut answer, _) = Answer::awaited();
        let mut others = Vec::new();
        for line in lines {
            if !answer.takes(line) {
                others.push((*line).to_owned());
            }
        }
        let facts = answer.told();
        (facts.map(|facts| facts.iter().map(|fact| fact.lock.clone()).collect()), others)
    }

    const HELD: &str = r#"{"lock":"held","held_by":{"thread":7,"operation":"add","for_ms":2100}}"#;
    const WAITS: &str = r#"{"lock":"waits","waiting":{"thread":9,"operation":"list","for_ms":20}}"#;

    #[test]
    fn an_answer_ends_with_its_last_line() {
        let (mut answer, mut ended) = Answer::awaited();
        assert!(answer.takes(HELD) && ended.try_recv().is_err());
        assert!(answer.takes(r#"{"locks_told":1}"#) && ended.try_recv().is_ok());
        assert!(!answer.takes(HELD), "it is whole");
        assert_eq!(answer.told().map(|facts| facts.len()), Some(1));
    }

    #[test]
    fn none_held_is_an_answer_and_silence_is_none() {
        assert_eq!(told(&[r#"{"locks_told":0}"#]).0, Some(vec![]));
        assert_eq!(told(&[]).0, None);
        assert_eq!(told(&[HELD]).0, Some(vec!["held".to_owned()]), "it was cut short");
    }

    #[test]
    fn other_lines_are_left_to_be_read_as_output() {
        let deep = format!("{}{}", r#"{"lock":"#, "[".repeat(8000));
        let others = ["", "GET /jobs", "null", r#"{"level":"info"}"#, r#"{"lock":"jobs"}"#, &deep];
        let lines = [&others[..3], &[WAITS], &others[3..]].concat();
        assert_eq!(
            told(&lines),
            (Some(vec!["waits".to_owned()]), others.map(str::to_owned).into())
        );
    }

    #[test]
    fn of_very_many_parties_the_first_that_wait_and_that_hold_are_kept() {
        let many = 2 * MAX_PARTIES;
        let lines = [vec![WAITS; many], vec![HELD; many]].concat();
        let facts = told(&lines).0.unwrap();
        assert_eq!(facts.iter().filter(|lock| *lock == "waits").count(), MAX_PARTIES);
        assert_eq!(facts.iter().filter(|lock| *lock == "held").count(), MAX_PARTIES);
    }

    #[test]
    fn a_handler_is_a_bit_of_the_mask() {
        let status = |mask: &str| format!("Name:\tserver\nSigIgn:\t0000000000000200\n{mask}");
        assert_eq!(caught(&status("SigCgt:\t0000000000000200\n")), Some(true));
        assert_eq!(caught(&status("SigCgt:\t00000001800044fb\n")), Some(false));
        assert_eq!(caught(&status("")), None);
    }
}
