//! The seconds of a load as CSV: numbers of ours alone, so that nothing needs quotes (RFC 4180).

use std::io::{self, Write};

use super::SecondSummary;

/// Writes a row for each second. A time that there is not is empty.
///
/// # Errors
/// When `file` cannot be written.
pub fn write_csv(seconds: &[SecondSummary], file: &mut dyn Write) -> io::Result<()> {
    writeln!(
        file,
        "second,ok,fail,unknown,dropped,warm_up,p50_us,p99_us,max_us,in_flight,bytes_read"
    )?;
    for one in seconds {
        let SecondSummary { second, ok, fail, unknown, dropped, warm_up, .. } = one;
        let SecondSummary { in_flight, bytes_read, .. } = one;
        let time = |us: Option<u64>| us.map(|us| us.to_string()).unwrap_or_default();
        let [p50, p99, max] = [one.p50_us, one.p99_us, one.max_us].map(time);
        write!(file, "{second},{ok},{fail},{unknown},{dropped},{warm_up},")?;
        writeln!(file, "{p50},{p99},{max},{in_flight},{bytes_read}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_a_row_and_what_is_not_there_is_empty() {
        let full = SecondSummary {
            second: 0,
            ok: 1,
            fail: 2,
            unknown: 3,
            dropped: 4,
            warm_up: 5,
            p50_us: Some(6),
            p99_us: Some(7),
            max_us: Some(8),
            in_flight: 9,
            bytes_read: 10,
        };
        let empty =
            SecondSummary { second: 1, p50_us: None, p99_us: None, max_us: None, ..full.clone() };
        let mut file = Vec::new();
        write_csv(&[full, empty], &mut file).unwrap();
        let text = String::from_utf8(file).unwrap();
        let rows: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(rows, ["0,1,2,3,4,5,6,7,8,9,10", "1,1,2,3,4,5,,,,9,10"]);
        let columns = text.lines().map(|line| line.split(',').count());
        assert!(columns.eq([11; 3]), "{text}");
    }
}
