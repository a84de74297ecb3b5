//! Samples of a metrics page: the text format of Prometheus, and `OpenMetrics`.

use std::fmt;

use super::found::{Found, Reason};
use super::number::{Decimal, Parsed};

/// Which sample of a metrics page counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The whole name of the metric.
    pub metric: String,
    /// Labels that it has, in any order; it may have others.
    pub labels: Vec<(String, String)>,
}

/// A line of a metrics page.
struct Line<'t> {
    metric: &'t str,
    labels: Vec<(&'t str, String)>,
    value: &'t str,
}

impl Sample {
    /// The sample that `text` names, as a metrics page writes it: `name` or `name{label="value"}`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (metric, labels, rest) = named(text.trim())?;
        let labels = labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        rest.trim().is_empty().then(|| Self { metric: metric.to_owned(), labels })
    }

    /// The value of the only sample of `page` that this names.
    pub(super) fn value(&self, page: &str) -> Found<Decimal> {
        let mut named = lines(page).filter(|line| self.names(line));
        match (named.next(), named.next()) {
            (Some(line), None) => value(line.value),
            (None, _) => Reason::NoSample.into(),
            (Some(_), Some(_)) => Reason::Several(2 + named.count()).into(),
        }
    }

    fn names(&self, line: &Line<'_>) -> bool {
        let has = |(name, value): &(String, String)| {
            line.labels.iter().any(|(found, found_value)| found == name && found_value == value)
        };
        line.metric == self.metric && self.labels.iter().all(has)
    }
}

/// Every sample of `page`, with its value.
pub(super) fn samples(page: &str) -> impl Iterator<Item = (Sample, Found<Decimal>)> {
    lines(page).map(|line| {
        let labels = line.labels.into_iter().map(|(name, value)| (name.to_owned(), value));
        let sample = Sample { metric: line.metric.to_owned(), labels: labels.collect() };
        (sample, value(line.value))
    })
}

/// Whether `page` says of itself that it is a page of metrics.
pub(super) fn is_metrics(page: &str) -> bool {
    let mut lines = page.lines().map(str::trim_start).filter(|line| !line.is_empty());
    lines.next().is_some_and(|line| line.starts_with("# HELP ") || line.starts_with("# TYPE "))
}

/// The samples; lines that are none are passed over.
fn lines(page: &str) -> impl Iterator<Item = Line<'_>> {
    page.lines().filter_map(|line| {
        let (metric, labels, rest) = named(line.trim())?;
        let value = rest.split_ascii_whitespace().next()?;
        Some(Line { metric, labels, value })
    })
}

/// Its decimals say nothing: every value of a metric is a float, counts as well.
fn value(text: &str) -> Found<Decimal> {
    match Decimal::parse(text) {
        Parsed::Number(number) => Found::Value(number.as_counted()),
        Parsed::OutOfRange => Reason::OutOfRange.into(),
        Parsed::Malformed => Reason::NoNumber.into(),
    }
}

type Named<'t> = (&'t str, Vec<(&'t str, String)>, &'t str);

/// The name and the labels at the beginning of `text`, and what follows them.
fn named(text: &str) -> Option<Named<'_>> {
    let (metric, rest) = name(text, true)?;
    let Some(mut rest) = rest.trim_start().strip_prefix('{') else {
        return Some((metric, Vec::new(), rest));
    };
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((metric, labels, rest));
        }
        let (label, after) = name(rest, false)?;
        let after = after.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
        let (value, after) = quoted(after)?;
        labels.push((label, value));
        rest = after.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(rest) => rest,
            None => rest.starts_with('}').then_some(rest)?,
        };
    }
}

fn name(text: &str, of_metric: bool) -> Option<(&str, &str)> {
    let may_be = |c: char| c.is_ascii_alphanumeric() || c == '_' || (of_metric && c == ':');
    let end = text.find(|c| !may_be(c)).unwrap_or(text.len());
    let is_name = end > 0 && !text.starts_with(|c: char| c.is_ascii_digit());
    is_name.then(|| text.split_at(end))
}

/// The text up to the quote that closes it, without its escapes.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

/// As a metrics page writes it.
impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        let label = |(name, value): &(String, String)| {
            let value = value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        };
        let labels: Vec<_> = self.labels.iter().map(label).collect();
        write!(f, "{{{}}}", labels.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP hits_total Hits.\n# TYPE hits_total counter\n\
        hits_total{path=\"/\",code=\"200\"} 1.2e+01 1395066363000\n\
        hits_total{path=\"/a\\\"b\",} 7.0\n\
        hits_total_created 1.7e9\n\
        app_hits_total 9\n\
        bad NaN\nworse +Inf\n\
        # EOF\n";

    fn value(rule: &str) -> Found<Decimal> {
        Sample::parse(rule).unwrap().value(PAGE)
    }

    #[test]
    fn one_sample_is_named_by_its_name_and_labels() {
        for (rule, expected) in [
            (r#"hits_total{path="/"}"#, 12),
            (r#"hits_total{code="200",path="/"}"#, 12),
            (r#"hits_total{ path = "/a\"b" , }"#, 7),
            ("app_hits_total", 9),
            ("hits_total_created", 1_700_000_000),
        ] {
            assert_eq!(value(rule), Found::Value(expected.into()), "{rule}");
        }
        assert_eq!(value("hits_total"), Reason::Several(2).into());
        // No name is found by a part of it.
        for rule in ["hits", "total", "hits_total{path=\"\"}", "app_hits_total{path=\"/\"}"] {
            assert_eq!(value(rule), Reason::NoSample.into(), "{rule}");
        }
        assert_eq!(value("bad"), Reason::NoNumber.into());
        assert_eq!(value("worse"), Reason::NoNumber.into());
    }

    #[test]
    fn whole_numbers_of_a_page_are_counts() {
        let number = value(r#"hits_total{path="/a\"b"}"#).value().unwrap();
        assert!(!number.has_decimals(), "7.0 is how it writes 7");
    }

    #[test]
    fn what_is_shown_is_read_again() {
        for (sample, _) in samples(PAGE) {
            assert_eq!(Sample::parse(&sample.to_string()), Some(sample));
        }
        for text in
            ["", "1a", "a{", "a{b}", "a{b=\"c}", "a b", "a{b=\"c\"} 1", "a{b=\"c\" d=\"e\"}"]
        {
            assert_eq!(Sample::parse(text), None, "{text}");
        }
    }
}
