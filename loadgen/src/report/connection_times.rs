//! Tables of times, as ab has them.

use super::layout::{Screen, field, lines, wrap};
use super::text::Details;
use super::{Latency, Part, Parts};

/// The widest line of the table of connection times.
const TIMES_WIDTH: usize = 60;

pub(super) fn connection_times(
    parts: &Parts,
    Details { deviations, screen, .. }: Details,
) -> Vec<String> {
    let is_narrow = screen.at_most(TIMES_WIDTH) < TIMES_WIDTH;
    let heading = if deviations {
        "                 min      mean   [+/-sd]    median       max"
    } else {
        "                 min      mean       max"
    };
    let row = |(name, part): (&'static str, &Part)| {
        let Part { min, mean, stdev, median, max } = part;
        let [min, median, max] = [min, median, max].map(|us| ms(*us));
        let [mean, stdev] = [mean, stdev].map(|us| us / 1000.0);
        if is_narrow {
            let mut fields = vec![
                field(name, ""),
                field("   min", format!("{min:.3}")),
                field("   mean", format!("{mean:.3}")),
            ];
            if deviations {
                fields.push(field("   [+/-sd]", format!("{stdev:.3}")));
                fields.push(field("   median", format!("{median:.3}")));
            }
            fields.push(field("   max", format!("{max:.3}")));
            return lines(fields, screen).join("\n");
        }
        if deviations {
            format!("{name:<12}{min:>8.3} {mean:>9.3} {stdev:>9.3} {median:>9.3} {max:>9.3}")
        } else {
            format!("{name:<12}{min:>8.3} {mean:>9.3} {max:>9.3}")
        }
    };
    let rows = [
        ("Connect:", &parts.connect),
        ("Processing:", &parts.processing),
        ("Waiting:", &parts.waiting),
        ("Total:", &parts.total),
    ];
    let mut table = vec!["Connection Times (ms)".to_owned()];
    table.extend((!is_narrow).then(|| heading.to_owned()));
    table.extend(rows.map(row));
    table
}

/// The percentiles, and of an open loop beside them those from when requests were sent.
pub(super) fn percentile_table(
    latency: &Latency,
    sent: Option<&Latency>,
    screen: Screen,
) -> Vec<String> {
    let rows = |latency: &Latency| {
        [
            ("50%", latency.p50),
            ("66%", latency.p66),
            ("75%", latency.p75),
            ("80%", latency.p80),
            ("90%", latency.p90),
            ("95%", latency.p95),
            ("98%", latency.p98),
            ("99%", latency.p99),
        ]
    };
    let heading = "Percentage of the requests served within a certain time (ms)";
    let mut table = wrap(heading, screen.at_most(usize::MAX));
    let beside = sent.map(rows);
    if beside.is_some() {
        table.push("       from due from sent".to_owned());
    }
    let beside = |place: usize| {
        let us = beside.as_ref().and_then(|rows| rows[place].1);
        us.map_or_else(String::new, |us| format!(" {:>9.3}", ms(us)))
    };
    let rows = rows(latency).into_iter().enumerate();
    table.extend(rows.map(|(place, (share, us))| {
        format!("{share:>5} {:>9}{}", latency.percentile_ms(us), beside(place))
    }));
    let longest = sent.map_or_else(String::new, |sent| format!(" {:>9.3}", ms(sent.max)));
    table.push(format!(" 100% {:>9.3}{longest} (longest request)", ms(latency.max)));
    table
}

#[expect(clippy::cast_precision_loss, reason = "no latency comes near 2^52 µs, a century")]
pub(super) fn ms(us: u64) -> f64 {
    us as f64 / 1000.0
}
