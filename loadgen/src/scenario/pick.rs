//! What is picked anew for each request, so that several places of it have the same.

use std::ops::RangeInclusive;
use std::str::FromStr;

use thiserror::Error;

use super::values::uuid;
use crate::extract::Written;

/// A variable of a user's own, which stands in a request as `{{NAME}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// What it is called.
    pub name: String,
    /// What it may be.
    pub from: From,
}

/// What is picked from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// Integers, each as likely as another.
    Range(RangeInclusive<i64>),
    /// Texts, each as likely as another; there is at least one.
    List(Vec<String>),
    /// UUIDs of version 4.
    Uuid,
}

impl From {
    /// The least of what there is, where all are whole numbers.
    #[must_use]
    pub fn least(&self) -> Option<i64> {
        if let Self::Range(range) = self { Some(*range.start()) } else { None }
    }

    /// What there is, where all are numbers.
    #[must_use]
    pub fn written(&self) -> Option<Written> {
        match self {
            Self::Range(range) => {
                let (least, greatest) = ((*range.start()).into(), (*range.end()).into());
                Some(Written { least, greatest, decimals: 0 })
            }
            Self::List(list) => Written::of(list.iter().map(String::as_str)),
            Self::Uuid => None,
        }
    }

    /// One of what there is.
    pub(super) fn draw(&self, random: &mut fastrand::Rng, into: &mut Vec<u8>) {
        match self {
            Self::Range(range) => {
                into.extend_from_slice(random.i64(range.clone()).to_string().as_bytes());
            }
            Self::List(list) => into.extend_from_slice(list[random.usize(..list.len())].as_bytes()),
            Self::Uuid => into.extend_from_slice(uuid(random.u128(..)).as_bytes()),
        }
    }
}

/// Whether `name` can be one of a user's own variables.
///
/// # Errors
/// When it would not be found again, or has a meaning of its own.
pub fn is_name(name: &str) -> Result<(), ParsePickError> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(ParsePickError::Name(name.to_owned()));
    }
    if ["value", "seq", "client", "uuid", "rand", "cookies"].contains(&name) {
        return Err(ParsePickError::Taken(name.to_owned()));
    }
    Ok(())
}

/// The text says not what is picked from what.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ParsePickError {
    /// It has another form.
    #[error("expected NAME=1..100, NAME=a,b,c or NAME=uuid")]
    Form,
    /// The name would not be found again.
    #[error("`{0}` is not a name: expected letters, digits, `_` and `-`, as in sku")]
    Name(String),
    /// The name has a meaning.
    #[error("{{{{{0}}}}} has a meaning already: expected another name")]
    Taken(String),
    /// A text of a list would be something else in a URL, a header or JSON.
    #[error(
        "`{0}` cannot stand in every place of a request: expected only letters, digits and -._~@:!$*'()"
    )]
    Text(String),
    /// There is nothing between the ends of a range.
    #[error("there is nothing in {0}: expected the smaller number first")]
    Empty(String),
}

impl FromStr for Pick {
    type Err = ParsePickError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, from) = text.split_once('=').ok_or(ParsePickError::Form)?;
        is_name(name)?;
        Ok(Self { name: name.to_owned(), from: from.parse()? })
    }
}

impl FromStr for From {
    type Err = ParsePickError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "uuid" {
            return Ok(Self::Uuid);
        }
        if let Some(range) = range(text) {
            let is_empty = range.is_empty();
            return if is_empty {
                Err(ParsePickError::Empty(text.to_owned()))
            } else {
                Ok(Self::Range(range))
            };
        }
        let list: Vec<_> = text.split(',').map(|one| one.trim().to_owned()).collect();
        if list.iter().any(String::is_empty) {
            return Err(ParsePickError::Form);
        }
        match list.iter().find(|one| !one.chars().all(means_itself)) {
            Some(text) => Err(ParsePickError::Text(text.clone())),
            None => Ok(Self::List(list)),
        }
    }
}

/// Whether a character is itself in a URL, a header and a string of JSON.
fn means_itself(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~@:!$*'()".contains(c)
}

/// The integers of `1..100`, whose ends are among them.
pub(super) fn range(text: &str) -> Option<RangeInclusive<i64>> {
    let (least, greatest) = text.split_once("..")?;
    Some(least.trim().parse().ok()?..=greatest.trim().parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<From, String> {
        text.parse::<Pick>().map(|pick| pick.from).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_picked_from_is_a_range_a_list_or_anything_new() {
        assert_eq!(parsed("sku=1..100"), Ok(From::Range(1..=100)));
        assert_eq!(parsed("n=-3 .. -1"), Ok(From::Range(-3..=-1)));
        assert_eq!(parsed("key=uuid"), Ok(From::Uuid));
        let list =
            |list: &[&str]| Ok(From::List(list.iter().map(|one| (*one).to_owned()).collect()));
        assert_eq!(parsed("user=ann, bob"), list(&["ann", "bob"]));
        assert_eq!(parsed("e-mail=ann@x.org"), list(&["ann@x.org"]));
        for (text, expected) in [
            ("sku", "expected NAME=1..100, NAME=a,b,c or NAME=uuid"),
            ("sku=", "expected NAME="),
            ("sku=a,,b", "expected NAME="),
            ("=1..2", "`` is not a name"),
            ("a b=1..2", "`a b` is not a name"),
            ("seq=1..2", "{{seq}} has a meaning already"),
            ("user=a b", "`a b` cannot stand in every place"),
            ("user=a&b", "`a&b` cannot stand in every place"),
            ("user=ä", "expected only letters, digits and"),
            ("sku=5..1", "there is nothing in 5..1"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
