//! The seconds of a load as CSV (RFC 4180). All but the names of steps are numbers of ours.

use std::io::{self, Write};

use super::SecondSummary;
use crate::escape;

const COLUMNS: &str =
    "second,ok,fail,unknown,dropped,warm_up,p50_us,p99_us,max_us,in_flight,bytes_read";
/// Of each step, where there are several.
const STEP_COLUMNS: [&str; 6] = ["ok", "fail", "unknown", "p50_us", "p99_us", "max_us"];

/// Writes a row for each second. A time that there is not is empty.
///
/// # Errors
/// When `file` cannot be written.
pub fn write_csv(seconds: &[SecondSummary], file: &mut dyn Write) -> io::Result<()> {
    write!(file, "{COLUMNS}")?;
    // Every second has the same steps.
    for step in seconds.first().into_iter().flat_map(|second| &second.steps) {
        for column in STEP_COLUMNS {
            write!(file, ",{}", quoted(&format!("{}.{column}", step.name)))?;
        }
    }
    writeln!(file)?;
    let time = |us: Option<u64>| us.map(|us| us.to_string()).unwrap_or_default();
    for one in seconds {
        let SecondSummary { second, ok, fail, unknown, dropped, warm_up, .. } = one;
        let SecondSummary { in_flight, bytes_read, .. } = one;
        let [p50, p99, max] = [one.p50_us, one.p99_us, one.max_us].map(time);
        write!(file, "{second},{ok},{fail},{unknown},{dropped},{warm_up},")?;
        write!(file, "{p50},{p99},{max},{in_flight},{bytes_read}")?;
        for step in &one.steps {
            let [p50, p99, max] = [step.p50_us, step.p99_us, step.max_us].map(time);
            write!(file, ",{},{},{},{p50},{p99},{max}", step.ok, step.fail, step.unknown)?;
        }
        writeln!(file)?;
    }
    Ok(())
}

/// Text from outside as one field, which no program takes for a formula.
fn quoted(text: &str) -> String {
    let text = escape::line(text);
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if text.contains([',', '"']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::StepSecondSummary;
    use super::*;

    fn full() -> SecondSummary {
        SecondSummary {
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
            steps: Vec::new(),
        }
    }

    fn lines(seconds: &[SecondSummary]) -> Vec<String> {
        let mut file = Vec::new();
        write_csv(seconds, &mut file).unwrap();
        String::from_utf8(file).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_second_is_a_row_and_what_is_not_there_is_empty() {
        let empty = SecondSummary { second: 1, p50_us: None, p99_us: None, max_us: None, ..full() };
        let lines = lines(&[full(), empty]);
        assert_eq!(lines[1..], ["0,1,2,3,4,5,6,7,8,9,10", "1,1,2,3,4,5,,,,9,10"]);
        assert!(lines.iter().all(|line| line.split(',').count() == 11), "{lines:?}");
    }

    #[test]
    fn each_step_has_columns_behind_the_others() {
        let step = |name: &str, p50_us| StepSecondSummary {
            name: name.to_owned(),
            ok: 11,
            fail: 12,
            unknown: 13,
            p50_us,
            p99_us: Some(15),
            max_us: Some(16),
        };
        let steps = vec![step("buy", Some(14)), step("pay", None)];
        let lines = lines(&[SecondSummary { steps, ..full() }]);
        let (_, names) = lines[0].split_once(",bytes_read,").unwrap();
        let of = |name: &str| {
            ["ok", "fail", "unknown", "p50_us", "p99_us", "max_us"]
                .map(|column| format!("{name}.{column}"))
                .join(",")
        };
        assert_eq!(names, [of("buy"), of("pay")].join(","));
        assert_eq!(lines[1], "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,11,12,13,,15,16");
    }

    #[test]
    fn a_name_from_outside_is_one_field_and_no_formula() {
        for (name, field) in [
            ("buy", "buy"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "two\\nlines"),
            ("=1+1", "'=1+1"),
            ("-1", "'-1"),
            ("@SUM(a,\"b\")", "\"'@SUM(a,\"\"b\"\")\""),
        ] {
            assert_eq!(quoted(name), field);
        }
    }
}
