//! Thresholds, as they are written: `p(99)<50ms`.

use super::suggestion;
use super::values::duration_or_zero;
use crate::plan::{Plan, Thresholds};
use crate::threshold::{Comparison, Metric, Threshold, Unit};

/// The figures that have names.
const METRICS: [(&str, Metric); 11] = [
    ("avg", Metric::Mean),
    ("min", Metric::Min),
    ("med", Metric::Percentile(50.0)),
    ("max", Metric::Max),
    ("throughput", Metric::Throughput),
    ("error_rate", Metric::ErrorRate),
    ("fail_rate", Metric::FailRate),
    ("unknown_rate", Metric::UnknownRate),
    ("dropped", Metric::Dropped),
    ("lost", Metric::Lost),
    ("bytes", Metric::Bytes),
];

/// The longer ones first.
const COMPARISONS: [(&str, Comparison); 5] = [
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("==", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

/// A threshold: a figure, how it is compared, and its limit.
pub(super) fn threshold(text: &str) -> Result<Threshold, String> {
    let expected = || {
        "expected a figure, a comparison (<, <=, >, >=, ==) and a limit, such as 'p(99)<50ms' or \
         'fail_rate<1%'"
            .to_owned()
    };
    let place = text.find(['<', '>', '=']).ok_or_else(expected)?;
    let (name, rest) = text.split_at(place);
    let known = COMPARISONS.iter().find(|(sign, _)| rest.starts_with(sign));
    let (sign, comparison) = known.ok_or_else(expected)?;
    let (name, step) = of_step(name.trim())?;
    let metric = metric(name)?;
    let limit = limit(metric.unit(), rest[sign.len()..].trim())?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Threshold { metric, step, comparison: *comparison, limit, text })
}

/// The figure of `p(99){step:checkout}`, and the step that it is of.
fn of_step(name: &str) -> Result<(&str, Option<String>), String> {
    let Some((figure, rest)) = name.split_once('{') else { return Ok((name, None)) };
    let step = rest.trim().strip_suffix('}').and_then(|rest| rest.trim().strip_prefix("step:"));
    match step.map(str::trim).filter(|step| !step.is_empty()) {
        Some(step) => Ok((figure.trim(), Some(step.to_owned()))),
        None => {
            Err(format!("`{name}`: expected a step in the braces, as in {figure}{{step:NAME}}"))
        }
    }
}

fn metric(name: &str) -> Result<Metric, String> {
    if name == "rate" {
        return Err(
            "`rate` may mean two figures: expected fail_rate (the share of the requests that \
             failed) or throughput (requests a second)"
                .to_owned(),
        );
    }
    if let Some(rank) = name.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')')) {
        let rank = rank.trim().parse().ok().filter(|rank| (0.0..=100.0).contains(rank));
        let expected = || format!("`{name}`: expected a percentile from p(0) to p(100)");
        return rank.map(Metric::Percentile).ok_or_else(expected);
    }
    let names = METRICS.map(|(name, _)| name);
    let known = METRICS.iter().find(|(known, _)| *known == name);
    known.map(|(_, metric)| *metric).ok_or_else(|| {
        let message =
            format!("`{name}` is not a figure: expected p(N) or one of {}", names.join(", "));
        suggestion::add(message, name, &names)
    })
}

fn limit(unit: Unit, text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| *number >= 0.0);
    let finite = |number: &f64| number.is_finite();
    let (value, expected) = match unit {
        Unit::Microseconds => {
            (time_us(text), "a time such as 50ms or 1.5s; a number is milliseconds")
        }
        Unit::PerSecond => {
            (number(text.strip_suffix("/s").unwrap_or(text)), "requests a second, such as 1000/s")
        }
        Unit::Share => {
            let percent = text.strip_suffix('%').and_then(number).map(|percent| percent / 100.0);
            let share = percent.or_else(|| number(text)).filter(|share| *share <= 1.0);
            (share, "a share from 0 to 1, or in percent: 0.01 or 1%")
        }
        Unit::Requests | Unit::Updates => (number(text), "a number"),
        Unit::Bytes => (bytes(text), "an amount such as 5000, 10kB or 1.5MB"),
    };
    value
        .filter(finite)
        .ok_or_else(|| format!("`{text}` cannot be a limit here: expected {expected}"))
}

/// As in other tools, a number without a unit is milliseconds.
fn time_us(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(char::is_alphabetic);
    // humantime has no fractions.
    let unit_us = match text[digits.len()..].trim() {
        "us" | "µs" => 1.0,
        "" | "ms" => 1e3,
        "s" => 1e6,
        _ => return duration_or_zero(text).ok().map(|time| time.as_secs_f64() * 1e6),
    };
    digits.trim().parse::<f64>().ok().map(|number| number * unit_us).filter(|us| *us >= 0.0)
}

fn bytes(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let times = match &text[digits.len()..].to_ascii_lowercase()[..] {
        "" | "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => return None,
    };
    digits.trim().parse::<f64>().ok().map(|number| number * times).filter(|bytes| *bytes >= 0.0)
}

/// Refuses thresholds about what a run of `plan` does not measure.
pub(super) fn refuse_unmeasured(thresholds: &Thresholds, plan: &Plan) -> Result<(), String> {
    let steps: Vec<_> = plan.scenario.steps.iter().map(|step| step.name.as_str()).collect();
    for Threshold { metric, step, text, .. } in &thresholds.all {
        match step.as_deref() {
            Some(_) if matches!(metric, Metric::Dropped | Metric::Lost) => {
                return Err(format!(
                    "--threshold {text}: this is known only of the whole run, not of a step"
                ));
            }
            Some(step) if !steps.contains(&step) => {
                let message = format!("--threshold {text}: there is no step `{step}`");
                return Err(suggestion::add(message, step, &steps));
            }
            _ => {}
        }
        match metric {
            Metric::Dropped if !plan.load.shape.is_open() => {
                return Err(format!(
                    "--threshold {text}: only a run with a rate drops requests: expected --rate or \
                     --stages"
                ));
            }
            Metric::Lost if !plan.counts_losses() => {
                return Err(format!(
                    "--threshold {text}: losses are found by comparing with the state: expected \
                     --read URL, and a model that counts"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_a_figure_a_comparison_and_a_limit() {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        for (text, metric, comparison, limit) in [
            ("p(99)<50ms", Metric::Percentile(99.0), Less, 50_000.0),
            ("p(99.9) <= 1.5s", Metric::Percentile(99.9), LessOrEqual, 1_500_000.0),
            ("med<200", Metric::Percentile(50.0), Less, 200_000.0),
            ("avg<700us", Metric::Mean, Less, 700.0),
            ("min>=0", Metric::Min, GreaterOrEqual, 0.0),
            ("max<2m", Metric::Max, Less, 120e6),
            ("throughput>1000", Metric::Throughput, Greater, 1000.0),
            ("throughput > 1000/s", Metric::Throughput, Greater, 1000.0),
            ("error_rate<1%", Metric::ErrorRate, Less, 0.01),
            ("fail_rate<0.05", Metric::FailRate, Less, 0.05),
            ("unknown_rate==0", Metric::UnknownRate, Equal, 0.0),
            ("dropped==0", Metric::Dropped, Equal, 0.0),
            ("lost<=3", Metric::Lost, LessOrEqual, 3.0),
            ("bytes>1.5MB", Metric::Bytes, Greater, 1.5e6),
        ] {
            let read = threshold(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((read.metric, read.comparison), (metric, comparison), "{text}");
            assert!((read.limit - limit).abs() < 1e-9, "{text}: {}", read.limit);
        }
    }

    #[test]
    fn whoever_is_wrong_is_told_what_would_be_right() {
        for (text, told) in [
            ("", "expected a figure"),
            ("p(99)", "a comparison"),
            ("p(99)!50", "a comparison"),
            ("p(99)=50", "a comparison"),
            ("p(101)<1", "from p(0) to p(100)"),
            ("p(x)<1", "from p(0) to p(100)"),
            ("p99<1", "expected p(N)"),
            ("rate<1%", "fail_rate (the share of the requests that failed) or throughput"),
            ("fail-rate<1%", "did you mean `fail_rate`?"),
            ("p(99){login}<5ms", "expected a step in the braces, as in p(99){step:NAME}"),
            ("p(99)<", "a number is milliseconds"),
            ("p(99)<fast", "a number is milliseconds"),
            ("p(99)<-1ms", "a number is milliseconds"),
            ("avg<inf", "a number is milliseconds"),
            ("fail_rate<200%", "from 0 to 1"),
            ("throughput>x", "requests a second"),
            ("bytes<1TB", "an amount"),
            ("dropped<nan", "a number"),
        ] {
            let error = threshold(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
