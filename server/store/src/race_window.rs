//! What the racy modes do between their read and their write.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::sync;

/// How a racy mode widens its race: `none`, `yield`, `spin:N` or a duration such as `20us`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RaceWindow {
    /// Nothing: what comes before and after follow each other.
    None,
    /// Offers the processor to another thread.
    Yield,
    /// Turns a busy loop this many times.
    Spin(u32),
    /// Waits at least this long.
    Wait(Duration),
}

impl RaceWindow {
    /// Lets the window pass on the calling thread.
    pub(crate) fn pass(self) {
        match self {
            Self::None => {}
            Self::Yield => sync::thread::yield_now(),
            Self::Spin(turns) => (0..turns).for_each(|_| sync::spin_loop()),
            Self::Wait(duration) => sync::wait(duration),
        }
    }
}

impl fmt::Display for RaceWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Yield => f.write_str("yield"),
            Self::Spin(turns) => write!(f, "spin:{turns}"),
            // `Duration`'s own form writes `µs`, which few keyboards offer and `FromStr` does not take.
            Self::Wait(duration) => f.write_str(&format!("{duration:?}").replace('µ', "u")),
        }
    }
}

/// The text is none of the forms a race window has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseRaceWindowError(String);

impl fmt::Display for ParseRaceWindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a race window: expected none, yield, spin:N or a duration up to 1m \
             (such as 20us, 5ms or 1s)",
            self.0
        )
    }
}

impl std::error::Error for ParseRaceWindowError {}

/// A window blocks a thread; beyond this it is a hang, not a race.
const LONGEST: Duration = Duration::from_mins(1);

impl FromStr for RaceWindow {
    type Err = ParseRaceWindowError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let window = match text {
            "none" => Some(Self::None),
            "yield" => Some(Self::Yield),
            _ => match text.strip_prefix("spin:") {
                Some(turns) => turns.parse().ok().map(Self::Spin),
                None => duration(text).filter(|d| *d <= LONGEST).map(Self::Wait),
            },
        };
        window.ok_or_else(|| ParseRaceWindowError(text.to_owned()))
    }
}

/// A decimal number and a unit: `ns`, `us`, `ms`, `s` or `m`.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "ns" => 1e-9,
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written_the_same() {
        for text in
            ["none", "yield", "spin:0", "spin:4000", "250ns", "1us", "1.5ms", "5ms", "1s", "60s"]
        {
            let window: RaceWindow = text.parse().unwrap();
            assert_eq!(window.to_string(), text);
        }
        assert_eq!("1m".parse(), Ok(RaceWindow::Wait(Duration::from_mins(1))));
    }

    #[test]
    fn anything_else_is_refused_with_what_was_expected() {
        for text in [
            "",
            "None",
            "spin",
            "spin:",
            "spin:-1",
            "spin:4294967296",
            "5",
            "us",
            "1.2.3s",
            "2m",
            "1h",
            "-1s",
        ] {
            let error = text.parse::<RaceWindow>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")) && error.contains("spin:N"), "{error}");
        }
    }
}
