//! ab's `-g`: the times of every request, for gnuplot.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Local};

use crate::record::Timing;

/// Writes a row for each of `timings`: when it was due in the zone of this machine, and in seconds
/// since 1970; then, in whole milliseconds, the connection (`ctime`), what came behind it (`dtime`), both
/// (`ttime`), and the wait for the first byte. The run began at `begun`.
///
/// # Errors
/// When `file` cannot be written.
pub(crate) fn write_requests(
    timings: &[Timing],
    begun: SystemTime,
    file: &mut dyn Write,
) -> io::Result<()> {
    writeln!(file, "starttime\tseconds\tctime\tdtime\tttime\twait")?;
    for timing in timings {
        let Timing { due_us, connect_us, wait_us, total_us } = *timing;
        let due: DateTime<Local> = (begun + Duration::from_micros(due_us)).into();
        writeln!(
            file,
            "{}\t{}\t{}\t{}\t{}\t{}",
            due.format("%a %b %d %H:%M:%S %Y"),
            due.timestamp(),
            rounded_ms(connect_us),
            rounded_ms(total_us.saturating_sub(connect_us)),
            rounded_ms(total_us),
            rounded_ms(wait_us),
        )?;
    }
    Ok(())
}

/// As ab rounds.
fn rounded_ms(us: u32) -> u64 {
    (u64::from(us) + 500) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_ab_writes_it() {
        let timing = |due_us, connect_us, wait_us, total_us| Timing {
            due_us,
            connect_us,
            wait_us,
            total_us,
        };
        let timings = [timing(999_999, 0, 499, 500), timing(1_000_000, 11_000, 37_600, 48_600)];
        let begun = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_715_467);
        let mut file = Vec::new();
        write_requests(&timings, begun, &mut file).unwrap();
        let text = String::from_utf8(file).unwrap();
        let rows: Vec<Vec<_>> = text.lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!(rows[0], ["starttime", "seconds", "ctime", "dtime", "ttime", "wait"]);
        assert_eq!(rows[1][1..], ["1795715467", "0", "1", "1", "0"]);
        assert_eq!(rows[2][1..], ["1795715468", "11", "38", "49", "38"]);
        // Whatever the zone is: that it is a time of C's, with its day in two digits.
        let (time, zone) = (rows[1][0], Local::now().timezone());
        let read = chrono::NaiveDateTime::parse_from_str(time, "%a %b %d %H:%M:%S %Y").unwrap();
        assert_eq!(read.and_local_timezone(zone).unwrap().timestamp(), 1_795_715_467);
        assert_eq!(time.len(), "Thu Nov 26 17:51:07 2026".len());
    }
}
