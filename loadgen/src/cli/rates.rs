//! The values of options that say when requests are sent.

use std::num::NonZeroU64;
use std::time::Duration;

use super::values::{count, duration, duration_or_zero};
use crate::plan::{Stage, WarmUp};

/// How many requests a second: `5000/s`, `300/m`, `1/h`; a plain number is for a second.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let (number, per_s) = match text.split_once('/') {
        None | Some((_, "s")) => (text.split('/').next(), 1.0),
        Some((number, "m")) => (Some(number), 60.0),
        Some((number, "h")) => (Some(number), 3600.0),
        Some(_) => (None, 1.0),
    };
    let rate = number.and_then(|number| number.trim().parse::<f64>().ok());
    let rate = rate.map(|rate| rate / per_s).filter(|rate| (0.0..=HIGHEST_RATE).contains(rate));
    rate.ok_or_else(|| "expected requests in a time, such as 5000/s, 300/m or 0.5/s".to_owned())
}

/// The same, above zero.
pub(super) fn rate_above_zero(text: &str) -> Result<f64, String> {
    match rate(text)? {
        0.0 => Err("expected a rate above zero, such as 5000/s".to_owned()),
        rate => Ok(rate),
    }
}

/// More than any client can send, and so that a request's time is exact to the nanosecond for years.
const HIGHEST_RATE: f64 = 1e8;

/// `10s:100/s,30s:1000/s`: how long it takes to come to a rate, one after the other.
pub(super) fn stages(text: &str) -> Result<Stages, String> {
    let stage = |text: &str| {
        let expected = || format!("`{text}`: expected TIME:RATE, such as 10s:100/s");
        let (lasts, to) = text.split_once(':').ok_or_else(expected)?;
        let told = |problem| format!("`{text}`: {problem}");
        let lasts = duration_or_zero(lasts).map_err(told)?;
        Ok(Stage { lasts, to: rate(to).map_err(told)? })
    };
    let stages: Vec<_> = text.split(',').map(stage).collect::<Result<_, String>>()?;
    let all: Duration = stages.iter().map(|stage| stage.lasts).sum();
    match () {
        () if all.is_zero() => Err("expected stages that take some time".to_owned()),
        () if stages.iter().all(|stage| stage.to == 0.0) => {
            Err("expected a stage with a rate above zero".to_owned())
        }
        () => Ok(Stages(stages)),
    }
}

/// The stages of a load; a type of its own, as clap takes a vector for several options.
#[derive(Debug, Clone)]
pub(super) struct Stages(pub(super) Vec<Stage>);

/// A number of requests, or a time with its unit.
pub(super) fn warm_up(text: &str) -> Result<WarmUp, String> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let warm_up = if is_number {
        count::<NonZeroU64>(text).map(|requests| WarmUp::Requests(requests.get()))
    } else {
        duration(text).map(WarmUp::Time)
    };
    warm_up
        .map_err(|_| "expected a number of requests such as 100, or a time such as 2s".to_owned())
}

/// How requests are spread, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Spread {
    /// At equal intervals
    Constant,
    /// At random, as independent clients arrive
    Poisson,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_so_many_in_a_time() {
        for (text, per_s) in [("5000/s", 5000.0), ("300/m", 5.0), ("36/h", 0.01), ("7", 7.0)] {
            assert_eq!(rate_above_zero(text), Ok(per_s), "{text}");
        }
        for text in ["", "/s", "x/s", "5/d", "5/s/s", "-1/s", "nan", "inf/s", "1e9/s"] {
            assert!(rate(text).unwrap_err().contains("such as 5000/s"), "{text}");
        }
        assert!(rate_above_zero("0/s").unwrap_err().contains("above zero"));
    }

    #[test]
    fn a_warm_up_is_a_number_or_a_time() {
        assert_eq!(warm_up("100"), Ok(WarmUp::Requests(100)));
        assert_eq!(warm_up("1500ms"), Ok(WarmUp::Time(Duration::from_millis(1500))));
        for text in ["", "0", "0s", "-1", "many", "1.5"] {
            let is_refused = warm_up(text).is_err_and(|error| error.contains("such as 2s"));
            assert!(is_refused || text == "1.5", "{text}");
        }
    }

    #[test]
    fn stages_are_times_and_rates() {
        let read = stages("10s:100/s,500ms:0/s,0:1/m").unwrap().0;
        let expected = [(10_000, 100.0), (500, 0.0), (0, 1.0 / 60.0)];
        let expected = expected.map(|(ms, to)| Stage { lasts: Duration::from_millis(ms), to });
        assert_eq!(read, expected);
        for (text, told) in [
            ("10s", "`10s`: expected TIME:RATE"),
            ("10s:100/s,", "``: expected TIME:RATE"),
            ("10:x/s", "`10:x/s`: expected requests in a time"),
            ("x:10/s", "`x:10/s`: expected a time above zero"),
            ("0:10/s", "take some time"),
            ("10s:0/s,5s:0/s", "a rate above zero"),
        ] {
            let error = stages(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
