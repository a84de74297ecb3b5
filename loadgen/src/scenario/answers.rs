//! What the answers of a service mean, where its user says so.

use std::cell::OnceCell;
use std::str::FromStr;

use check::history::Outcome;
use regex::Regex;
use thiserror::Error;

use crate::extract::{Heard, Json, Pointed, Reason};

/// What a complete answer says of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It was done between the call and the return.
    Applied,
    /// It was not, since at some instant in between there was nothing to take, or the expected value
    /// was another.
    Refused,
    /// It was not, since at some instant in between nothing was there.
    Empty,
    /// It had no effect of its own: another request has had it, before the return.
    Same,
    /// It was not done.
    NotApplied,
    /// It may have been done, at any time after the call.
    Unknown,
}

/// Of each word its spelling.
const WORDS: [(&str, Word); 6] = [
    ("applied", Word::Applied),
    ("refused", Word::Refused),
    ("empty", Word::Empty),
    ("same", Word::Same),
    ("not-applied", Word::NotApplied),
    ("unknown", Word::Unknown),
];

impl Word {
    /// How a request with such an answer is counted.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Applied => Outcome::Ok,
            Self::Refused | Self::Empty | Self::Same | Self::NotApplied => Outcome::Fail,
            Self::Unknown => Outcome::Unknown,
        }
    }
}

/// What an answer means, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The user, or everybody: a 2xx, a 5xx.
    Declared(Word),
    /// Nobody: a 4xx, which services and proxies also send after they have done what was asked for.
    Assumed,
}

impl Told {
    /// How a request with such an answer is counted.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Declared(word) => word.outcome(),
            Self::Assumed => Outcome::Fail,
        }
    }

    /// What a status means by itself.
    #[inline]
    pub(crate) fn by_status(status: u16) -> Self {
        match status {
            200..300 => Self::Declared(Word::Applied),
            400..500 => Self::Assumed,
            _ => Self::Declared(Word::Unknown),
        }
    }
}

/// Rules about answers, of which the first that fits counts; without one, the status says it.
///
/// As text, they are separated by commas: `409=refused, 503=not-applied`. A rule may ask for content
/// as well: `200 json:/success=false = refused`.
#[derive(Debug, Clone, Default)]
pub struct Answers(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    statuses: Statuses,
    content: Option<Content>,
    word: Word,
}

/// The statuses that a rule is about.
#[derive(Debug, Clone, Copy)]
struct Statuses {
    first: u16,
    last: u16,
}

/// What content a rule is about.
#[derive(Debug, Clone)]
enum Content {
    /// JSON that has something other than null at an RFC 6901 pointer: this value, where one is given.
    Json { pointer: String, value: Option<String> },
    /// Text in which the expression is found.
    Regex(Regex),
}

impl Answers {
    /// Rules of which these come first.
    #[must_use]
    pub fn before(mut self, others: &Self) -> Self {
        self.0.extend_from_slice(&others.0);
        self
    }

    /// Whether any rule asks for content.
    pub(crate) fn read_content(&self) -> bool {
        self.0.iter().any(|rule| rule.content.is_some())
    }

    /// What an answer means.
    ///
    /// Where that depends on content that cannot be read, it is unknown.
    #[inline]
    pub(crate) fn told(&self, heard: &Heard<'_>) -> Told {
        // Most loads have no rule, and are asked for every request.
        if self.0.is_empty() { Told::by_status(heard.status) } else { self.told_by_rule(heard) }
    }

    fn told_by_rule(&self, heard: &Heard<'_>) -> Told {
        let read = OnceCell::new();
        let content = || read.get_or_init(|| heard.body.text_if_any().ok()).as_deref();
        for rule in &self.0 {
            if !rule.statuses.has(heard.status) {
                continue;
            }
            match rule.content.as_ref().map(|wanted| wanted.is_in(content()?)) {
                None | Some(Some(true)) => return Told::Declared(rule.word),
                Some(Some(false)) => {}
                Some(None) => return Told::Declared(Word::Unknown),
            }
        }
        Told::by_status(heard.status)
    }
}

impl Statuses {
    fn has(self, status: u16) -> bool {
        (self.first..=self.last).contains(&status)
    }
}

impl Content {
    /// Whether it is in `content`; `None` where that cannot be said.
    fn is_in(&self, content: &str) -> Option<bool> {
        let (pointer, value) = match self {
            Self::Regex(regex) => return Some(regex.is_match(content)),
            Self::Json { pointer, value } => (pointer, value),
        };
        let Some(document) = Json::parse(content) else { return Some(false) };
        match (document.pointer(pointer), value) {
            (Pointed::To(found), Some(value)) => Some(found.is_written(value)),
            (Pointed::To(_), None) => Some(true),
            (Pointed::Nothing, Some(value)) => Some(value == "null"),
            (Pointed::Nowhere(Reason::Duplicate(_)), _) => None,
            (Pointed::Nothing, None) | (Pointed::Nowhere(_), _) => Some(false),
        }
    }
}

/// The text is no list of rules about answers.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ParseAnswersError {
    /// There is no status at the beginning.
    #[error("`{0}`: expected STATUS=WORD, as in 409=refused or 4xx=not-applied")]
    Status(String),
    /// There is no word at the end.
    #[error("`{0}`: expected {words} after the last =", words = words())]
    Word(String),
    /// Between both stands no rule about content.
    #[error("`{0}`: expected json:/POINTER, json:/POINTER=VALUE or regex:PATTERN")]
    Content(String),
    /// A regular expression does not parse.
    #[error("{0}")]
    Regex(String),
}

fn words() -> String {
    let spellings: Vec<_> = WORDS.iter().map(|(spelling, _)| *spelling).collect();
    let (last, others) = spellings.split_last().expect("there are words");
    format!("{} or {last}", others.join(", "))
}

impl FromStr for Answers {
    type Err = ParseAnswersError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        split(text).map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// The rules of a list: a comma in a pattern or a value does not end one, unless a status follows.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let begins_rule = |at: &usize| Statuses::at_start(whole[at + 1..].trim_start()).is_some();
        let comma = whole.match_indices(',').map(|(at, _)| at).find(begins_rule);
        rest = comma.map(|at| &whole[at + 1..]);
        Some(whole[..comma.unwrap_or(whole.len())].trim())
    })
}

impl Statuses {
    /// The statuses that `text` begins with, and what follows: one, as `409`, or a class, as `4xx`.
    fn at_start(text: &str) -> Option<(Self, &str)> {
        let (digits, rest) = text.split_at_checked(3)?;
        if !rest.starts_with(['=', ' ']) {
            return None;
        }
        let class = digits.strip_suffix("xx").and_then(|class| class.parse::<u16>().ok());
        let (first, last) = match class {
            Some(class) => (class * 100, class * 100 + 99),
            None => (digits.parse().ok()?, digits.parse().ok()?),
        };
        (100..1000).contains(&first).then_some((Self { first, last }, rest))
    }
}

impl FromStr for Rule {
    type Err = ParseAnswersError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (statuses, rest) =
            Statuses::at_start(text).ok_or_else(|| ParseAnswersError::Status(text.to_owned()))?;
        let wrong_word = || ParseAnswersError::Word(text.to_owned());
        let (content, word) = rest.rsplit_once('=').ok_or_else(wrong_word)?;
        let word = WORDS.iter().find(|(spelling, _)| *spelling == word.trim());
        let (_, word) = *word.ok_or_else(wrong_word)?;
        let content = match content.trim() {
            "" => None,
            content => Some(content.parse()?),
        };
        Ok(Self { statuses, content, word })
    }
}

impl FromStr for Content {
    type Err = ParseAnswersError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(pattern) = text.strip_prefix("regex:") {
            let regex = Regex::new(pattern);
            return regex.map(Self::Regex).map_err(|e| ParseAnswersError::Regex(e.to_string()));
        }
        let wrong = || ParseAnswersError::Content(text.to_owned());
        let rule = text.strip_prefix("json:").ok_or_else(wrong)?;
        let (pointer, value) = match rule.split_once('=') {
            Some((pointer, value)) => (pointer.trim_end(), Some(value.trim())),
            None => (rule, None),
        };
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err(wrong());
        }
        Ok(Self::Json { pointer: pointer.to_owned(), value: value.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{Body, Decimal};

    fn heard(status: u16, content: &str) -> Heard<'_> {
        let limit = content.len();
        let body = Body { bytes: content.as_bytes(), is_whole: true, limit, ..Body::default() };
        Heard { status, body, field: None, fraction: Decimal::default() }
    }

    fn told(rules: &str, status: u16, content: &str) -> Told {
        rules.parse::<Answers>().unwrap().told(&heard(status, content))
    }

    #[test]
    fn without_a_rule_the_status_says_it() {
        for (status, expected) in [
            (200, Told::Declared(Word::Applied)),
            (204, Told::Declared(Word::Applied)),
            (304, Told::Declared(Word::Unknown)),
            (399, Told::Declared(Word::Unknown)),
            (400, Told::Assumed),
            (409, Told::Assumed),
            (429, Told::Assumed),
            (499, Told::Assumed),
            (500, Told::Declared(Word::Unknown)),
            (199, Told::Declared(Word::Unknown)),
        ] {
            assert_eq!(told("", status, ""), expected, "{status}");
        }
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let rules = "409=refused, 4xx = not-applied,503=not-applied,202=unknown";
        for (status, word) in [
            (409, Word::Refused),
            (400, Word::NotApplied),
            (499, Word::NotApplied),
            (503, Word::NotApplied),
            (202, Word::Unknown),
        ] {
            assert_eq!(told(rules, status, ""), Told::Declared(word), "{status}");
        }
        assert_eq!(told(rules, 200, ""), Told::Declared(Word::Applied));
        assert_eq!(told(rules, 500, ""), Told::Declared(Word::Unknown));
    }

    #[test]
    fn a_rule_may_ask_for_content() {
        let rules = "200 json:/success=false = refused, 200 json:/errors=not-applied, \
                     2xx json:/code = \"A,b\" = same, 200 regex:sold, 1=2 out = empty";
        for (content, word) in [
            (r#"{"success":false}"#, Word::Refused),
            (r#"{"success":true}"#, Word::Applied),
            (r#"{"success":"false"}"#, Word::Applied),
            (r#"{"errors":[{"message":"no"}]}"#, Word::NotApplied),
            (r#"{"errors":null}"#, Word::Applied),
            (r#"{"code":"A,b"}"#, Word::Same),
            ("sold, 1=2 out", Word::Empty),
            // Which of both is meant cannot be known.
            (r#"{"success":false,"success":true}"#, Word::Unknown),
            ("done", Word::Applied),
        ] {
            assert_eq!(told(rules, 200, content), Told::Declared(word), "{content}");
        }
    }

    #[test]
    fn what_depends_on_content_that_could_not_be_read_is_unknown() {
        let rules: Answers = "200 json:/ok=false=refused".parse().unwrap();
        let cut = |status| {
            let Heard { body, .. } = heard(status, "{");
            rules.told(&Heard { body: Body { is_whole: false, ..body }, ..heard(status, "{") })
        };
        assert_eq!(cut(200), Told::Declared(Word::Unknown));
        assert_eq!(cut(201), Told::Declared(Word::Applied));
        // Nothing at all can be read.
        assert_eq!(rules.told(&heard(200, "")), Told::Declared(Word::Applied));
    }

    #[test]
    fn what_is_no_rule_is_refused_with_what_would_be() {
        for (text, expected) in [
            ("sold", "409=refused"),
            ("40=refused", "409=refused"),
            ("0xx=refused", "409=refused"),
            ("409", "409=refused"),
            ("409=", "after the last ="),
            ("409=yes", "applied, refused, empty, same, not-applied or unknown"),
            ("409=refused,", "after the last ="),
            ("200 json:success=false=refused", "json:/POINTER"),
            ("200 body=refused", "json:/POINTER"),
            ("200 regex:( = refused", "unclosed group"),
        ] {
            let error = text.parse::<Answers>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
