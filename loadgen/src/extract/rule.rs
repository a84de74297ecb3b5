//! The rules, and how each finds its number.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use http::HeaderName;
use regex::{Captures, Regex};
use thiserror::Error;

use super::content::{Heard, Kind};
use super::found::{Found, Reason};
use super::json::{Json, Pointed};
use super::markup::visible;
use super::number::{Decimal, Parsed};
use super::prom::{self, Sample};
use super::text::{self, Token};

/// A rule that finds one number in an answer, or a list of them.
#[derive(Debug, Clone)]
pub enum Extract {
    /// The only number of the content.
    Only,
    /// The last number of the content.
    Last,
    /// The number, or the string that holds one, at an RFC 6901 pointer into a JSON body.
    Json(String),
    /// The first group of a regular expression over the body.
    Regex(Regex),
    /// The value of a header field.
    Header(HeaderName),
    /// A sample of a metrics page.
    Prom(Sample),
}

impl Extract {
    /// The number that the rule finds.
    pub(crate) fn number(&self, heard: &Heard<'_>) -> Found<Decimal> {
        if let Self::Header(_) = self {
            return heard.field.map_or(Reason::NoHeader.into(), |field| of_text(field.trim()));
        }
        let text = match heard.body.text() {
            Ok(text) => text,
            Err(reason) => return reason.into(),
        };
        match self {
            Self::Header(_) => unreachable!("answered above"),
            Self::Only => only_number(heard, &text),
            Self::Last => last_number(heard, &text),
            Self::Json(pointer) => at_pointer(&text, pointer, |json| json.number().into()),
            Self::Regex(regex) => regex
                .captures(&text)
                .map_or(Reason::NoMatch.into(), |captures| of_group(&text, &captures)),
            Self::Prom(sample) => sample.value(&text),
        }
    }

    /// The integers that the rule finds, in their order: those of the only list by [`Self::Only`], all
    /// of the content's by [`Self::Last`], those of a JSON array, every first group, or those of a
    /// header.
    pub(crate) fn integers(&self, heard: &Heard<'_>) -> Found<Vec<i64>> {
        if let Self::Header(_) = self {
            let list = |field: &str| text::list(field).map_or(Reason::NoList.into(), Found::Value);
            return heard.field.map_or(Reason::NoHeader.into(), list);
        }
        let text = match heard.body.text() {
            Ok(text) => text,
            // No number at all are all numbers of nothing; but a 204 says nothing of a list.
            Err(Reason::Empty) if matches!(self, Self::Last) && heard.status != 204 => {
                return Found::Value(Vec::new());
            }
            Err(reason) => return reason.into(),
        };
        match self {
            Self::Header(_) => unreachable!("answered above"),
            Self::Only => only_list(heard, &text),
            Self::Last => every_number(heard, &text),
            Self::Json(pointer) => at_pointer(&text, pointer, |json| match json {
                Json::Array(elements) => {
                    elements.iter().map(element).collect::<Result<_, _>>().into()
                }
                _ => Reason::NoList.into(),
            }),
            Self::Regex(regex) => {
                let mut integers = Vec::new();
                for captures in regex.captures_iter(&text) {
                    match of_group(&text, &captures).and_then(whole) {
                        Found::Value(integer) => integers.push(integer),
                        Found::Nothing => {}
                        Found::Unreadable(reason) => return reason.into(),
                    }
                }
                Found::Value(integers)
            }
            Self::Prom(_) => Reason::NoList.into(),
        }
    }

    /// The header field that the rule looks at, instead of the content.
    pub(crate) fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(name) => Some(name),
            _ => None,
        }
    }
}

impl Heard<'_> {
    /// The number that `rule` finds.
    pub(crate) fn number(&self, rule: &Extract) -> Found<Decimal> {
        rule.number(self)
    }

    /// The number that `rule` finds as a value of a history: how many whole steps it is above the
    /// fraction of the first state. One with another fraction cannot be read.
    pub(crate) fn integer(&self, rule: &Extract) -> Found<i64> {
        let steps = |number: Decimal| {
            number.above(self.fraction).map_or(Reason::Fraction.into(), Found::Value)
        };
        rule.number(self).and_then(steps)
    }

    /// The integers that `rule` finds.
    pub(crate) fn integers(&self, rule: &Extract) -> Found<Vec<i64>> {
        rule.integers(self)
    }
}

fn whole(number: Decimal) -> Found<i64> {
    number.to_integer().map_or(Reason::NotWhole.into(), Found::Value)
}

fn element(json: &Json<'_>) -> Result<i64, Reason> {
    json.number()?.to_integer().ok_or(Reason::NotWhole)
}

/// What `read` finds in the value at `pointer`.
fn at_pointer<T>(text: &str, pointer: &str, read: impl FnOnce(&Json<'_>) -> Found<T>) -> Found<T> {
    let Some(json) = Json::parse(text) else { return Reason::NotJson.into() };
    match json.pointer(pointer) {
        Pointed::To(value) => read(value),
        Pointed::Nothing if json.tells_error() => Reason::TellsError.into(),
        Pointed::Nothing => Found::Nothing,
        Pointed::Nowhere(reason) => reason.into(),
    }
}

/// The number that all of `text` is, if it is one.
pub(super) fn number_of(text: &str) -> Option<Decimal> {
    of_text(text).value()
}

/// The number that all of `text` is; groups of three digits may be parted.
fn of_text(text: &str) -> Found<Decimal> {
    let ungrouped = if is_grouped(text) {
        Cow::Owned(text.replace(GROUP_MARKS, ""))
    } else {
        Cow::Borrowed(text)
    };
    match Decimal::parse(&ungrouped) {
        Parsed::Number(number) => Found::Value(number),
        Parsed::OutOfRange => Reason::OutOfRange.into(),
        Parsed::Malformed => Reason::NoNumber.into(),
    }
}

/// What parts groups of three digits, in one place or another.
const GROUP_MARKS: [char; 8] = [',', '\'', '’', '_', ' ', '\u{a0}', '\u{202f}', '\u{2009}'];

/// Whether `text` is a number in well-formed groups of three digits, all parted by one mark.
fn is_grouped(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let whole = unsigned.split_once('.').map_or(unsigned, |(whole, _)| whole);
    let Some(mark) = whole.chars().find(|c| GROUP_MARKS.contains(c)) else { return false };
    let mut groups = whole.split(mark);
    let are_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && are_digits(first))
        && groups.all(|group| group.len() == 3 && are_digits(group))
}

/// The number in the first group, which has to be all of the number that stands there.
fn of_group(text: &str, captures: &Captures<'_>) -> Found<Decimal> {
    let Some(group) = captures.get(1) else { return Reason::NoMatch.into() };
    let taken = group.as_str().trim();
    if taken.is_empty() {
        return Reason::NoNumber.into();
    }
    let end = group.end() - (group.as_str().len() - group.as_str().trim_end().len());
    let start = end - taken.len();
    if goes_on(&text[end..], taken) || began_before(&text[..start]) {
        return Reason::Partial(taken.into()).into();
    }
    of_text(taken)
}

/// Whether what is behind the digits of a number belongs to it.
fn goes_on(behind: &str, number: &str) -> bool {
    let mut behind = behind.chars();
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    match behind.next() {
        Some('.' | ',' | '\'' | '’' | '_' | '\u{a0}' | '\u{202f}') => is_digit(behind.next()),
        Some('e' | 'E') if !number.contains(['e', 'E']) => match behind.next() {
            Some('+' | '-') => is_digit(behind.next()),
            next => is_digit(next),
        },
        next => is_digit(next),
    }
}

/// Whether what is before the digits of a number belongs to it.
fn began_before(before: &str) -> bool {
    let mut before = before.chars().rev();
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    match before.next() {
        Some('.' | ',' | '\'' | '’' | '_' | '\u{a0}' | '\u{202f}') => is_digit(before.next()),
        // A sign, unless it joins the number to a word.
        Some('-' | '−') => !before.next().is_some_and(char::is_alphanumeric),
        next => is_digit(next),
    }
}

/// What text of whatever kind has in it that is a number, or may be.
pub(super) fn tokens_of(text: &str, kind: &Kind) -> Vec<Token> {
    let is_html = match kind {
        Kind::Html => true,
        Kind::Xml => false,
        Kind::Text | Kind::Metrics | Kind::NotJson => return text::tokens(text),
    };
    let visible = visible(text, is_html);
    let mut tokens = text::tokens(&visible.text);
    tokens.extend(visible.attributes.into_iter().map(|at| Token { at, number: None }));
    tokens
}

fn only_number(heard: &Heard<'_>, text: &str) -> Found<Decimal> {
    let kind = match heard.body.json(text) {
        Ok(json) => return only_of_json(&json),
        Err(Kind::NotJson) => return Reason::NotJson.into(),
        Err(Kind::Metrics) => {
            let mut samples = prom::samples(text);
            return match (samples.next(), samples.next()) {
                (Some((_, value)), None) => value,
                (None, _) => Reason::NoSample.into(),
                (Some(_), Some(_)) => Reason::Several(2 + samples.count()).into(),
            };
        }
        Err(kind) => kind,
    };
    match tokens_of(text, &kind).as_slice() {
        [] => Reason::NoNumber.into(),
        [Token { number: Some(number), .. }] => Found::Value(*number),
        [Token { at, .. }] => Reason::Doubtful(text[at.clone()].into()).into(),
        several => Reason::Several(several.len()).into(),
    }
}

/// The only number of a document. An object without members, or whose only member is null, says that
/// there is none: so do stores that make a counter with its first update.
fn only_of_json(json: &Json<'_>) -> Found<Decimal> {
    let mut survey = Survey::default();
    survey.look(json);
    match (survey.duplicate, survey.numbers, json) {
        (Some(name), ..) => Reason::Duplicate(name.into()).into(),
        _ if survey.tells_error => Reason::TellsError.into(),
        (None, 0, Json::Null) => Found::Nothing,
        (None, 0, Json::Object(members))
            if members.len() < 2 && members.iter().all(|(_, member)| *member == Json::Null) =>
        {
            Found::Nothing
        }
        (None, 0, _) => Reason::NoNumber.into(),
        (None, 1, _) => survey.last.expect("it was counted").number().into(),
        (None, several, _) => Reason::Several(several).into(),
    }
}

/// What a document has in it.
#[derive(Default)]
struct Survey<'j, 't> {
    numbers: usize,
    last: Option<&'j Json<'t>>,
    arrays: Vec<&'j [Json<'t>]>,
    tells_error: bool,
    /// The name of a member that an object has twice.
    duplicate: Option<&'j str>,
}

impl<'j, 't> Survey<'j, 't> {
    fn look(&mut self, json: &'j Json<'t>) {
        match json {
            Json::Number(_) => {
                self.numbers += 1;
                self.last = Some(json);
            }
            Json::Array(elements) => {
                self.arrays.push(elements);
                for element in elements {
                    self.look(element);
                }
            }
            Json::Object(members) => {
                let mut names: Vec<&'j str> =
                    members.iter().map(|(name, _)| name.as_ref()).collect();
                names.sort_unstable();
                let twice = names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
                self.duplicate = self.duplicate.or(twice);
                self.tells_error |= json.tells_error();
                for (_, member) in members {
                    self.look(member);
                }
            }
            Json::Null | Json::Bool(_) | Json::String(_) => {}
        }
    }
}

/// The elements of the only array, which are numbers.
fn only_list(heard: &Heard<'_>, text: &str) -> Found<Vec<i64>> {
    let json = match heard.body.json(text) {
        Ok(json) => json,
        Err(Kind::NotJson) => return Reason::NotJson.into(),
        Err(Kind::Text) => return text::list(text).map_or(Reason::NoList.into(), Found::Value),
        Err(Kind::Html | Kind::Xml | Kind::Metrics) => return Reason::NoList.into(),
    };
    let mut survey = Survey::default();
    survey.look(&json);
    match (survey.duplicate, survey.arrays.as_slice(), &json) {
        (Some(name), ..) => Reason::Duplicate(name.into()).into(),
        _ if survey.tells_error => Reason::TellsError.into(),
        (None, [], Json::Null) => Found::Nothing,
        (None, [], Json::Object(members)) if members.is_empty() => Found::Nothing,
        (None, [elements], _) if elements.iter().all(|one| matches!(one, Json::Number(_))) => {
            elements.iter().map(element).collect::<Result<_, _>>().into()
        }
        (None, [] | [_], _) => Reason::NoList.into(),
        (None, several, _) => Reason::SeveralLists(several.len()).into(),
    }
}

/// The numbers of a document, those in strings among them, or of a text.
fn numbers(heard: &Heard<'_>, text: &str) -> Result<Vec<Decimal>, Reason> {
    match heard.body.json(text) {
        Ok(json) => {
            let mut found = Vec::new();
            json.walk(&mut |_, value| match value {
                Json::Number(_) => found.push(value.number()),
                Json::String(_) => found.extend(value.number().ok().map(Ok)),
                _ => {}
            });
            found.into_iter().collect()
        }
        Err(kind) => {
            let number =
                |token: Token| token.number.ok_or_else(|| Reason::Doubtful(text[token.at].into()));
            tokens_of(text, &kind).into_iter().map(number).collect()
        }
    }
}

/// The last number; what is before it makes no difference.
fn last_number(heard: &Heard<'_>, text: &str) -> Found<Decimal> {
    let Err(kind) = heard.body.json(text) else {
        return match numbers(heard, text).map(|numbers| numbers.last().copied()) {
            Ok(Some(number)) => Found::Value(number),
            Ok(None) => Reason::NoNumber.into(),
            Err(reason) => reason.into(),
        };
    };
    let last = tokens_of(text, &kind).into_iter().max_by_key(|token| token.at.start);
    match last {
        Some(Token { number: Some(number), .. }) => Found::Value(number),
        Some(Token { at, .. }) => Reason::Doubtful(text[at].into()).into(),
        None => Reason::NoNumber.into(),
    }
}

fn every_number(heard: &Heard<'_>, text: &str) -> Found<Vec<i64>> {
    if let Some(list) = text::list(text) {
        return Found::Value(list);
    }
    let integers = numbers(heard, text).and_then(|numbers| {
        numbers.into_iter().map(|number| number.to_integer().ok_or(Reason::NotWhole)).collect()
    });
    integers.into()
}

/// The text is no rule.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ParseExtractError {
    /// It begins like none of the rules.
    #[error("expected only, last, json:/POINTER, regex:PATTERN, header:NAME or prom:METRIC")]
    Unknown,
    /// A JSON pointer is empty or begins with a slash.
    #[error("expected a JSON pointer such as json:/data/value")]
    Pointer,
    /// The regular expression does not parse.
    #[error("{0}")]
    Regex(String),
    /// The regular expression has no group.
    #[error("expected a group around the number, as in regex:total=(\\d+)")]
    NoGroup,
    /// The header's name is not one.
    #[error("expected a header's name, as in header:x-total")]
    Header,
    /// No metric is named.
    #[error("expected a whole metric's name, as in prom:hits_total{{path=\"/\"}}")]
    Prom,
}

impl FromStr for Extract {
    type Err = ParseExtractError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "only" => return Ok(Self::Only),
            "last" => return Ok(Self::Last),
            _ => {}
        }
        let (kind, rule) = text.split_once(':').ok_or(ParseExtractError::Unknown)?;
        match kind {
            "json" if rule.is_empty() || rule.starts_with('/') => Ok(Self::Json(rule.to_owned())),
            "json" => Err(ParseExtractError::Pointer),
            "regex" => {
                let regex =
                    Regex::new(rule).map_err(|e| ParseExtractError::Regex(e.to_string()))?;
                if regex.captures_len() < 2 {
                    return Err(ParseExtractError::NoGroup);
                }
                Ok(Self::Regex(regex))
            }
            "header" => rule.parse().map(Self::Header).map_err(|_| ParseExtractError::Header),
            "prom" => Sample::parse(rule).map(Self::Prom).ok_or(ParseExtractError::Prom),
            _ => Err(ParseExtractError::Unknown),
        }
    }
}

/// As it is given on the command line.
impl fmt::Display for Extract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => f.write_str("only"),
            Self::Last => f.write_str("last"),
            Self::Json(pointer) => write!(f, "json:{pointer}"),
            Self::Regex(regex) => write!(f, "regex:{regex}"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Prom(sample) => write!(f, "prom:{sample}"),
        }
    }
}
