//! Regular expressions made for a number of a text, so that a person can name it.

use std::ops::Range;

/// How much of what is around a number a pattern may take.
const CONTEXT_CHARS: usize = 40;

/// The shortest regular expression by what is before the number, or else behind it, that finds the
/// number at `at` first.
pub(super) fn pattern(text: &str, at: Range<usize>) -> Option<String> {
    let group = group(&text[at.clone()])?;
    let before = text[..at.start].rsplit('\n').next().unwrap_or_default();
    let start = before.char_indices().rev().take(CONTEXT_CHARS).last().map_or(0, |(at, _)| at);
    let before = &before[start..];
    let is_start = |at: &usize| {
        let previous = before[..*at].chars().next_back();
        previous.is_none_or(|c| !c.is_alphanumeric())
            && before[*at..].chars().next().is_some_and(|c| !c.is_whitespace())
    };
    let starts = before.char_indices().rev().map(|(at, _)| at).filter(is_start);
    let behind = text[at.end..].lines().next().unwrap_or_default();
    let mut ends = behind.char_indices().filter(|(_, c)| !c.is_alphanumeric()).map(|(at, _)| at);
    let end = ends
        .find(|end| *end > 1)
        .unwrap_or(behind.len())
        .min(behind.char_indices().nth(CONTEXT_CHARS).map_or(behind.len(), |(at, _)| at));
    let by_end = format!("{group}{}", escaped(&behind[..end]));
    let patterns = starts
        .map(|start| format!("{}{group}", escaped(&before[start..])))
        .filter(|pattern| pattern.contains(char::is_alphabetic))
        .chain([by_end, format!("^\\s*{group}")]);
    patterns
        .take(CONTEXT_CHARS)
        .find(|pattern| {
            let regex = regex::Regex::new(pattern).ok();
            let first = regex.and_then(|regex| Some(regex.captures(text)?.get(1)?.range()));
            first == Some(at.clone())
        })
        .map(|pattern| format!("regex:{pattern}"))
}

/// A pattern of what `number` is one of.
fn group(number: &str) -> Option<&'static str> {
    let is_of = |marks: &str| number.chars().all(|c| c.is_ascii_digit() || marks.contains(c));
    if is_of("-") {
        Some(r"(-?\d+)")
    } else if is_of("-.") {
        Some(r"(-?\d+(?:\.\d+)?)")
    } else if is_of("-.,") {
        Some(r"(-?\d[\d,]*(?:\.\d+)?)")
    } else if is_of("-.eE+") {
        Some(r"(-?\d[\d.]*(?:[eE][-+]?\d+)?)")
    } else {
        None
    }
}

/// `text` as a pattern, in which blanks may be of any kind and number.
fn escaped(text: &str) -> String {
    let mut pattern = String::new();
    let mut is_blank = false;
    for c in text.chars() {
        if !c.is_whitespace() {
            pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
        } else if !is_blank {
            pattern.push_str(r"\s+");
        }
        is_blank = c.is_whitespace();
    }
    pattern
}
