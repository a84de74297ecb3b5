//! The code of strings in header blocks (RFC 7541, section 5.2 and appendix B).
//!
//! It is canonical: among codes of one length, those of greater symbols are greater, and a longer code
//! begins above all shorter ones. So the lengths say all there is to know.

use crate::wire::http2_error::Breach;

/// The length of each octet's code in bits, and of the one that ends a string and never occurs.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7,
    7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
    23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

const LONGEST: usize = 30;
const END: u16 = 256;

/// The symbols in the order of their codes, and for each length the first code and where its symbol
/// stands among them.
struct Codes {
    symbols: [u16; LENGTHS.len()],
    first: [u32; LONGEST + 1],
    place: [u16; LONGEST + 2],
}

static CODES: Codes = codes();

#[expect(clippy::cast_possible_truncation, reason = "there are 257 symbols")]
const fn codes() -> Codes {
    let mut codes =
        Codes { symbols: [0; LENGTHS.len()], first: [0; LONGEST + 1], place: [0; LONGEST + 2] };
    let (mut length, mut code, mut place) = (0, 0, 0);
    while length <= LONGEST {
        codes.first[length] = code;
        codes.place[length] = place as u16;
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as usize == length {
                codes.symbols[place] = symbol as u16;
                place += 1;
                code += 1;
            }
            symbol += 1;
        }
        code <<= 1;
        length += 1;
    }
    codes.place[LONGEST + 1] = place as u16;
    codes
}

/// The string that `coded` stands for.
///
/// # Errors
/// When it holds the code that ends a string, or its padding is not the beginning of that, or as long
/// as an octet.
pub(super) fn decode(coded: &[u8]) -> Result<Vec<u8>, Breach> {
    let mut decoded = Vec::with_capacity(coded.len() * 2);
    let (mut code, mut length) = (0_u32, 0);
    let bits =
        coded.iter().flat_map(|octet| (0..8).rev().map(move |bit| u32::from(octet >> bit & 1)));
    for bit in bits {
        (code, length) = (code << 1 | bit, length + 1);
        let Some(symbol) = symbol(code, length) else {
            if length == LONGEST {
                return Err(Breach::Compression);
            }
            continue;
        };
        if symbol == END {
            return Err(Breach::Compression);
        }
        decoded.push(u8::try_from(symbol).expect("it is below the one that ends"));
        (code, length) = (0, 0);
    }
    let is_padding = length < 8 && code == (1 << length) - 1;
    if is_padding { Ok(decoded) } else { Err(Breach::Compression) }
}

/// Whose `code` of this many bits it is, if anybody's.
fn symbol(code: u32, length: usize) -> Option<u16> {
    let beyond = usize::try_from(code.checked_sub(CODES.first[length])?).ok()?;
    let place = usize::from(CODES.place[length]) + beyond;
    (place < usize::from(CODES.place[length + 1])).then(|| CODES.symbols[place])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What `text` is coded as.
    fn encode(text: &[u8]) -> Vec<u8> {
        let mut bits = Vec::new();
        for octet in text {
            let place = CODES.symbols.iter().position(|symbol| *symbol == u16::from(*octet));
            let length = usize::from(LENGTHS[usize::from(*octet)]);
            let beyond = place.unwrap() - usize::from(CODES.place[length]);
            let code = CODES.first[length] + u32::try_from(beyond).unwrap();
            bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
        }
        bits.resize(bits.len().next_multiple_of(8), true);
        let octet = |bits: &[bool]| bits.iter().fold(0, |octet, bit| octet << 1 | u8::from(*bit));
        bits.chunks(8).map(octet).collect()
    }

    /// RFC 7541, appendix C.4 and C.6.
    #[test]
    fn the_examples_of_the_rfc_decode() {
        for (coded, text) in [
            (&b"\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"[..], "www.example.com"),
            (b"\xa8\xeb\x10\x64\x9c\xbf", "no-cache"),
            (b"\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f", "custom-key"),
            (b"\x64\x02", "302"),
            (b"\xd0\x7a\xbe\x94\x10\x54\xd4\x44\xa8\x20\x05\x95\x04\x0b\x81\x66\xe0\x82\xa6\x2d\x1b\xff", "Mon, 21 Oct 2013 20:13:21 GMT"),
            (b"", ""),
        ] {
            assert_eq!(decode(coded).unwrap(), text.as_bytes());
            assert_eq!(encode(text.as_bytes()), coded);
        }
    }

    #[test]
    fn padding_that_is_none_is_refused() {
        // `0` and zeros; eight ones; the code that ends a string.
        for coded in [&b"\x00"[..], b"\x07\xff", b"\xff", b"\xff\xff\xff\xff"] {
            assert_eq!(decode(coded), Err(Breach::Compression), "{coded:x?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_coded_decodes(text in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(decode(&encode(&text)).unwrap(), text);
        }
    }
}
