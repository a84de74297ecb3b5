//! Text with variables: what differs from one request to the next.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::ops::RangeInclusive;

use thiserror::Error;
use url::{Position, Url};

use super::escape::Escape;
use super::values::Values;
use super::variables::Variables;
use super::{pick, sum};

/// What stands for a request's own value, where it has one; `{{value}}` is the same.
pub const PLACEHOLDER: &str = "{value}";

/// Text in which `{{NAME}}` stands for what a variable is in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
    /// How values are written in it.
    escape: Escape,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Variable(Variable),
}

/// What has a value of its own in each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Variable {
    /// A number that no other request has, nor one of an earlier run: 16 digits.
    Value,
    /// Which request it is: 1, 2, …
    Seq,
    /// Which client sends it: 0, 1, …
    Client,
    /// A UUID of version 4.
    Uuid,
    /// One of these, each as likely as another.
    Rand(RangeInclusive<i64>),
    /// What a client has a value of, by its place.
    Slot(usize),
    /// Such a value and a number together.
    Sum(usize, i64),
}

/// A name in double braces that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "there is no variable {{{{{name}}}}}: expected {known}{{{{seq}}}}, {{{{client}}}}, \
     {{{{uuid}}}}, {{{{rand 1..100}}}} or {{{{value}}}}; {{{{{{{{ stands for {{{{"
)]
pub struct UnknownVariable {
    name: String,
    /// Those of the user's own.
    known: String,
}

impl UnknownVariable {
    fn new(name: String, variables: &Variables) -> Self {
        let names = variables.names.iter().map(|name| &name.text);
        let names = names.chain(variables.constants.iter().map(|constant| &constant.name));
        let known: Vec<_> = names.map(|name| format!("{{{{{name}}}}}, ")).collect();
        Self { name, known: known.concat() }
    }
}

const OPEN: &[u8] = b"{{";
const CLOSE: &[u8] = b"}}";

impl Template {
    /// `text` with its `variables`, of which [`PLACEHOLDER`] may be one, written as `escape` says.
    ///
    /// # Errors
    /// When a name in double braces is none.
    pub(crate) fn parse(
        text: &[u8],
        variables: &Variables,
        escape: Escape,
    ) -> Result<Self, UnknownVariable> {
        Self::read(text, escape, |rest| {
            if rest.starts_with(b"{{{{") {
                return Ok(Some((Piece::Text(OPEN.to_vec()), OPEN.len() * 2)));
            }
            let found = variable(rest, variables, escape)?;
            Ok(found.or_else(|| placeholder(rest, variables.has_value)))
        })
    }

    /// The same, where a name that is none stands for itself.
    pub(crate) fn of(text: &[u8], variables: &Variables, escape: Escape) -> Self {
        Self::parse(text, variables, escape)
            .unwrap_or_else(|_| Self::literal(text, variables.has_value))
    }

    /// `text` as it is, but for [`PLACEHOLDER`] where it `has_value`.
    pub(crate) fn literal(text: &[u8], has_value: bool) -> Self {
        let placeholder = |rest: &[u8]| Ok::<_, Infallible>(placeholder(rest, has_value));
        Self::read(text, Escape::None, placeholder).unwrap_or_else(|never| match never {})
    }

    /// `text` in pieces: what `piece` finds at a beginning, and how long it is there; elsewhere text.
    fn read<E>(
        text: &[u8],
        escape: Escape,
        piece: impl Fn(&[u8]) -> Result<Option<(Piece, usize)>, E>,
    ) -> Result<Self, E> {
        let mut template = Self { pieces: Vec::new(), escape };
        let mut rest = text;
        while let Some(first) = rest.first() {
            let (piece, length) = piece(rest)?.unwrap_or_else(|| (Piece::Text(vec![*first]), 1));
            template.push(piece);
            rest = &rest[length..];
        }
        Ok(template)
    }

    /// Whether it is the same in each request.
    pub(crate) fn is_constant(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// Whether wherever it stands in a request it is the same: nothing in it is drawn in its place.
    pub(crate) fn is_one(&self) -> bool {
        let is_drawn =
            |piece: &Piece| matches!(piece, Piece::Variable(Variable::Uuid | Variable::Rand(_)));
        !self.pieces.iter().any(is_drawn)
    }

    /// Appends the text as it is in the request that `values` are of.
    pub(crate) fn fill(&self, into: &mut Vec<u8>, values: &mut Values) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => into.extend_from_slice(text),
                Piece::Variable(variable) => values.append(variable, self.escape, into),
            }
        }
    }

    fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Text(known)), Piece::Text(text)) => known.extend_from_slice(&text),
            (_, piece) => self.pieces.push(piece),
        }
    }
}

/// Part of a URL, with braces in place of those that are percent-encoded, where they are a variable's.
pub(crate) fn in_url(text: &str) -> String {
    let first = |text: &str, words: [&'static str; 2]| {
        let places = words.into_iter().filter_map(|word| Some((text.find(word)?, word.len())));
        places.min()
    };
    let (mut decoded, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((begin, open)) = first(rest, ["{{", "%7B%7B"])
        && let behind = &rest[begin + open..]
        && let Some((end, close)) = first(behind, ["}}", "%7D%7D"])
    {
        let name = behind[..end].replace("%20", " ").replace("%2B", "+");
        // A plus stands for a space where a space is to be.
        let name = if name.starts_with("rand+") { name.replace('+', " ") } else { name };
        decoded.extend([&rest[..begin], "{{", &name, "}}"]);
        rest = &behind[end + close..];
    }
    decoded.push_str(rest);
    decoded.replace("%7Bvalue%7D", PLACEHOLDER)
}

/// `text` as it is written where braces may be a variable's, and none of its own are.
pub(crate) fn verbatim(text: &[u8]) -> Vec<u8> {
    let (mut written, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(begin) = rest.windows(OPEN.len()).position(|part| part == OPEN) {
        written.extend_from_slice(&rest[..begin]);
        written.extend_from_slice(OPEN);
        written.extend_from_slice(OPEN);
        rest = &rest[begin + OPEN.len()..];
    }
    written.extend_from_slice(rest);
    written
}

/// The same of a URL: braces are percent-encoded in a way in which they are no variable's.
pub(crate) fn verbatim_url(url: Url) -> Url {
    let asked = &url[Position::BeforePath..];
    if !asked.contains('{') && !asked.contains("%7B") {
        return url;
    }
    let asked = asked.replace("%7B", "%7b").replace('{', "%7b");
    let written = Url::parse(&format!("{}{asked}", &url[..Position::BeforePath]));
    written.unwrap_or(url)
}

/// The variable at the beginning of `text`, and how long what stands for it is.
fn variable(
    text: &[u8],
    variables: &Variables,
    escape: Escape,
) -> Result<Option<(Piece, usize)>, UnknownVariable> {
    let Some(rest) = text.strip_prefix(OPEN) else { return Ok(None) };
    let Some(length) = rest.windows(CLOSE.len()).position(|part| part == CLOSE) else {
        return Ok(None);
    };
    let name = String::from_utf8_lossy(&rest[..length]).into_owned();
    let length = OPEN.len() + length + CLOSE.len();
    if let Some(constant) = variables.constant(name.trim()) {
        return Ok(Some((Piece::Text(escape.constant(constant)), length)));
    }
    let own = variables.slot(name.trim()).map(Variable::Slot).or_else(|| sum(&name, variables));
    let variable = own.or_else(|| named(name.trim()));
    let variable = variable.ok_or_else(|| UnknownVariable::new(name, variables))?;
    Ok(Some((Piece::Variable(variable), length)))
}

/// [`PLACEHOLDER`], where it is one and stands at the beginning of `text`.
fn placeholder(text: &[u8], has_value: bool) -> Option<(Piece, usize)> {
    let is_value = has_value && text.starts_with(PLACEHOLDER.as_bytes());
    is_value.then_some((Piece::Variable(Variable::Value), PLACEHOLDER.len()))
}

/// What `NAME + 1` or `NAME - 1` stands for.
fn sum(text: &str, variables: &Variables) -> Option<Variable> {
    let (name, number) = sum::terms(text)?;
    Some(Variable::Sum(variables.slot(name)?, number))
}

fn named(name: &str) -> Option<Variable> {
    match name {
        "value" => Some(Variable::Value),
        "seq" => Some(Variable::Seq),
        "client" => Some(Variable::Client),
        "uuid" => Some(Variable::Uuid),
        name => {
            let range = pick::range(name.strip_prefix("rand ")?)?;
            (!range.is_empty()).then_some(Variable::Rand(range))
        }
    }
}
