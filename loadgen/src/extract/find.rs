//! How the rules that are not about one place look at all of an answer.

use super::content::{Heard, Kind};
use super::found::{Found, Reason};
use super::json::{Json, Pointed};
use super::markup::visible;
use super::number::Decimal;
use super::prom;
use super::text::{self, Token};

/// What `read` finds in the value at `pointer`.
pub(super) fn at_pointer<T>(
    text: &str,
    pointer: &str,
    read: impl FnOnce(&Json<'_>) -> Found<T>,
) -> Found<T> {
    let Some(json) = Json::parse(text) else { return Reason::NotJson.into() };
    match json.pointer(pointer) {
        Pointed::To(value) => read(value),
        Pointed::Nothing if json.tells_error() => Reason::TellsError.into(),
        Pointed::Nothing => Found::Nothing,
        Pointed::Nowhere(reason) => reason.into(),
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

pub(super) fn only_number(heard: &Heard<'_>, text: &str) -> Found<Decimal> {
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

/// The only array of a document, of which no member is there twice; none of an empty document.
pub(super) fn only_array<'j, 't>(json: &'j Json<'t>) -> Found<&'j [Json<'t>]> {
    let mut survey = Survey::default();
    survey.look(json);
    match (survey.duplicate, survey.arrays.as_slice(), json) {
        (Some(name), ..) => Reason::Duplicate(name.into()).into(),
        _ if survey.tells_error => Reason::TellsError.into(),
        (None, [], Json::Null) => Found::Nothing,
        (None, [], Json::Object(members)) if members.is_empty() => Found::Nothing,
        (None, [elements], _) => Found::Value(elements),
        (None, [], _) => Reason::NoList.into(),
        (None, several, _) => Reason::SeveralLists(several.len()).into(),
    }
}

/// The numbers of a document, those in strings among them.
fn numbers_of(json: &Json<'_>) -> Result<Vec<Decimal>, Reason> {
    let mut found = Vec::new();
    json.walk(&mut |_, value| match value {
        Json::Number(_) => found.push(value.number()),
        Json::String(_) => found.extend(value.number().ok().map(Ok)),
        _ => {}
    });
    found.into_iter().collect()
}

/// The numbers of a document or of a text.
pub(super) fn numbers(heard: &Heard<'_>, text: &str) -> Result<Vec<Decimal>, Reason> {
    match heard.body.json(text) {
        Ok(json) => numbers_of(&json),
        Err(kind) => {
            let number =
                |token: Token| token.number.ok_or_else(|| Reason::Doubtful(text[token.at].into()));
            tokens_of(text, &kind).into_iter().map(number).collect()
        }
    }
}

/// The last number; what is before it makes no difference.
pub(super) fn last_number(heard: &Heard<'_>, text: &str) -> Found<Decimal> {
    let kind = match heard.body.json(text) {
        Ok(json) => {
            let last =
                numbers_of(&json).and_then(|all| all.last().copied().ok_or(Reason::NoNumber));
            return last.into();
        }
        Err(kind) => kind,
    };
    let last = tokens_of(text, &kind).into_iter().max_by_key(|token| token.at.start);
    match last {
        Some(Token { number: Some(number), .. }) => Found::Value(number),
        Some(Token { at, .. }) => Reason::Doubtful(text[at].into()).into(),
        None => Reason::NoNumber.into(),
    }
}
