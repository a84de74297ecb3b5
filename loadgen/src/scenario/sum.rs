//! `NAME + NUMBER`: what was kept and a whole number together, as clients count that read and write back.

/// The name and the number of `NAME + NUMBER` or `NAME - NUMBER`.
pub(super) fn terms(text: &str) -> Option<(&str, i64)> {
    let at = text.rfind(['+', '-'])?;
    let (name, number) = (text[..at].trim(), text[at + 1..].trim());
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((name, format!("{}{number}", &text[at..=at]).parse().ok()?))
}

/// The whole number that `text` is, and `number`, together; `None` where it is none, or the sum is none of 64
/// bits.
pub(super) fn of(text: &[u8], number: i64) -> Option<i64> {
    std::str::from_utf8(text).ok()?.trim().parse::<i64>().ok()?.checked_add(number)
}
