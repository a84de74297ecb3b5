//! The values that requests have of their own, and what all of our requests say of us.

use crate::scenario::PLACEHOLDER;

pub(super) const USER_AGENT: &str = concat!("loadgen/", env!("CARGO_PKG_VERSION"));

/// [`PLACEHOLDER`] in a path, which is encoded.
const ENCODED_PLACEHOLDER: &str = "%7Bvalue%7D";

/// As all values have as many digits, requests differ in nothing else.
const VALUE_DIGITS: usize = 16;

/// `text` with a value of zeros in place of each placeholder, and where they stand. As it is, unless it
/// `is_filled`.
pub(super) fn open(text: &[u8], is_filled: bool) -> (Vec<u8>, Vec<usize>) {
    if !is_filled {
        return (text.to_vec(), Vec::new());
    }
    let (mut opened, mut places) = (Vec::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(first) = rest.first() {
        let placeholders = [PLACEHOLDER, ENCODED_PLACEHOLDER].map(str::as_bytes);
        if let Some(found) = placeholders.into_iter().find(|text| rest.starts_with(text)) {
            places.push(opened.len());
            opened.extend_from_slice(&[b'0'; VALUE_DIGITS]);
            rest = &rest[found.len()..];
        } else {
            opened.push(*first);
            rest = &rest[1..];
        }
    }
    (opened, places)
}

/// Writes `value`, which has 16 digits at most, at these places of `bytes`.
pub(super) fn fill(bytes: &mut [u8], places: &[usize], mut value: u64) {
    let mut digits = [b'0'; VALUE_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(value % 10).expect("it is a digit");
        value /= 10;
    }
    for place in places {
        bytes[*place..*place + VALUE_DIGITS].copy_from_slice(&digits);
    }
}
