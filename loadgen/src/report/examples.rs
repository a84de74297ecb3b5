//! An example of each error.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use super::Report;
use crate::escape::bytes;
use crate::plan::Plan;
use crate::record::{Example, Record};
use crate::scenario::Step;
use crate::secrets::{masked, masked_path};

/// The first request that met an error.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorExample {
    /// When it ended, since the start.
    pub at_s: f64,
    /// How long it had been under way then.
    pub took_s: f64,
    /// Its step: the method and the path.
    pub step: String,
    /// What the system said, or the first bytes of an answer that was illegal, from where it was. Secrets
    /// are masked. `None` where the error's name says all.
    pub text: Option<String>,
}

/// The longest text of an example, in characters.
const LONGEST: usize = 200;
/// The longest in a line of the report.
const LONGEST_IN_LINE: usize = 72;

/// The examples that `record` has, by the errors' names.
pub(super) fn examples(plan: &Plan, url: &Url, record: &Record) -> BTreeMap<String, ErrorExample> {
    let steps = &plan.scenario.steps;
    let example = |(name, example): (&str, &Example)| {
        (name.to_owned(), ErrorExample::new(example, steps.get(example.step), url))
    };
    record.examples.iter().map(example).collect()
}

impl ErrorExample {
    fn new(example: &Example, step: Option<&Step>, url: &Url) -> Self {
        let Example { at_ns, took_ns, detail, bytes: seen, .. } = example;
        let [at_s, took_s] = [at_ns, took_ns].map(|ns| Duration::from_nanos(*ns).as_secs_f64());
        let step = step.map_or_else(String::new, |step| {
            format!("{} {}", step.call.method, masked_path(&step.place.on(url)))
        });
        let of_bytes = (!seen.is_empty()).then(|| bytes(seen));
        // Masked as a whole: what is cut off may be what tells a secret.
        let text = detail.clone().or(of_bytes).map(|text| cut(&masked(&text), LONGEST));
        Self { at_s, took_s, step, text }
    }

    fn in_line(&self) -> String {
        let at_s = self.at_s;
        match &self.text {
            Some(text) => format!(" (first at {at_s:.3} s: {})", cut(text, LONGEST_IN_LINE)),
            None => format!(" (first at {at_s:.3} s)"),
        }
    }
}

/// The beginning of a text that is longer than `most` characters, and that it goes on.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Report {
    /// A line about each error: how often it happened, and its example. What came from outside is in it
    /// as it came.
    pub(super) fn error_lines(&self) -> impl Iterator<Item = String> {
        self.requests.errors.iter().map(|(error, count)| {
            let example = self.error_examples.get(error).map(ErrorExample::in_line);
            format!("{count} × {error}{}", example.unwrap_or_default())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::plan;

    fn example(detail: Option<&str>, seen: &[u8]) -> ErrorExample {
        let (detail, bytes) = (detail.map(str::to_owned), seen.to_vec());
        let example = Example { at_ns: 1_500_000_000, took_ns: 2_000_000, step: 0, detail, bytes };
        let url = Url::parse("http://127.0.0.1:8000/inc?token=T0P").unwrap();
        let plan = plan(None);
        ErrorExample::new(&example, Some(plan.scenario.first()), &url)
    }

    #[test]
    fn an_example_says_when_where_and_what_and_no_secret() {
        let reset = example(Some("Connection reset by peer (os error 104)"), b"");
        assert_eq!((reset.at_s, reset.took_s), (1.5, 0.002));
        assert_eq!(reset.step, "GET /inc");
        assert_eq!(reset.in_line(), " (first at 1.500 s: Connection reset by peer (os error 104))");
        assert_eq!(example(None, b"").in_line(), " (first at 1.500 s)");
        let illegal = example(None, b"HTTP/1.1 x\r\nSet-Cookie: sid=T0P\r\n\xff");
        assert_eq!(illegal.text.unwrap(), "HTTP/1.1 x\r\nSet-Cookie: ***\r\n\\xff");
    }

    #[test]
    fn a_long_text_is_cut_after_its_secrets_were_masked() {
        let long = "é".repeat(2 * LONGEST);
        let example_of_long = example(None, long.as_bytes());
        let line = example_of_long.in_line();
        assert!(line.chars().count() < LONGEST_IN_LINE + 30, "{line}");
        let text = example_of_long.text.unwrap();
        assert!(text.chars().count() == LONGEST + 1 && text.ends_with('…'), "{text}");
        // Of a string without its end nobody can tell where the secret is.
        let padding = "é".repeat(LONGEST - 30);
        let member = format!("{{\"a\": \"{padding}\", \"password\": \"{}\"}}", "T0P".repeat(30));
        let text = example(None, member.as_bytes()).text.unwrap();
        assert!(!text.contains("T0P"), "{text}");
    }
}
