//! Numbers and times, in as few characters as they take.

use std::time::Duration;

use indicatif::HumanCount;

/// A number of things: `12,345`.
pub(super) fn count(count: u64) -> String {
    HumanCount(count).to_string()
}

/// A time in three digits: `850 µs`, `1.23 ms`, `12.3 s`.
pub(super) fn time(us: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let (value, unit) = match us {
        0..1000 => return format!("{us} µs"),
        1000..1_000_000 => (us as f64 / 1e3, "ms"),
        _ => (us as f64 / 1e6, "s"),
    };
    let decimals = match value {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

/// From one round time to another: `1.5–2 ms`.
pub(super) fn range(from_us: u64, to_us: u64) -> String {
    let (from, from_unit) = round(from_us);
    let (to, to_unit) = round(to_us);
    match from_us {
        0 => format!("< {to} {to_unit}"),
        _ if from_unit == to_unit => format!("{from}–{to} {to_unit}"),
        _ => format!("{from} {from_unit}–{to} {to_unit}"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "round times have two digits")]
fn round(us: u64) -> (f64, &'static str) {
    match us {
        0..1000 => (us as f64, "µs"),
        1000..1_000_000 => (us as f64 / 1e3, "ms"),
        _ => (us as f64 / 1e6, "s"),
    }
}

/// A time as a clock shows it: `0:07`, `1:02:03`.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// A share of a whole: `12%`, and `<1%` of one that is not nothing.
pub(super) fn percent(part: u64, whole: u64) -> String {
    match part.saturating_mul(100).checked_div(whole).unwrap_or(0) {
        0 if part > 0 => "<1%".to_owned(),
        percent => format!("{percent}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_enough() {
        for (us, shown) in [
            (0, "0 µs"),
            (999, "999 µs"),
            (1000, "1.00 ms"),
            (9994, "9.99 ms"),
            (9999, "10.0 ms"),
            (99_960, "100 ms"),
            (123_456, "123 ms"),
            (1_234_567, "1.23 s"),
            (61_000_000, "61.0 s"),
        ] {
            assert_eq!(time(us), shown);
        }
        assert_eq!(range(0, 10), "< 10 µs");
        assert_eq!(range(150, 200), "150–200 µs");
        assert_eq!(range(700, 1000), "700 µs–1 ms");
        assert_eq!(range(1500, 2000), "1.5–2 ms");
        let clocks = [7, 61, 3723].map(|seconds| clock(Duration::from_secs(seconds)));
        assert_eq!(clocks, ["0:07", "1:01", "1:02:03"]);
        let shares = [(0, 0), (0, 5), (1, 1000), (1, 100), (5, 5)];
        let shares = shares.map(|(part, whole)| percent(part, whole));
        assert_eq!(shares, ["0%", "0%", "<1%", "1%", "100%"]);
    }
}
