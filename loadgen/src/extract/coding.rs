//! Content codings undone, and charsets: bytes in, text out.

use std::borrow::Cow;
use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;

use super::found::Reason;

/// More codings than this nobody applies to one answer.
const MAX_CODINGS: usize = 3;

/// `content` without its `codings`, which are the value of Content-Encoding; it is not longer than
/// `limit` then, whatever it says.
pub(super) fn decoded<'c>(
    content: &'c [u8],
    codings: &str,
    limit: usize,
) -> Result<Cow<'c, [u8]>, Reason> {
    let named = codings.split(',').map(str::trim);
    let named: Vec<_> = named.filter(|name| !name.is_empty() && !is(name, "identity")).collect();
    if named.len() > MAX_CODINGS {
        return Err(Reason::Encoding(codings.into()));
    }
    let mut content = Cow::Borrowed(content);
    for coding in named.into_iter().rev() {
        if !content.is_empty() {
            content = Cow::Owned(undone(&content, coding, limit)?);
        }
    }
    Ok(content)
}

fn is(coding: &str, name: &str) -> bool {
    coding.eq_ignore_ascii_case(name)
}

fn undone(content: &[u8], coding: &str, limit: usize) -> Result<Vec<u8>, Reason> {
    let decoded = match coding {
        _ if is(coding, "gzip") || is(coding, "x-gzip") => {
            bounded(MultiGzDecoder::new(content), limit)
        }
        // What RFC 9110 means is zlib's format; some servers send what it wraps.
        _ if is(coding, "deflate") => bounded(ZlibDecoder::new(content), limit)
            .or_else(|_| bounded(DeflateDecoder::new(content), limit)),
        _ if is(coding, "br") => bounded(Decompressor::new(content, BROTLI_BUFFER_BYTES), limit),
        _ if is(coding, "zstd") => unzstd(content, limit),
        _ => return Err(Reason::Encoding(coding.into())),
    };
    let decoded = decoded.map_err(|_| Reason::Garbled(coding.into()))?;
    if decoded.len() > limit { Err(Reason::TooLong(limit)) } else { Ok(decoded) }
}

const BROTLI_BUFFER_BYTES: usize = 4096;

/// One byte more than `limit` tells that there is more.
fn bounded(reader: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut decoded)?;
    Ok(decoded)
}

/// Every frame of `content`; a frame may want a window of 8 MiB, as RFC 9659 has it for HTTP.
fn unzstd(mut content: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    while !content.is_empty() && decoded.len() <= limit {
        if window_bytes(content).is_none_or(|window| window > MAX_WINDOW_BYTES) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let frame = StreamingDecoder::new(&mut content).map_err(io::Error::other)?;
        frame.take((limit - decoded.len()) as u64 + 1).read_to_end(&mut decoded)?;
    }
    Ok(decoded)
}

const MAX_WINDOW_BYTES: u64 = 8 * 1024 * 1024;

/// The window of the frame that `content` begins with (RFC 8878, section 3.1.1); `None` where it
/// begins with none. A frame of a single segment is its own window: small ones alone are let pass.
fn window_bytes(content: &[u8]) -> Option<u64> {
    let frame = content.strip_prefix(&[0x28, 0xb5, 0x2f, 0xfd])?;
    let (descriptor, rest) = frame.split_first()?;
    if descriptor & 0x20 == 0 {
        let window = rest.first()?;
        let base = 1_u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    let skipped = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let (length, offset) = [(1, 0), (2, 256), (4, 0), (8, 0)][usize::from(descriptor >> 6)];
    let mut size = [0; 8];
    size[..length].copy_from_slice(rest.get(skipped..skipped + length)?);
    u64::from_le_bytes(size).checked_add(offset)
}

/// `content` as text of the charset that is named, or else of UTF-8.
pub(super) fn text<'c>(
    content: Cow<'c, [u8]>,
    charset: Option<&str>,
) -> Result<Cow<'c, str>, Reason> {
    if content.starts_with(&[0xff, 0xfe]) || content.starts_with(&[0xfe, 0xff]) {
        return Err(Reason::Charset("utf-16".into()));
    }
    let charset = charset.unwrap_or("utf-8").to_ascii_lowercase();
    match charset.as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => utf8(content),
        "iso-8859-1" | "latin1" | "iso_8859-1" | "windows-1252" | "cp1252" => {
            Ok(Cow::Owned(content.iter().map(|byte| western(*byte)).collect()))
        }
        other => Err(Reason::Charset(other.into())),
    }
}

const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

fn utf8(content: Cow<'_, [u8]>) -> Result<Cow<'_, str>, Reason> {
    match content {
        Cow::Borrowed(bytes) => {
            let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
            str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Reason::NotText)
        }
        Cow::Owned(mut bytes) => {
            if bytes.starts_with(BYTE_ORDER_MARK) {
                bytes.drain(..BYTE_ORDER_MARK.len());
            }
            String::from_utf8(bytes).map(Cow::Owned).map_err(|_| Reason::NotText)
        }
    }
}

/// A character of windows-1252, which is what is meant by ISO 8859-1 on the web.
fn western(byte: u8) -> char {
    const FROM_0X80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..0xa0 => FROM_0X80[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 1000;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn decode(content: &[u8], codings: &str) -> Result<Vec<u8>, Reason> {
        decoded(content, codings, LIMIT).map(Cow::into_owned)
    }

    #[test]
    fn what_was_coded_is_decoded() {
        let zlib = {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(b"x: 41").unwrap();
            encoder.finish().unwrap()
        };
        let raw = {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(b"x: 41").unwrap();
            encoder.finish().unwrap()
        };
        for (content, codings) in [
            (b"x: 41".to_vec(), ""),
            (b"x: 41".to_vec(), "identity"),
            (gzip(b"x: 41"), "gzip"),
            (gzip(b"x: 41"), "X-GZIP"),
            (zlib, "deflate"),
            (raw, "deflate"),
            (zstd(b"x: 41"), "zstd"),
            ([zstd(b"x: "), zstd(b"41")].concat(), "zstd"),
            (gzip(&zstd(b"x: 41")), "zstd, gzip"),
            ([gzip(b"x: "), gzip(b"41")].concat(), "gzip"),
        ] {
            assert_eq!(decode(&content, codings).unwrap(), b"x: 41", "{codings}");
        }
        assert_eq!(decode(b"", "gzip").unwrap(), b"");
    }

    #[test]
    fn what_does_not_decode_has_a_reason() {
        assert_eq!(decode(b"x", "compress"), Err(Reason::Encoding("compress".into())));
        assert_eq!(decode(b"x", "gzip"), Err(Reason::Garbled("gzip".into())));
        let cut = &gzip(b"hello, hello, hello")[..15];
        assert_eq!(decode(cut, "gzip"), Err(Reason::Garbled("gzip".into())));
        assert!(decode(b"x", "gzip,gzip,gzip,gzip").is_err());
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = gzip(&vec![b'7'; 10_000_000]);
        assert_eq!(decode(&bomb, "gzip"), Err(Reason::TooLong(LIMIT)));
        let bomb = zstd(&vec![b'7'; 10_000_000]);
        assert_eq!(decode(&bomb, "zstd"), Err(Reason::TooLong(LIMIT)));
        // A frame that asks for a window of 3.75 TiB.
        let greedy = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0x00, 0x00];
        assert_eq!(decode(&greedy, "zstd"), Err(Reason::Garbled("zstd".into())));
    }

    #[test]
    fn charsets_are_read_or_refused_by_name() {
        let read = |bytes: &[u8], charset| text(Cow::Borrowed(bytes), charset).map(Cow::into_owned);
        assert_eq!(read(b"\xef\xbb\xbf41", None).unwrap(), "41");
        assert_eq!(read("é".as_bytes(), Some("UTF-8")).unwrap(), "é");
        assert_eq!(read(b"\xa9 \x80", Some("ISO-8859-1")).unwrap(), "© €");
        assert_eq!(read(b"\xa9", None), Err(Reason::NotText));
        assert_eq!(read(b"4\x001\x00", Some("utf-16le")), Err(Reason::Charset("utf-16le".into())));
        assert_eq!(read(b"\xff\xfe4\x00", None), Err(Reason::Charset("utf-16".into())));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much(
            content: Vec<u8>, magic: bool,
            coding in prop_oneof![Just("gzip"), Just("deflate"), Just("br"), Just("zstd"), Just("x")],
        ) {
            let magic: &[u8] = if magic { &[0x28, 0xb5, 0x2f, 0xfd] } else { &[] };
            let _ = decode(&[magic, &content].concat(), coding);
        }
    }
}
