//! The signals that ask a process to end.

use std::{fs, future, io};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT, SIGTERM, and SIGHUP, which a terminal sends when it is closed.
#[derive(Debug)]
pub struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
    /// `None` where whoever started this process, `nohup` say, has it ignored.
    hang_up: Option<Signal>,
}

impl Interrupts {
    /// Listens from now on: none of them ends the process any more.
    ///
    /// # Errors
    /// When the system does not let it.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn listen() -> io::Result<Self> {
        let hang_up = if ignores_hang_up() { None } else { Some(signal(SignalKind::hangup())?) };
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())?, hang_up })
    }

    /// Waits until one of them arrives.
    pub async fn next(&mut self) {
        let Self { interrupt, terminate, hang_up } = self;
        let hung_up = async {
            match hang_up {
                Some(hang_up) => drop(hang_up.recv().await),
                None => future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = hung_up => {}
        }
    }
}

/// Whether this process, and so whatever it starts, ignores SIGHUP, as programs do under `nohup`.
#[must_use]
pub fn ignores_hang_up() -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| is_hang_up_ignored(&status))
}

/// Whether SIGHUP, the first signal, is ignored, as `/proc/PID/status` says.
fn is_hang_up_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_signal_is_the_lowest_bit() {
        let status = |mask| format!("Name:\tx\nSigIgn:\t{mask}\nSigCgt:\t0000000000000000\n");
        assert!(is_hang_up_ignored(&status("0000000000001001")));
        assert!(!is_hang_up_ignored(&status("0000000000001000")));
        assert!(!is_hang_up_ignored(""));
    }
}
