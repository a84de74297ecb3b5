//! Processes that a server leaves behind.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// How often processes that are ending are looked at.
pub(super) const POLL: Duration = Duration::from_millis(10);
/// How long a process may take to end that was killed.
const DYING: Duration = Duration::from_secs(2);

/// Has this process become the parent of every descendant whose own parent ends: a daemon, too, is
/// then one of its children.
pub(super) fn adopt() -> io::Result<()> {
    Ok(nix::sys::prctl::set_child_subreaper(true)?)
}

/// The children of this process, those that it adopted among them, and those that have ended and
/// were not waited for.
pub(super) fn children() -> BTreeSet<Pid> {
    let own = std::process::id().cast_signed();
    let Ok(processes) = fs::read_dir("/proc") else { return BTreeSet::new() };
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // One that ends meanwhile has no file any more.
    let parent_of = |pid: &i32| parent(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?);
    pids.filter(|pid| parent_of(pid) == Some(own)).map(Pid::from_raw).collect()
}

/// The parent, as `/proc/PID/stat` says: `PID (NAME) STATE PARENT …`, where the name may be anything.
fn parent(stat: &str) -> Option<i32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Ends the processes that `left` names, until it names none: with SIGTERM, unless `was_told`, and
/// with SIGKILL from `deadline` on. They are children of this process. Returns those that it ended.
pub(super) fn end(
    deadline: Instant,
    left: impl Fn() -> BTreeSet<Pid>,
    was_told: impl Fn(Pid) -> bool,
) -> BTreeSet<Pid> {
    let mut ended = BTreeSet::new();
    loop {
        let mut running = left();
        running.retain(|pid| is_running(*pid));
        let now = Instant::now();
        if running.is_empty() || now > deadline + DYING {
            return ended;
        }
        for pid in running {
            // Both fail only for a process that is not ours to signal.
            if now >= deadline {
                ended.insert(pid);
                let _ = kill(pid, Signal::SIGKILL);
            } else if !was_told(pid) && ended.insert(pid) {
                let _ = kill(pid, Signal::SIGTERM);
            }
        }
        thread::sleep(POLL);
    }
}

/// Whether a child of this process runs. One that has ended is waited for, and is no child then.
fn is_running(pid: Pid) -> bool {
    matches!(waitpid(pid, Some(WaitPidFlag::WNOHANG)), Ok(WaitStatus::StillAlive))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_anything() {
        assert_eq!(parent("17 (a) b) (c) S 4711 17 17 0 -1"), Some(4711));
        assert_eq!(parent("17 (a"), None);
    }

    #[test]
    fn a_child_is_found_and_ended() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let pid = Pid::from_raw(child.id().cast_signed());
        assert!(children().contains(&pid));
        let left = || children().into_iter().filter(|child| *child == pid).collect();
        assert_eq!(end(Instant::now(), left, |_| false), BTreeSet::from([pid]));
        assert!(!children().contains(&pid));
        assert!(child.wait().is_err(), "it was waited for");
    }
}
