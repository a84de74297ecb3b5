//! What a server says of its locks when it is asked: who holds which, and who waits.

use std::fs;

/// A line of output that has this in it says that the server answers SIGUSR1. Any other process
/// would be ended by that signal.
pub(super) const ANNOUNCEMENT: &str = "SIGUSR1 tells who holds which lock";

/// Of more lines than this, those about who waits have said enough.
pub(super) const MAX_LINES: usize = 1000;

/// Whether a line of output is about a lock.
pub(super) fn is_about_a_lock(line: &str) -> bool {
    line.starts_with("lock `") || line == "no named lock is held"
}

/// Whether a line about a lock says who holds it.
pub(crate) fn names_a_holder(line: &str) -> bool {
    line.contains(": held by ")
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

    #[test]
    fn only_lines_about_locks_are_taken() {
        for line in [
            "lock `jobs`: held by thread 7 in add, for 2.1 s",
            "lock `jobs`: thread 9 in list waits, for 2.0 s",
            "no named lock is held",
        ] {
            assert!(is_about_a_lock(line), "{line}");
        }
        for line in ["", "GET /lock `jobs`", "no named lock is held by me", ANNOUNCEMENT] {
            assert!(!is_about_a_lock(line), "{line}");
        }
    }

    #[test]
    fn a_handler_is_a_bit_of_the_mask() {
        let status = |mask: &str| format!("Name:\tserver\nSigIgn:\t0000000000000200\n{mask}");
        assert_eq!(caught(&status("SigCgt:\t0000000000000200\n")), Some(true));
        assert_eq!(caught(&status("SigCgt:\t00000001800044fb\n")), Some(false));
        assert_eq!(caught(&status("")), None);
    }
}
