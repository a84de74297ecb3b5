//! Answers in HTTP/2.

use crate::wire::http2::tests::cutting::cut_alike;

/// Reads `bytes` as what a server says to three requests: the same comes of it whole and in pieces, and
/// in bounded memory.
///
/// Up to the first line's end, bytes are the sizes of pieces. What follows is frames.
///
/// # Panics
/// When any of that does not hold.
pub fn http2(bytes: &[u8]) {
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (sizes, frames) = bytes.split_at(line);
    let frames = frames.strip_prefix(b"\n").unwrap_or(frames);
    let ends = sizes.iter().scan(0, |end, size| {
        *end += 1 + usize::from(*size % 64);
        Some(*end)
    });
    let places: Vec<_> = ends.take_while(|end| *end < frames.len()).collect();
    cut_alike(frames, &places).unwrap_or_else(|difference| panic!("{difference}"));
}
