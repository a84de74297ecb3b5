//! The first answer of each status: a 422 explains itself.

use std::collections::BTreeMap;

use super::Report;
use super::examples::cut;
use crate::escape::bytes;
use crate::extract::header;
use crate::record::{MAX_SAMPLE_BYTES, Sampled};
use crate::secrets::masked;
use crate::wire::is_success;

/// The longest text in a line of the report, in characters.
const LONGEST_IN_LINE: usize = 200;

/// The beginning of the content of the first answer of each status, its secrets masked.
pub(super) fn first_answers(first: BTreeMap<u16, &Sampled>) -> BTreeMap<u16, String> {
    first.into_iter().map(|(status, sampled)| (status, text(sampled))).collect()
}

fn text(Sampled { head, content }: &Sampled) -> String {
    let coding = header(head, "content-encoding").filter(|coding| coding != "identity");
    if let Some(coding) = coding {
        return format!("[content in {coding}]");
    }
    let text = bytes(content);
    if content.len() < MAX_SAMPLE_BYTES {
        return masked(&text);
    }
    // A secret that is cut off is not known for one: what may be a part of a value is left out.
    let end = text.rfind([',', ';', '&', '\n']).unwrap_or_default();
    masked(&text[..end]) + "…"
}

impl Report {
    /// A line about each status that is no success, with what the first such answer said. What came from
    /// outside is in it as it came.
    pub(super) fn answer_lines(&self) -> impl Iterator<Item = String> {
        let first = self.requests.first_answers.iter();
        let first = first.filter(|(status, text)| !is_success(**status) && !text.trim().is_empty());
        first.map(|(status, text)| {
            let words: Vec<_> = text.split_whitespace().collect();
            format!("{status}: {}", cut(&words.join(" "), LONGEST_IN_LINE))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(head: &str, content: &str) -> String {
        text(&Sampled { head: head.into(), content: content.into() })
    }

    #[test]
    fn what_is_shown_hides_secrets_and_what_may_be_a_part_of_one() {
        let plain = "HTTP/1.1 422 No\r\n\r\n";
        assert_eq!(shown(plain, r#"{"error":"no name"}"#), r#"{"error":"no name"}"#);
        assert_eq!(shown(plain, r#"{"token":"T0P"}"#), r#"{"token":"***"}"#);
        let coded = "HTTP/1.1 422 No\r\nContent-Encoding: gzip\r\n\r\n";
        assert_eq!(shown(coded, "\u{1f}\u{8b}"), "[content in gzip]");
        let start = r#"{"a":1,"token":"T0P"#;
        let long = start.to_owned() + &"x".repeat(MAX_SAMPLE_BYTES - start.len());
        assert_eq!(shown(plain, &long), "{\"a\":1…");
        assert_eq!(shown(plain, &"x".repeat(MAX_SAMPLE_BYTES)), "…");
    }
}
