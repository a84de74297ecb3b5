//! What the answers of a service mean, where its user says so.

mod content;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::fmt;
use std::str::FromStr;

use check::history::Outcome;
use thiserror::Error;

use crate::extract::Heard;
use crate::wire::is_success;
use content::Content;

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
    fn spelling(self) -> &'static str {
        let spelling = WORDS.iter().find(|(_, word)| *word == self);
        spelling.map(|(spelling, _)| *spelling).expect("every word has one")
    }

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
            _ if is_success(status) => Self::Declared(Word::Applied),
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
    /// What the answer has; `None` where that does not count.
    content: Option<Content>,
    /// Whether it fits where the answer has that, or else where it has not.
    fits_with: bool,
    word: Word,
}

/// The statuses that a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statuses {
    first: u16,
    last: u16,
}

impl Answers {
    /// Rules of which these come first.
    #[must_use]
    pub fn before(mut self, others: &Self) -> Self {
        self.0.extend_from_slice(&others.0);
        self
    }

    /// One rule: an answer with this status, or of this class (`4xx`), which `has` something beside that,
    /// means `word`.
    ///
    /// # Errors
    /// When a part is none.
    pub fn one(status: &str, has: Option<&str>, word: Word) -> Result<Self, ParseAnswersError> {
        let wrong = || ParseAnswersError::Status(status.to_owned());
        let text = format!("{status} ");
        let (statuses, rest) = Statuses::at_start(&text).ok_or_else(wrong)?;
        if !rest.trim().is_empty() {
            return Err(wrong());
        }
        let content = has.map(str::parse).transpose()?;
        Ok(Self(vec![Rule { statuses, content, fits_with: true, word }]))
    }

    /// What an acknowledgement must have beside its status: a success without it is unknown.
    ///
    /// # Errors
    /// When `text` is none of `contains:TEXT`, `json:/POINTER=VALUE`, `header:NAME=VALUE` and
    /// `regex:PATTERN`.
    pub fn expecting(text: &str) -> Result<Self, ParseAnswersError> {
        let content = text.parse().map_err(|error| match error {
            ParseAnswersError::Content(text) => ParseAnswersError::Expected(text),
            error => error,
        })?;
        let statuses = Statuses { first: 200, last: 299 };
        let (content, word) = (Some(content), Word::Unknown);
        Ok(Self(vec![Rule { statuses, content, fits_with: false, word }]))
    }

    /// Whether there is any rule.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any rule asks for content.
    pub(crate) fn read_content(&self) -> bool {
        self.0.iter().filter_map(|rule| rule.content.as_ref()).any(|wanted| !wanted.is_in_head())
    }

    /// Whether any rule asks for the head.
    pub(crate) fn read_head(&self) -> bool {
        self.0.iter().filter_map(|rule| rule.content.as_ref()).any(Content::is_in_head)
    }

    /// What an answer means.
    ///
    /// Where that depends on content that cannot be read, it is unknown.
    #[inline]
    pub(crate) fn told(&self, heard: &Heard<'_>) -> Told {
        // Most loads have no rule, and are asked for every request.
        if self.0.is_empty() {
            return Told::by_status(heard.status);
        }
        self.told_by_rule(heard).unwrap_or_else(|| Told::by_status(heard.status))
    }

    /// Whether a rule says what an answer means.
    pub(crate) fn declare(&self, heard: &Heard<'_>) -> bool {
        self.told_by_rule(heard).is_some()
    }

    /// What the first rule that fits says.
    fn told_by_rule(&self, heard: &Heard<'_>) -> Option<Told> {
        let read = OnceCell::new();
        let content = || read.get_or_init(|| heard.body.text_if_any().ok()).as_deref();
        for rule in &self.0 {
            if !rule.statuses.has(heard.status) {
                continue;
            }
            match rule.content.as_ref().map(|wanted| wanted.is_in(heard.head, content)) {
                Some(None) => return Some(Told::Declared(Word::Unknown)),
                Some(Some(has)) if has != rule.fits_with => {}
                None | Some(Some(_)) => return Some(Told::Declared(rule.word)),
            }
        }
        None
    }
}

/// What each rule says, in their order.
impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.0.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{rule}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { statuses, content, fits_with, word } = self;
        write!(f, "{statuses}")?;
        if let Some(content) = content {
            write!(f, " {} {content}", if *fits_with { "with" } else { "without" })?;
        }
        write!(f, " {}", word.spelling())
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(f, "{first}") } else { write!(f, "{}xx", first / 100) }
    }
}

impl Statuses {
    fn has(self, status: u16) -> bool {
        (self.first..=self.last).contains(&status)
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
    #[error(
        "`{0}`: expected json:/POINTER, json:/POINTER=VALUE, header:NAME=VALUE, contains:TEXT or \
         regex:PATTERN"
    )]
    Content(String),
    /// It is not said what is expected.
    #[error(
        "`{0}`: expected contains:TEXT, json:/POINTER=VALUE, header:NAME=VALUE or regex:PATTERN"
    )]
    Expected(String),
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
        Ok(Self { statuses, content, fits_with: true, word })
    }
}
