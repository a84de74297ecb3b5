//! What to say where a rule found no number: the rules that would.

use std::fmt;

use check::{Tokens, Value};
use thiserror::Error;

use super::content::{Heard, Kind};
use super::find::tokens_of;
use super::found::{Found, Reason};
use super::group::number_of;
use super::json::{Json, segment};
use super::number::Decimal;
use super::pattern::pattern;
use super::prom;
use super::rule::Extract;

/// A number, or a list of them, that a rule finds in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    rule: String,
    shown: String,
}

/// No number, or no list, was found in an answer; and where there are some.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{reason}{of}")]
pub struct NotFound {
    reason: Reason,
    /// The rule and the answer, as far as they are worth their place.
    of: String,
    candidates: Vec<Candidate>,
    /// How many more there are.
    left_out: usize,
}

/// How much of an answer an error shows.
const SHOWN_CHARS: usize = 80;

/// More candidates than this are counted, not shown.
const SHOWN_CANDIDATES: usize = 10;

/// A longer list is shown by its beginning.
const SHOWN_ELEMENTS: usize = 4;

impl NotFound {
    /// That `rule` found no number in what was `heard`, or no list, for `reason`.
    pub(crate) fn new(rule: &Extract, heard: &Heard<'_>, reason: Reason, of_list: bool) -> Self {
        let body: String = heard.body.shown().chars().take(SHOWN_CHARS).collect();
        let by = match rule {
            Extract::Only => String::new(),
            rule => format!(", by {rule}"),
        };
        let of = match reason {
            Reason::Empty
            | Reason::TooLong(_)
            | Reason::Encoding(_)
            | Reason::Garbled(_)
            | Reason::Charset(_)
            | Reason::GoesOn(_) => by,
            _ => format!("{by}, in the answer `{}`", body.escape_debug()),
        };
        let (candidates, left_out) = match reason {
            // The rule found the list, and there is no better one.
            Reason::GoesOn(_) => (Vec::new(), 0),
            _ if of_list => lists(heard),
            _ => numbers(heard),
        };
        Self { reason, of, candidates, left_out }
    }

    /// Why nothing was found.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The same rules alone.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn rules(&self) -> impl Iterator<Item = &str> {
        self.candidates.iter().map(|candidate| candidate.rule.as_str())
    }

    /// The rules that find something in the answer, each on a line, as options that a shell takes;
    /// empty where there are none.
    pub(crate) fn offers(&self) -> Offers<'_> {
        Offers(self)
    }
}

/// The rules that would find something.
pub(crate) struct Offers<'n>(&'n NotFound);

impl fmt::Display for Offers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(NotFound { candidates, left_out, .. }) = self;
        if candidates.is_empty() {
            return Ok(());
        }
        f.write_str("\nSay which one counts:")?;
        for Candidate { rule, shown } in candidates {
            write!(f, "\n  --extract {} = {shown}", quoted(rule))?;
        }
        if *left_out > 0 {
            write!(f, "\n  and {left_out} more")?;
        }
        Ok(())
    }
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=/,.+:@%".contains(c);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The rule that names the number which was found, where it was the only one: where that is.
pub(crate) fn place_of_only(heard: &Heard<'_>, of_list: bool) -> Option<String> {
    let text = heard.body.text().ok()?;
    let is_named = heard.body.json(&text).is_ok_and(|json| !matches!(json, Json::Number(_)))
        || matches!(heard.body.json(&text), Err(Kind::Metrics));
    let (candidates, _) = if of_list { lists(heard) } else { numbers(heard) };
    candidates.into_iter().next().filter(|_| is_named).map(|candidate| candidate.rule)
}

/// Rules that find a number each, and how many more there are.
fn numbers(heard: &Heard<'_>) -> (Vec<Candidate>, usize) {
    let Ok(text) = heard.body.text() else { return (Vec::new(), 0) };
    let mut offers = Offering { heard, candidates: Vec::new(), left_out: 0 };
    match heard.body.json(&text) {
        Ok(json) => {
            let mut strings = Vec::new();
            json.walk(&mut |pointer, value| match value {
                Json::Number(_) => offers.number(value.number().ok(), || format!("json:{pointer}")),
                Json::String(_) => {
                    strings.extend(value.number().ok().map(|number| (pointer.to_owned(), number)));
                }
                _ => {}
            });
            for (pointer, number) in strings {
                offers.number(Some(number), || format!("json:{pointer}"));
            }
        }
        Err(Kind::Metrics) => {
            let mut samples: Vec<_> = prom::samples(&text).collect();
            // What a client library tells of itself comes last: it is hardly what is looked for.
            samples.sort_by_key(|(sample, _)| is_of_runtime(&sample.metric));
            for (sample, value) in samples {
                offers.number(value.value(), || format!("prom:{sample}"));
            }
        }
        Err(kind) => {
            for token in tokens_of(&text, &kind) {
                let shown = number_of(&text[token.at.clone()]);
                offers.optional(token.number.or(shown), || pattern(&text, token.at.clone()));
            }
        }
    }
    (offers.candidates, offers.left_out)
}

/// Whether a metric is about the process and its runtime, as every client library adds some.
fn is_of_runtime(metric: &str) -> bool {
    let prefixes = ["go_", "process_", "python_", "jvm_", "nodejs_", "promhttp_", "scrape_"];
    prefixes.iter().any(|prefix| metric.starts_with(prefix)) || metric.ends_with("_created")
}

/// Rules that find a list each, and how many more there are.
fn lists(heard: &Heard<'_>) -> (Vec<Candidate>, usize) {
    let mut offers = Offering { heard, candidates: Vec::new(), left_out: 0 };
    let text = match heard.body.text() {
        Ok(text) => text,
        Err(reason) => {
            if reason == Reason::Empty {
                offers.list("last".to_owned());
            }
            return (offers.candidates, 0);
        }
    };
    match heard.body.json(&text) {
        Ok(json) => {
            json.walk(&mut |pointer, value| {
                if matches!(value, Json::Array(_)) {
                    offers.list(format!("json:{pointer}"));
                }
            });
            for rule in of_members(&json) {
                offers.list(rule);
            }
        }
        Err(Kind::Text) => offers.list("last".to_owned()),
        Err(_) => {}
    }
    (offers.candidates, offers.left_out)
}

/// The rules for the members that are numbers or texts in the objects of arrays, as in
/// `[{"id":1},{"id":2}]`.
fn of_members(json: &Json<'_>) -> Vec<String> {
    let mut rules = Vec::new();
    json.walk(&mut |pointer, value| {
        let Json::Array(elements) = value else { return };
        let Some(Json::Object(members)) = elements.first() else { return };
        for (name, member) in members {
            if matches!(member, Json::Number(_) | Json::String(_)) {
                let name = segment(name);
                rules.push(format!("json:{pointer}[*]/{name}"));
            }
        }
    });
    rules
}

/// Candidates as they are found. A rule is offered only if it finds what it is said to find.
struct Offering<'h, 'r> {
    heard: &'h Heard<'r>,
    candidates: Vec<Candidate>,
    left_out: usize,
}

impl Offering<'_, '_> {
    fn number(&mut self, number: Option<Decimal>, rule: impl FnOnce() -> String) {
        self.optional(number, || Some(rule()));
    }

    fn optional(&mut self, number: Option<Decimal>, rule: impl FnOnce() -> Option<String>) {
        let Some(number) = number else { return };
        if self.candidates.len() >= SHOWN_CANDIDATES {
            self.left_out += 1;
            return;
        }
        let Some(rule) = rule() else { return };
        let finds = rule.parse::<Extract>().ok().map(|rule| rule.number(self.heard));
        if finds == Some(Found::Value(number)) {
            self.candidates.push(Candidate { rule, shown: number.to_string() });
        }
    }

    fn list(&mut self, rule: String) {
        if self.candidates.len() >= SHOWN_CANDIDATES {
            self.left_out += 1;
            return;
        }
        let Ok(extract) = rule.parse::<Extract>() else { return };
        let mut tokens = Tokens::default();
        if let Found::Value(elements) = extract.elements(self.heard, &mut tokens) {
            let shown = |element: &i64| match tokens.value(*element) {
                Value::Text(text) => format!("{text:?}"),
                value => value.to_string(),
            };
            let first: Vec<_> = elements.iter().take(SHOWN_ELEMENTS).map(shown).collect();
            let more = elements.len().saturating_sub(SHOWN_ELEMENTS);
            let more = if more > 0 { format!(", … {more} more") } else { String::new() };
            self.candidates
                .push(Candidate { rule, shown: format!("[{}{more}]", first.join(", ")) });
        }
    }
}
