//! The times of a witness, counted from when its first operation began.

use check::Operation;
use check::history::NEVER;

/// The unit and the precision that a table's times are shown in.
#[derive(Debug)]
pub(super) struct Clock {
    /// When the first operation began, on the history's clock.
    pub(super) origin_ns: u64,
    unit: &'static str,
    /// Digits of a nanosecond count that stand behind the point in this unit.
    digits: usize,
    /// How many of these are shown.
    decimals: usize,
}

/// Units, with the digits of a nanosecond count that stand behind their points.
const UNITS: [(&str, usize); 4] = [("s", 9), ("ms", 6), ("µs", 3), ("ns", 0)];

impl Clock {
    /// The largest unit that the time from first to last fills, with three decimals, or as many
    /// more as it takes to tell times apart.
    pub(super) fn of<'h>(operations: impl Iterator<Item = &'h Operation>) -> Self {
        let mut times: Vec<_> = operations
            .flat_map(|operation| [operation.call_ns, operation.completion_ns()])
            .collect();
        times.retain(|time_ns| *time_ns != NEVER);
        times.sort_unstable();
        times.dedup();
        let (first, last) = (times.first().copied(), times.last().copied());
        let span_ns = last.unwrap_or(0) - first.unwrap_or(0);
        let fills = |digits: usize| span_ns >= 10_u64.pow(u32::try_from(digits).unwrap_or(0));
        let (unit, digits) =
            UNITS.into_iter().find(|(_, digits)| fills(*digits)).unwrap_or(("ns", 0));
        let mut clock =
            Self { origin_ns: first.unwrap_or(0), unit, digits, decimals: digits.min(3) };
        while clock.decimals < digits
            && times.windows(2).any(|pair| clock.number(pair[0]) == clock.number(pair[1]))
        {
            clock.decimals += 1;
        }
        clock
    }

    /// A time without its unit, cut off behind the last decimal.
    fn number(&self, time_ns: u64) -> String {
        let elapsed_ns = time_ns.saturating_sub(self.origin_ns);
        if elapsed_ns == 0 {
            return "0".to_owned();
        }
        let text = format!("{elapsed_ns:0>width$}", width = self.digits + 1);
        let (whole, fraction) = text.split_at(text.len() - self.digits);
        let fraction = &fraction[..self.decimals];
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    }

    /// A time, as in `0.310 ms`.
    pub(super) fn time(&self, time_ns: u64) -> String {
        format!("{} {}", self.number(time_ns), self.unit)
    }

    /// When an operation began and was certainly over, as in `[0 .. 1.204 ms]`.
    pub(super) fn interval(&self, operation: &Operation) -> String {
        let end = match operation.completion_ns() {
            NEVER => "?".to_owned(),
            completion_ns => self.number(completion_ns),
        };
        format!("[{} .. {end} {}]", self.number(operation.call_ns), self.unit)
    }
}
