//! Numbers as they are written, looked at without the code that reads them.

/// More characters than this are no number that is looked for.
const LONGEST: usize = 1100;

/// What parts groups of digits.
const MARKS: [char; 8] = [',', '\'', '’', '_', ' ', '\u{a0}', '\u{202f}', '\u{2009}'];

/// Whether `number`, as it is shown, stands in `text` with no more of a number on either side.
pub(super) fn is_whole(text: &str, number: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || "+-.eE".contains(c) || MARKS.contains(&c);
    text.char_indices().any(|(start, first)| {
        let before = &text[..start];
        let begins = match first {
            // What is before a sign parts lists, and no groups of digits.
            '+' | '-' => !before.ends_with(|c: char| c.is_ascii_digit()),
            _ => first.is_ascii_digit() && !joins(before.chars().rev()) && !has_sign(before),
        };
        let length = text[start..].find(|c| !is_part(c)).unwrap_or(text.len() - start);
        begins
            && text[start..start + length].char_indices().take(LONGEST).any(|(at, last)| {
                let end = start + at + last.len_utf8();
                last.is_ascii_digit()
                    && !joins(text[end..].chars())
                    && !has_exponent(&text[end..])
                    && normal(&text[start..end]).as_deref() == Some(number)
            })
    })
}

/// Whether a digit is next, or is parted from here only by what is written within a number.
fn joins(mut beside: impl Iterator<Item = char>) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    match beside.next() {
        Some('.' | ',' | '\'' | '’' | '_') => is_digit(beside.next()),
        next => is_digit(next),
    }
}

/// Whether the digits of an exponent are next.
fn has_exponent(behind: &str) -> bool {
    let exponent = behind.strip_prefix(['e', 'E']).unwrap_or_default();
    exponent.strip_prefix(['+', '-']).unwrap_or(exponent).starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a sign is the last, unless it joins what follows to a word.
fn has_sign(before: &str) -> bool {
    let unsigned = before.strip_suffix(['-', '−']);
    unsigned.is_some_and(|before| !before.ends_with(char::is_alphanumeric))
}

/// `text` as a decimal without an exponent and without digits that say nothing: `-12.5` for
/// `-1_2.50` and `-0125e-1`. `None` where it is no number, or has more digits than that.
pub(super) fn normal(text: &str) -> Option<String> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.replace(MARKS, "");
    let mut digits = whole.clone() + decimals;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.bytes().all(|byte| byte == b'0') {
        return Some("0".to_owned());
    }
    let exponent: i64 = exponent.parse().ok()?;
    let mut point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    if point.abs() > 2 * i64::try_from(LONGEST).ok()? {
        return None;
    }
    while point < 0 {
        digits.insert(0, '0');
        point += 1;
    }
    let point = usize::try_from(point).ok()?;
    let missing = point.saturating_sub(digits.len());
    digits.push_str(&"0".repeat(missing));
    let (whole, decimals) = digits.split_at(point);
    let whole =
        Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    let decimals = decimals.trim_end_matches('0');
    let parted = if decimals.is_empty() { String::new() } else { format!(".{decimals}") };
    Some(format!("{sign}{whole}{parted}"))
}
