//! Numbers in text that was written for people: a number is a whole token, or it is none.

use std::ops::Range;

use super::markup::{COPYRIGHT, ENTITY, JOINT};
use super::number::{Decimal, Parsed};

/// Something in a text that is a number, or may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) at: Range<usize>,
    /// The number; `None` where it may be one: `1,010`, `1e3`, `12,50`, `41%`.
    pub(super) number: Option<Decimal>,
}

/// Every number of `text`, and whatever may be one. Dates, times, versions, addresses and names
/// with digits in them are none.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut minus_at = None;
    for word in words(text) {
        let (word, core) = trimmed(text, word);
        if matches!(core, "-" | "−" | "–") {
            minus_at = Some(word.end);
            continue;
        }
        if let Some(mut kind) = classify(core) {
            let before = &text[..word.start];
            let is_after_minus = minus_at.is_some_and(|at| before[at..].trim().is_empty());
            if is_after_minus || is_year_of_copyright(before) {
                kind = Kind::Doubtful;
            }
            let (at, number) = match kind {
                Kind::Number { skipped, length, number } => {
                    let start = word.start + skipped;
                    (start..start + length, Some(number))
                }
                Kind::Doubtful => (word, None),
            };
            tokens.push(Token { at, number });
        }
    }
    tokens
}

/// The integers of a text that has nothing else in it but what parts them; `None` where it has.
pub(super) fn list(text: &str) -> Option<Vec<i64>> {
    let parts = |c: char| c.is_whitespace() || ",;|[](){}".contains(c);
    let pieces = || text.split(parts).filter(|piece| !piece.is_empty());
    let is_grouped = text.split(|c: char| parts(c) && c != ',').any(may_be_grouped);
    if is_grouped {
        return None;
    }
    pieces().map(|piece| Decimal::parse(piece).number()?.to_integer()).collect()
}

/// Whether all that the commas of `text` part are groups of three digits, as in `1,010`.
fn may_be_grouped(text: &str) -> bool {
    let mut groups = text.trim_end_matches(',').split(',');
    let leads = groups.next().is_some_and(|first| (1..=3).contains(&first.len()));
    let mut rest = groups.peekable();
    leads && rest.peek().is_some() && rest.all(|group| group.len() == 3)
}

enum Kind {
    /// A number of this length, behind so many bytes of the word.
    Number {
        skipped: usize,
        length: usize,
        number: Decimal,
    },
    Doubtful,
}

impl Kind {
    /// The number that all of `text` is, or something that may be one.
    fn of(text: &str, skipped: usize) -> Self {
        match Decimal::parse(text) {
            Parsed::Number(number) => Self::Number { skipped, length: text.len(), number },
            Parsed::OutOfRange | Parsed::Malformed => Self::Doubtful,
        }
    }
}

/// Where the words are: what nothing parts that stands between words.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        let belongs = match c {
            JOINT => joins(previous, text[at..].trim_start_matches(JOINT)),
            ',' | '\u{a0}' | '\u{202f}' | '\u{2009}' => {
                let next = text[at + c.len_utf8()..].chars().next();
                previous.is_ascii_digit() && next.is_some_and(|next| next.is_ascii_digit())
            }
            c => is_of_word(c),
        };
        match (belongs, start) {
            (true, None) => start = Some(at),
            (false, Some(begin)) => {
                words.push(begin..at);
                start = None;
            }
            _ => {}
        }
        if c != JOINT {
            previous = c;
        }
    }
    words.extend(start.map(|begin| begin..text.len()));
    words
}

const CURRENCIES: [char; 5] = ['$', '€', '£', '¥', '₹'];

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric()
        || "-+.:/_%@&#~'^\\=?".contains(c)
        || CURRENCIES.contains(&c)
        || matches!(c, '−' | '–' | '’' | ENTITY | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Whether what is before a tag within a line and what is behind it are read as one.
fn joins(previous: char, behind: &str) -> bool {
    let mut behind = behind.chars();
    let (next, second) = (behind.next().unwrap_or(' '), behind.next().unwrap_or(' '));
    let ends = previous.is_alphanumeric() || "-+.,'_%/−–’".contains(previous) || previous == ENTITY;
    let goes_on = ".,'_%/’".contains(next) && second.is_alphanumeric();
    ends && (next.is_alphanumeric() || next == '%' || next == ENTITY || goes_on)
}

/// The word without the punctuation around it.
fn trimmed(text: &str, word: Range<usize>) -> (Range<usize>, &str) {
    let whole = &text[word.clone()];
    let core = whole.trim_start_matches([':', '\'', '’', '&', '=']);
    let start = word.start + whole.len() - core.len();
    let core = core.trim_end_matches(['.', ':', '\'', '’', '&', '?', '=']);
    (start..start + core.len(), core)
}

fn is_year_of_copyright(before: &str) -> bool {
    const NEAR_CHARS: usize = 60;
    let start = before.char_indices().rev().take(NEAR_CHARS).last().map_or(0, |(at, _)| at);
    let near = before[start..].to_lowercase();
    near.contains(COPYRIGHT) || near.contains("copyright") || near.trim_end().ends_with("(c)")
}

/// What a word is; `None` where it is certainly no number.
fn classify(word: &str) -> Option<Kind> {
    if !word.contains(char::is_numeric) {
        return None;
    }
    let marked = word.strip_prefix('#').or_else(|| word.strip_prefix(CURRENCIES)).unwrap_or(word);
    let skipped = word.len() - marked.len();
    let bare = marked.strip_suffix(CURRENCIES).unwrap_or(marked);
    if is_plain(bare) {
        return Some(if bare.len() == marked.len() || skipped == 0 {
            Kind::of(bare, skipped)
        } else {
            Kind::Doubtful
        });
    }
    if word.contains([JOINT, ENTITY]) {
        return Some(Kind::Doubtful);
    }
    if word.contains(char::is_alphabetic) { of_letters(word) } else { of_digits(word) }
}

/// Whether `text` is an integer or a decimal number and nothing else. `1.010` may be a decimal, or a
/// thousand and ten.
fn is_plain(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match unsigned.split_once('.') {
        None => are_digits(unsigned),
        Some((whole, decimals)) => {
            let is_group = decimals.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
            are_digits(whole) && are_digits(decimals) && !is_group
        }
    }
}

/// What a word with letters in it is.
fn of_letters(word: &str) -> Option<Kind> {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
    };
    if let Some((name, value)) = word.split_once('=').filter(|(name, _)| is_name(name)) {
        if value.contains(['&', '=']) {
            return value.contains(char::is_numeric).then_some(Kind::Doubtful);
        }
        let skipped = name.len() + 1;
        return match classify(value)? {
            Kind::Number { skipped: more, length, number } => {
                Some(Kind::Number { skipped: skipped + more, length, number })
            }
            Kind::Doubtful => Some(Kind::Doubtful),
        };
    }
    let labelled = word.split_once(':').filter(|(name, _)| is_name(name));
    if labelled.is_some_and(|(_, value)| classify(value).is_some()) {
        // `visits:41`, or `web-1:8080`.
        return Some(Kind::Doubtful);
    }
    let unsigned = word.trim_start_matches(['-', '+', '−', '~', '#']);
    let unsigned = unsigned.strip_prefix(CURRENCIES).unwrap_or(unsigned);
    let tail = unsigned.trim_start_matches(|c: char| c.is_ascii_digit() || ".,_'".contains(c));
    if tail.len() < unsigned.len() && is_of_amount(tail) {
        return Some(Kind::Doubtful);
    }
    // Scripts that do not part words by blanks.
    let mut pairs = word.chars().zip(word.chars().skip(1));
    let is_foreign = |c: char| c.is_alphabetic() && !c.is_ascii();
    pairs
        .any(|(one, other)| {
            is_foreign(one) && other.is_numeric() || one.is_numeric() && is_foreign(other)
        })
        .then_some(Kind::Doubtful)
}

/// Whether digits before `tail` are an amount together with it: `5k`, `1.2M`, `1e3`.
fn is_of_amount(tail: &str) -> bool {
    let lower = tail.to_lowercase();
    let exponent = lower.strip_prefix('e').map(|rest| rest.trim_start_matches(['+', '-']));
    let is_exponent = exponent
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    is_exponent
        || matches!(lower.as_str(), "k" | "m" | "g" | "t" | "b" | "bn" | "mn" | "mio" | "mrd")
}

/// What a word of digits and signs is, that is no plain number.
fn of_digits(word: &str) -> Option<Kind> {
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let dotted: Vec<_> = word.split('.').collect();
    if dotted.len() > 2 && dotted.iter().all(|part| are_digits(part)) {
        // 1.2.3, 26.11.2026 and 10.0.0.1; but 1.234.567 may be a number.
        let is_grouped = dotted[0].len() <= 3 && dotted[1..].iter().all(|part| part.len() == 3);
        return is_grouped.then_some(Kind::Doubtful);
    }
    let slashed: Vec<_> = word.split('/').collect();
    if slashed.len() == 3 && slashed.iter().all(|part| are_digits(part)) {
        return None;
    }
    let joined: Vec<_> = word.split(['-', ':', '–']).collect();
    let (last, firsts) = joined.split_last()?;
    let may_end = |text: &str| match text.split_once(['.', ',']) {
        // Of a second only: behind a date stands another column.
        Some((whole, decimals)) => word.contains(':') && are_digits(whole) && are_digits(decimals),
        None => are_digits(text),
    };
    if !firsts.is_empty() && firsts.iter().all(|part| are_digits(part)) && may_end(last) {
        // 2026-11-26, 10:33:07.250, 555-1234.
        return None;
    }
    let is_encoded = |text: &str| text.len() == 2 && are_digits(text);
    let mut encoded = word.split('%');
    if encoded.next() == Some("") && encoded.all(is_encoded) {
        return None;
    }
    Some(Kind::Doubtful)
}

#[cfg(test)]
mod tests;
