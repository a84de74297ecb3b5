//! The number that a regular expression takes: all of one, or none.

use std::borrow::Cow;

use check::Tokens;
use regex::Captures;

use super::elements;
use super::found::{Found, Reason};
use super::number::{Decimal, Parsed};

/// The number that all of `text` is, if it is one.
pub(super) fn number_of(text: &str) -> Option<Decimal> {
    of_text(text).value()
}

/// The number that all of `text` is; groups of three digits may be parted.
pub(super) fn of_text(text: &str) -> Found<Decimal> {
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
pub(super) fn of_group(text: &str, captures: &Captures<'_>) -> Found<Decimal> {
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

/// The element in the first group: a number, which has to be all of the number that stands there, or a
/// text. Digits that are written as no number is, such as `007` and `1e5`, are a text.
pub(super) fn element_of_group(
    text: &str,
    captures: &Captures<'_>,
    tokens: &mut Tokens,
) -> Result<i64, Reason> {
    let taken = captures.get(1).ok_or(Reason::NoMatch)?.as_str().trim();
    let is_text = || {
        let digits = taken.strip_prefix('-').unwrap_or(taken);
        let has_zeros = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        has_zeros || taken.starts_with('+') || taken.contains(['e', 'E'])
    };
    match of_group(text, captures) {
        Found::Value(number) if !is_text() => {
            number.to_integer().map(|integer| tokens.of_integer(integer)).ok_or(Reason::NotWhole)
        }
        Found::Unreadable(reason @ Reason::Partial(_))
            if of_text(taken) != Reason::NoNumber.into() =>
        {
            Err(reason)
        }
        _ => elements::of_text(taken, tokens),
    }
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
