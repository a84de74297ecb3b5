//! ab's `-e`: the time within which each percentage of the requests was served.

use std::io::{self, Write};

use super::super::Latency;
use super::super::connection_times::ms;

/// Writes a row for each percentage from 0 to 100, its time in milliseconds. The time of one that falls
/// among what was dropped is empty: it is longer than any.
///
/// # Errors
/// When `file` cannot be written.
pub fn write_percentiles(latency: &Latency, file: &mut dyn Write) -> io::Result<()> {
    writeln!(file, "Percentage served,Time in ms")?;
    for percentage in 0..=100_u32 {
        let us = match percentage {
            0 => Some(latency.min),
            100 if latency.dropped == 0 => Some(latency.max),
            _ => latency.percentile_us(percentage.into()),
        };
        match us {
            Some(us) => writeln!(file, "{percentage},{:.3}", ms(us))?,
            None => writeln!(file, "{percentage},")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(times_us: &[u32], dropped: u64) -> String {
        let mut file = Vec::new();
        write_percentiles(&Latency::of_us(times_us, dropped), &mut file).unwrap();
        String::from_utf8(file).unwrap()
    }

    #[test]
    fn it_is_as_ab_writes_it() {
        let times: Vec<_> = (1..=100).map(|ms| 1000 * ms).collect();
        let lines = written(&times, 0);
        let lines: Vec<_> = lines.lines().collect();
        assert_eq!(lines[..2], ["Percentage served,Time in ms", "0,1.000"]);
        assert_eq!((lines[51], lines[101], lines.len()), ("50,50.015", "100,100.000", 102));
    }

    proptest! {
        #[test]
        fn every_row_has_a_percentage_and_a_time_that_grows(
            times_us in prop::collection::vec(any::<u32>(), 1..50),
            dropped in 0..20_u64,
        ) {
            let text = written(&times_us, dropped);
            let rows: Vec<Vec<_>> = text.lines().map(|line| line.split(',').collect()).collect();
            prop_assert_eq!(rows.len(), 102);
            prop_assert!(rows.iter().all(|row| row.len() == 2));
            let times: Vec<f64> = rows[1..].iter().filter_map(|row| row[1].parse().ok()).collect();
            prop_assert!(times.is_sorted());
            prop_assert_eq!(times.len() == 101, dropped == 0);
            // What is empty is all at the end.
            prop_assert!(rows[1 + times.len()..].iter().all(|row| row[1].is_empty()));
        }
    }
}
