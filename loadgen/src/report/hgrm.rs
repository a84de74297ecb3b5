//! `HdrHistogram`'s text of percentiles, as its `outputPercentileDistribution` writes it and its plotters
//! read it.
//!
//! Values are in milliseconds, as wrk2 has them. A request that was dropped ranks as longer than any:
//! percentages are of all, those among the dropped have no line, and the last line is of the longest time
//! there is. What plotters skip, since it begins with `#`, says how many were dropped.

use std::io::{self, Write};

use super::Latency;
use super::connection_times::ms;
use crate::record::Distribution;

/// Lines each time the distance to 100 % is halved, as `HistogramLogProcessor` has them.
const TICKS: f64 = 5.0;

/// Of three digits: 2 × 10³, up to the next power of two.
const SUB_BUCKETS: u32 = 2048;

/// Writes the distribution of `latency`.
///
/// # Errors
/// When `file` cannot be written.
pub fn write_hgrm(latency: &Latency, file: &mut dyn Write) -> io::Result<()> {
    let Latency { distribution, dropped, .. } = latency;
    let all = distribution.count() + dropped;
    let titles = ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"];
    writeln!(file, "{:>12} {:>14} {:>10} {:>14}\n", titles[0], titles[1], titles[2], titles[3])?;
    let max_us = distribution.max_us();
    let mut level = 0.0;
    let mut count = 0;
    for step in distribution.histogram().iter_recorded() {
        count += step.count_at_value();
        let us = step.value_iterated_to().clamp(distribution.min_us(), max_us);
        while percentage(count, all) >= level {
            writeln!(file, "{}", line(us, level, count))?;
            level = next(level);
            // It goes on to 100 %, which is another line.
            if count == distribution.count() {
                break;
            }
        }
    }
    writeln!(file, "{}", line(max_us, percentage(count, all), count))?;
    write_trailer(distribution, *dropped, file)
}

/// The mean and what else the curve does not show.
fn write_trailer(
    distribution: &Distribution,
    dropped: u64,
    file: &mut dyn Write,
) -> io::Result<()> {
    let (mean, deviation) = (distribution.mean_us() / 1000.0, distribution.stdev_us() / 1000.0);
    let (max, count) = (ms(distribution.max_us()), distribution.count());
    let buckets = distribution.histogram().buckets();
    writeln!(file, "#[Mean    = {mean:>12.3}, StdDeviation   = {deviation:>12.3}]")?;
    writeln!(file, "#[Max     = {max:>12.3}, Total count    = {count:>12}]")?;
    writeln!(file, "#[Buckets = {buckets:>12}, SubBuckets     = {SUB_BUCKETS:>12}]")?;
    if dropped > 0 {
        writeln!(file, "#[Dropped = {dropped:>12}, which rank as longer than any Value]")?;
    }
    writeln!(file, "#[Unit    =           ms]")
}

/// A value in milliseconds, the share of all that is no longer, and how many that are. The line of 100 %
/// has no fourth column.
fn line(us: u64, percentage: f64, count: u64) -> String {
    let (ms, share) = (ms(us), percentage / 100.0);
    let columns = format!("{ms:>12.3} {share:>14.12} {count:>10}");
    if percentage < 100.0 { format!("{columns} {:>14.2}", 1.0 / (1.0 - share)) } else { columns }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn percentage(count: u64, all: u64) -> f64 {
    100.0 * count as f64 / all as f64
}

/// The percentage that is asked for behind `level` (`PercentileIterator.java` of `HdrHistogram`): the steps
/// get half as long each time the distance to 100 has halved.
fn next(level: f64) -> f64 {
    let halvings = (100.0 / (100.0 - level)).log2().floor() + 1.0;
    level + 100.0 / (TICKS * halvings.exp2())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(times_us: &[u32], dropped: u64) -> String {
        let mut file = Vec::new();
        write_hgrm(&Latency::of_us(times_us, dropped), &mut file).unwrap();
        String::from_utf8(file).unwrap()
    }

    /// A line that a plotter reads: it has all four columns.
    struct Line {
        value_ms: f64,
        level: f64,
        count: u32,
        inverse: f64,
    }

    fn plotted(text: &str) -> Vec<Line> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let line = |line: &str| {
            let words: Vec<_> = line.split_whitespace().collect();
            let [value_ms, level, count, inverse] = words[..].try_into().ok()?;
            let number = |word: &str| word.parse().ok();
            let (value_ms, level, inverse) = (number(value_ms)?, number(level)?, number(inverse)?);
            Some(Line { value_ms, level, count: count.parse().ok()?, inverse })
        };
        lines.filter_map(line).collect()
    }

    #[test]
    fn it_is_as_hdrhistogram_writes_it() {
        assert_eq!(
            written(&[1000, 2000, 2000, 5000], 0),
            "       Value     Percentile TotalCount 1/(1-Percentile)\n\n\
             \x20      1.000 0.000000000000          1           1.00\n\
             \x20      1.000 0.100000000000          1           1.11\n\
             \x20      1.000 0.200000000000          1           1.25\n\
             \x20      2.000 0.300000000000          3           1.43\n\
             \x20      2.000 0.400000000000          3           1.67\n\
             \x20      2.000 0.500000000000          3           2.00\n\
             \x20      2.000 0.550000000000          3           2.22\n\
             \x20      2.000 0.600000000000          3           2.50\n\
             \x20      2.000 0.650000000000          3           2.86\n\
             \x20      2.000 0.700000000000          3           3.33\n\
             \x20      2.000 0.750000000000          3           4.00\n\
             \x20      5.000 0.775000000000          4           4.44\n\
             \x20      5.000 1.000000000000          4\n\
             #[Mean    =        2.500, StdDeviation   =        1.500]\n\
             #[Max     =        5.000, Total count    =            4]\n\
             #[Buckets =            3, SubBuckets     =         2048]\n\
             #[Unit    =           ms]\n"
        );
    }

    #[test]
    fn what_was_dropped_is_longer_than_any() {
        let text = written(&[1000; 90], 10);
        let last = text.lines().rfind(|line| !line.starts_with('#')).unwrap();
        assert_eq!(last, "       1.000 0.900000000000         90          10.00");
        assert!(plotted(&text).iter().all(|line| line.level <= 0.9), "{text}");
        assert!(text.contains("#[Dropped =           10, which rank"), "{text}");
    }

    proptest! {
        #[test]
        fn every_line_grows_and_counts_what_is_no_longer(
            times_us in prop::collection::vec(0..5_000_000_u32, 1..200),
            dropped in 0..20_u32,
        ) {
            let text = written(&times_us, dropped.into());
            let lines = plotted(&text);
            let grows = |one: &Line, two: &Line| {
                one.value_ms <= two.value_ms
                    && one.level <= two.level
                    && one.count <= two.count
                    && one.inverse <= two.inverse
            };
            prop_assert!(lines.is_sorted_by(grows));
            let measured = u32::try_from(times_us.len()).unwrap();
            for Line { value_ms, level, count, .. } in lines {
                let is_within = |us: &&u32| f64::from(**us) <= 1000.0 * value_ms + 0.5;
                let within = u32::try_from(times_us.iter().filter(is_within).count()).unwrap();
                prop_assert_eq!(within, count, "{}\n{}", value_ms, text);
                let share = f64::from(count) / f64::from(measured + dropped);
                prop_assert!(share >= level - 1e-9, "{level} {count}\n{text}");
            }
        }
    }
}
