//! The chunked transfer coding (RFC 9112, section 7.1), decoded in any cuts.

use crate::wire::illegal::Illegal;

const MAX_EXTENSION_BYTES: usize = 16 * 1024;
const MAX_TRAILER_BYTES: usize = 64 * 1024;

/// Follows a chunked body without keeping any of it.
#[derive(Debug, Default)]
pub(crate) struct Chunked {
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Within the hexadecimal digits of a chunk's size.
    Size {
        size: u64,
        started: bool,
    },
    /// Between the size and the end of its line; `begun` once past a semicolon.
    Extension {
        size: u64,
        bytes: usize,
        begun: bool,
    },
    /// After the CR that ends the size's line.
    SizeLf {
        size: u64,
    },
    Data {
        left: u64,
    },
    /// After a chunk's data.
    DataCr,
    DataLf,
    /// Within a trailer's line; `colon` once its name has ended.
    Trailer {
        bytes: usize,
        line: usize,
        colon: bool,
    },
    /// After the CR that ends a trailer's line, or the empty line when `last`.
    TrailerLf {
        bytes: usize,
        last: bool,
    },
    Done,
}

impl Default for State {
    fn default() -> Self {
        Self::Size { size: 0, started: false }
    }
}

/// How far a body came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Advance {
    /// Bytes taken from the input; all of it unless the body is complete.
    pub(crate) consumed: usize,
    pub(crate) done: bool,
}

impl Chunked {
    /// Takes the next bytes of the body, and gives the content among them to `see`.
    pub(crate) fn advance(
        &mut self,
        bytes: &[u8],
        mut see: impl FnMut(&[u8]),
    ) -> Result<Advance, Illegal> {
        let mut consumed = 0;
        while self.state != State::Done && consumed < bytes.len() {
            if let State::Data { left } = self.state {
                let available = bytes.len() - consumed;
                let taken = usize::try_from(left).map_or(available, |left| left.min(available));
                see(&bytes[consumed..consumed + taken]);
                consumed += taken;
                let left = left - taken as u64;
                self.state = if left == 0 { State::DataCr } else { State::Data { left } };
            } else {
                self.state = self.state.step(bytes[consumed])?;
                consumed += 1;
            }
        }
        Ok(Advance { consumed, done: self.state == State::Done })
    }
}

impl State {
    /// The state after one byte of framing.
    fn step(self, byte: u8) -> Result<Self, Illegal> {
        match self {
            Self::Size { size, started } => size_step(size, started, byte),
            Self::Extension { size, bytes, begun } => match byte {
                b'\r' => Ok(Self::SizeLf { size }),
                _ if bytes == MAX_EXTENSION_BYTES => Err(Illegal::ChunkExtension),
                b';' => Ok(Self::Extension { size, bytes: bytes + 1, begun: true }),
                b' ' | b'\t' => Ok(Self::Extension { size, bytes: bytes + 1, begun }),
                _ if begun && is_text(byte) => {
                    Ok(Self::Extension { size, bytes: bytes + 1, begun })
                }
                _ => Err(Illegal::ChunkExtension),
            },
            Self::SizeLf { size } => match (byte, size) {
                (b'\n', 0) => Ok(Self::Trailer { bytes: 0, line: 0, colon: false }),
                (b'\n', left) => Ok(Self::Data { left }),
                _ => Err(Illegal::ChunkExtension),
            },
            Self::DataCr if byte == b'\r' => Ok(Self::DataLf),
            Self::DataLf if byte == b'\n' => Ok(Self::default()),
            Self::DataCr | Self::DataLf => Err(Illegal::ChunkEnd),
            Self::Trailer { bytes, .. } | Self::TrailerLf { bytes, .. }
                if bytes == MAX_TRAILER_BYTES =>
            {
                Err(Illegal::TrailersTooLong)
            }
            Self::Trailer { bytes, line, colon } => trailer_step(bytes + 1, line, colon, byte),
            Self::TrailerLf { bytes, last } => match (byte, last) {
                (b'\n', true) => Ok(Self::Done),
                (b'\n', false) => Ok(Self::Trailer { bytes: bytes + 1, line: 0, colon: false }),
                _ => Err(Illegal::Trailer),
            },
            Self::Data { .. } | Self::Done => unreachable!("neither is framing"),
        }
    }
}

fn size_step(size: u64, started: bool, byte: u8) -> Result<State, Illegal> {
    if let Some(digit) = char::from(byte).to_digit(16) {
        let size = size.checked_mul(16).ok_or(Illegal::ChunkSize)? | u64::from(digit);
        return Ok(State::Size { size, started: true });
    }
    match byte {
        _ if !started => Err(Illegal::ChunkSize),
        b'\r' => Ok(State::SizeLf { size }),
        b';' | b' ' | b'\t' => Ok(State::Extension { size, bytes: 0, begun: byte == b';' }),
        _ => Err(Illegal::ChunkSize),
    }
}

fn trailer_step(bytes: usize, line: usize, colon: bool, byte: u8) -> Result<State, Illegal> {
    let fits = if colon { is_text(byte) } else { is_token(byte) };
    match byte {
        b'\r' if line == 0 => Ok(State::TrailerLf { bytes, last: true }),
        b'\r' if colon => Ok(State::TrailerLf { bytes, last: false }),
        b':' if line > 0 => Ok(State::Trailer { bytes, line: line + 1, colon: true }),
        _ if fits => Ok(State::Trailer { bytes, line: line + 1, colon }),
        _ => Err(Illegal::Trailer),
    }
}

/// What a field's value and a quoted string may consist of.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || !byte.is_ascii_control()
}

/// What a field's name consists of.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
