//! Columns of numbers, packed for the page.

use std::io::{self, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use check::history::NIL;

/// Writes a column as JSON: numbers of one width, little-endian, in base64.
///
/// `{"all": "7"}` is the same value everywhere, `{"type": "i16", "data": "…"}` an array of the
/// least width that holds all values. [`NIL`] is the least number of its width, or `null`.
///
/// `values` is gone through twice.
pub(super) fn write(
    values: impl Iterator<Item = i64> + Clone,
    page: &mut impl Write,
) -> io::Result<()> {
    let mut distinct = values.clone();
    let first = distinct.next();
    if distinct.all(|value| Some(value) == first) {
        return match first.filter(|value| *value != NIL) {
            Some(value) => write!(page, "{{\"all\":\"{value}\"}}"),
            None => write!(page, "{{\"all\":null}}"),
        };
    }
    let bits = values.clone().filter(|value| *value != NIL).map(width).max().unwrap_or(8);
    write!(page, "{{\"type\":\"i{bits}\",\"data\":\"")?;
    let mut encoder = EncoderWriter::new(&mut *page, &STANDARD);
    let bytes = bits / 8;
    for value in values {
        let nil = [0_u8, 0, 0, 0, 0, 0, 0, 0x80];
        let value = value.to_le_bytes();
        // The least number of a width is all zeros but for its highest bit.
        let packed = if value == NIL.to_le_bytes() { &nil[8 - bytes..] } else { &value[..bytes] };
        encoder.write_all(packed)?;
    }
    encoder.finish()?;
    drop(encoder);
    write!(page, "\"}}")
}

/// The bits that it takes to hold `value`, where the least number is set aside.
fn width(value: i64) -> usize {
    let fits = |bits: u32| value.unsigned_abs() < 1 << (bits - 1);
    [8, 16, 32].into_iter().find(|bits| fits(*bits)).unwrap_or(64) as usize
}
