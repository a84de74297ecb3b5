//! Header blocks (HPACK, RFC 7541).
//!
//! What we send refers to the static table alone, so that a block is built once and sent many times. What
//! we read may use all there is, as it does with any client.

mod huffman;
mod table;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::secrets::is_secret_header;
use crate::wire::http2_error::Breach;
use table::{STATIC, Table};

/// What the names and values of a block may have together: what HTTP/1.1's heads may.
pub(super) const MOST_BYTES: usize = 64 * 1024;

/// A block's beginning that says that we refer to nothing that the other side would have to keep. It is
/// true whatever the other side's settings are, and has to be said once.
pub(super) const KEEP_NOTHING: u8 = 0x20;

/// Reads the blocks of a connection, one after the other.
#[derive(Debug)]
pub(super) struct Decoder {
    table: Table,
    /// How often the table has changed.
    generation: u64,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self { table: Table::new(), generation: 0 }
    }

    /// How often a block has changed what later ones may mean.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Tells `field` the names and values of `block` in their order.
    ///
    /// What `field` says of one ends nothing: the table must be as the other side has it. Its first
    /// error is what comes back.
    ///
    /// # Errors
    /// When the block is none, or has too much in it: the connection is of no use any more. Within, what
    /// `field` said.
    pub(super) fn decode(
        &mut self,
        block: &[u8],
        mut field: impl FnMut(&[u8], &[u8]) -> Result<(), Breach>,
    ) -> Result<Result<(), Breach>, Breach> {
        let mut rest = Rest(block);
        let (mut said, mut bytes) = (Ok(()), 0);
        let mut tell = |name: &[u8], value: &[u8]| {
            bytes += name.len() + value.len();
            if bytes > MOST_BYTES {
                return Err(Breach::BlockTooLong);
            }
            if said.is_ok() {
                said = field(name, value);
            }
            Ok(())
        };
        let mut is_first = true;
        while let Some(octet) = rest.0.first().copied() {
            match octet.leading_zeros() {
                // Indexed.
                0 => {
                    let (name, value) = self.table.get(rest.integer(7)?)?;
                    tell(name, value)?;
                }
                // To be kept.
                1 => {
                    let (name, value) = rest.literal(&self.table, 6)?;
                    tell(&name, &value)?;
                    let (name, value) = (name.into_owned(), value.into_owned());
                    self.table.keep(name, value);
                    self.generation += 1;
                }
                // The table's size, before all fields.
                2 if is_first => {
                    self.table.resize(rest.integer(5)?)?;
                    self.generation += 1;
                    continue;
                }
                2 => return Err(Breach::Compression),
                // Not to be kept, or never.
                _ => {
                    let (name, value) = rest.literal(&self.table, 4)?;
                    tell(&name, &value)?;
                }
            }
            is_first = false;
        }
        Ok(said)
    }
}

/// What is left of a block.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    /// A number whose first `prefix` bits stand at the end of an octet (section 5.1).
    fn integer(&mut self, prefix: u32) -> Result<usize, Breach> {
        // No number that means anything is longer.
        const MOST_OCTETS: u32 = 4;
        let most = (1 << prefix) - 1;
        let mut number = usize::from(self.octet()?) & most;
        if number < most {
            return Ok(number);
        }
        for place in 0..MOST_OCTETS {
            let octet = usize::from(self.octet()?);
            number += (octet & 0x7f) << (7 * place);
            if octet < 0x80 {
                return Ok(number);
            }
        }
        Err(Breach::Compression)
    }

    /// A string (section 5.2).
    fn string(&mut self) -> Result<Cow<'b, [u8]>, Breach> {
        let is_coded = self.0.first().is_some_and(|octet| octet & 0x80 != 0);
        let length = self.integer(7)?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Breach::Compression)?;
        self.0 = rest;
        if is_coded { huffman::decode(text).map(Cow::Owned) } else { Ok(Cow::Borrowed(text)) }
    }

    /// A field whose name is in the table, where the number is not 0, and whose value is not (section
    /// 6.2).
    fn literal(&mut self, table: &Table, prefix: u32) -> Result<Literal<'b>, Breach> {
        let name = match self.integer(prefix)? {
            0 => self.string()?,
            number => Cow::Owned(table.get(number)?.0.to_vec()),
        };
        Ok((name, self.string()?))
    }

    fn octet(&mut self) -> Result<u8, Breach> {
        let (octet, rest) = self.0.split_first().ok_or(Breach::Compression)?;
        self.0 = rest;
        Ok(*octet)
    }
}

type Literal<'b> = (Cow<'b, [u8]>, Cow<'b, [u8]>);

/// Appends a field, whose name is in lower case, to `block`. Secrets are marked as such: nobody on the
/// way is to keep them.
pub(super) fn encode(block: &mut Vec<u8>, name: &str, value: &[u8]) {
    let place = |known: &(&str, &str)| known.0 == name && known.1.as_bytes() == value;
    if let Some(place) = STATIC.iter().position(place) {
        return integer(block, 0x80, 7, place + 1);
    }
    encode_name(block, name);
    encode_string(block, value);
}

/// Appends the beginning of a field, whose value is then to follow.
pub(super) fn encode_name(block: &mut Vec<u8>, name: &str) {
    let first = if is_secret_header(name) { 0x10 } else { 0 };
    if let Some(place) = STATIC.iter().position(|known| known.0 == name) {
        integer(block, first, 4, place + 1);
    } else {
        block.push(first);
        encode_string(block, name.as_bytes());
    }
}

/// Appends a string as it is.
pub(super) fn encode_string(block: &mut Vec<u8>, text: &[u8]) {
    integer(block, 0, 7, text.len());
    block.extend_from_slice(text);
}

#[expect(clippy::cast_possible_truncation, reason = "each octet takes what it has room for")]
fn integer(block: &mut Vec<u8>, first: u8, prefix: u32, number: usize) {
    let most = (1 << prefix) - 1;
    if number < most {
        return block.push(first | number as u8);
    }
    block.push(first | most as u8);
    let mut rest = number - most;
    while rest >= 0x80 {
        block.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    block.push(rest as u8);
}
