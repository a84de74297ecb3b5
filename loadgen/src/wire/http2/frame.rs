//! Frames (RFC 9113, sections 4 and 6): nine bytes of head, and what they announce.

use crate::wire::http2_error::{Breach, ErrorCode};

/// What a client's connection begins with.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The head of a frame.
pub(super) const HEAD_BYTES: usize = 9;

/// The longest payload that we send and take: what everybody takes who does not say otherwise.
pub(super) const MOST_PAYLOAD_BYTES: usize = 16_384;

/// The widest that a window may be.
pub(super) const WIDEST_WINDOW: u32 = (1 << 31) - 1;

/// A frame that came, as far as it concerns a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame<'b> {
    /// A piece of content, which takes so much of the windows.
    Data { stream: u32, content: &'b [u8], counts: u32, is_last: bool },
    /// The beginning of a header block.
    Headers { stream: u32, fragment: &'b [u8], is_whole: bool, is_last: bool },
    /// How it goes on.
    Continuation { stream: u32, fragment: &'b [u8], is_whole: bool },
    /// The end of a stream.
    Reset { stream: u32, code: ErrorCode },
    /// Six bytes for each setting.
    Settings(&'b [u8]),
    /// Ours are in force.
    SettingsTaken,
    /// It is to be sent back.
    Ping(&'b [u8]),
    /// The end of the connection for streams behind the last.
    GoAway { last_stream: u32, code: ErrorCode },
    /// A window, of the connection where the stream is 0, is that much wider.
    WindowUpdate { stream: u32, increment: u32 },
    /// What concerns nobody: priorities, what was our ping, and kinds that are not known.
    Other,
}

const DATA: u8 = 0x0;
const HEADERS: u8 = 0x1;
const PRIORITY: u8 = 0x2;
const RST_STREAM: u8 = 0x3;
const SETTINGS: u8 = 0x4;
const PUSH_PROMISE: u8 = 0x5;
const PING: u8 = 0x6;
const GOAWAY: u8 = 0x7;
const WINDOW_UPDATE: u8 = 0x8;
const CONTINUATION: u8 = 0x9;

const ACK: u8 = 0x1;
const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const HAS_PRIORITY: u8 = 0x20;

/// The frame at the beginning of `bytes`, and how long it is; `None` where that is not all of it.
///
/// # Errors
/// When it breaks what holds for frames of its kind, whatever came before.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, Breach> {
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD_BYTES>() else { return Ok(None) };
    let [high, middle, low, kind, flags, stream @ ..] = *head;
    let length = u32::from_be_bytes([0, high, middle, low]) as usize;
    if length > MOST_PAYLOAD_BYTES {
        return Err(Breach::FrameTooLong);
    }
    let Some(payload) = rest.get(..length) else { return Ok(None) };
    // The first bit is reserved.
    let stream = u32::from_be_bytes(stream) & WIDEST_WINDOW;
    let frame = Raw { kind, flags, stream, payload }.frame()?;
    Ok(Some((frame, HEAD_BYTES + length)))
}

struct Raw<'b> {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: &'b [u8],
}

impl<'b> Raw<'b> {
    fn frame(self) -> Result<Frame<'b>, Breach> {
        let Self { kind, stream, payload, .. } = self;
        match kind {
            DATA => self.data(),
            HEADERS => self.headers(),
            PRIORITY => {
                self.on_stream(true)?;
                if payload.len() == 5 { Ok(Frame::Other) } else { Err(Breach::FrameLength) }
            }
            RST_STREAM => {
                self.on_stream(true)?;
                Ok(Frame::Reset { stream, code: ErrorCode(number(exactly(payload)?)) })
            }
            SETTINGS => self.settings(),
            PUSH_PROMISE => Err(Breach::Push),
            PING => {
                self.on_stream(false)?;
                let _: [u8; 8] = exactly(payload)?;
                Ok(if self.has(ACK) { Frame::Other } else { Frame::Ping(payload) })
            }
            GOAWAY => {
                self.on_stream(false)?;
                let (last_stream, rest) = payload.split_first_chunk().ok_or(Breach::FrameLength)?;
                let code = rest.first_chunk().ok_or(Breach::FrameLength)?;
                let last_stream = number(*last_stream) & WIDEST_WINDOW;
                Ok(Frame::GoAway { last_stream, code: ErrorCode(number(*code)) })
            }
            WINDOW_UPDATE => match number(exactly(payload)?) & WIDEST_WINDOW {
                0 => Err(Breach::NoIncrement),
                increment => Ok(Frame::WindowUpdate { stream, increment }),
            },
            CONTINUATION => {
                self.on_stream(true)?;
                let is_whole = self.has(END_HEADERS);
                Ok(Frame::Continuation { stream, fragment: payload, is_whole })
            }
            _ => Ok(Frame::Other),
        }
    }

    fn data(&self) -> Result<Frame<'b>, Breach> {
        self.on_stream(true)?;
        let Self { stream, payload, .. } = *self;
        let counts = u32::try_from(payload.len()).expect("it is bounded");
        let (content, is_last) = (self.unpadded()?, self.has(END_STREAM));
        Ok(Frame::Data { stream, content, counts, is_last })
    }

    fn headers(&self) -> Result<Frame<'b>, Breach> {
        const PRIORITY_BYTES: usize = 5;
        self.on_stream(true)?;
        let mut fragment = self.unpadded()?;
        if self.has(HAS_PRIORITY) {
            fragment = fragment.get(PRIORITY_BYTES..).ok_or(Breach::FrameLength)?;
        }
        let (is_whole, is_last) = (self.has(END_HEADERS), self.has(END_STREAM));
        Ok(Frame::Headers { stream: self.stream, fragment, is_whole, is_last })
    }

    fn settings(&self) -> Result<Frame<'b>, Breach> {
        self.on_stream(false)?;
        match (self.has(ACK), self.payload.len()) {
            (true, 0) => Ok(Frame::SettingsTaken),
            (false, length) if length.is_multiple_of(SETTING_BYTES) => {
                Ok(Frame::Settings(self.payload))
            }
            _ => Err(Breach::FrameLength),
        }
    }

    /// The payload without what is there to hide how long it is.
    fn unpadded(&self) -> Result<&'b [u8], Breach> {
        if !self.has(PADDED) {
            return Ok(self.payload);
        }
        let (padding, rest) = self.payload.split_first().ok_or(Breach::FrameLength)?;
        let length = rest.len().checked_sub(usize::from(*padding)).ok_or(Breach::Padding)?;
        Ok(&rest[..length])
    }

    fn on_stream(&self, is_on_one: bool) -> Result<(), Breach> {
        if (self.stream != 0) == is_on_one { Ok(()) } else { Err(Breach::FrameStream) }
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

fn exactly<const N: usize>(payload: &[u8]) -> Result<[u8; N], Breach> {
    payload.try_into().map_err(|_| Breach::FrameLength)
}

fn number(bytes: [u8; 4]) -> u32 {
    u32::from_be_bytes(bytes)
}

const SETTING_BYTES: usize = 6;

pub(super) const ENABLE_PUSH: u16 = 0x2;
pub(super) const MAX_CONCURRENT_STREAMS: u16 = 0x3;
pub(super) const INITIAL_WINDOW_SIZE: u16 = 0x4;
pub(super) const MAX_FRAME_SIZE: u16 = 0x5;
pub(super) const MAX_HEADER_LIST_SIZE: u16 = 0x6;

/// The settings in the payload of such a frame: their identifiers and values.
pub(super) fn settings(payload: &[u8]) -> impl Iterator<Item = (u16, u32)> {
    payload.chunks_exact(SETTING_BYTES).map(|setting| {
        let [high, low, value @ ..] = setting else { unreachable!("a chunk has six bytes") };
        let value = value.try_into().expect("four of the six are left");
        (u16::from_be_bytes([*high, *low]), number(value))
    })
}

/// Appends frames to bytes that are to be sent.
pub(super) trait Append {
    fn head(&mut self, length: usize, kind: u8, flags: u8, stream: u32);

    /// Our settings.
    fn settings(&mut self, settings: &[(u16, u32)]);

    /// Theirs are in force.
    fn settings_taken(&mut self);

    /// What answers a ping.
    fn pong(&mut self, payload: &[u8]);

    fn reset(&mut self, stream: u32, code: ErrorCode);

    fn go_away(&mut self, code: ErrorCode);

    fn window_update(&mut self, stream: u32, increment: u32);

    /// A header block, of which `parts` come one behind the other, in as many frames as it takes.
    fn headers(&mut self, stream: u32, parts: [&[u8]; 2], is_last: bool);

    /// A piece of content, which fits into a frame.
    fn data(&mut self, stream: u32, content: &[u8], is_last: bool);
}

impl Append for Vec<u8> {
    fn head(&mut self, length: usize, kind: u8, flags: u8, stream: u32) {
        let length = u32::try_from(length).expect("a payload fits into a frame").to_be_bytes();
        self.extend_from_slice(&[length[1], length[2], length[3], kind, flags]);
        self.extend_from_slice(&stream.to_be_bytes());
    }

    fn settings(&mut self, settings: &[(u16, u32)]) {
        self.head(settings.len() * SETTING_BYTES, SETTINGS, 0, 0);
        for (setting, value) in settings {
            self.extend_from_slice(&setting.to_be_bytes());
            self.extend_from_slice(&value.to_be_bytes());
        }
    }

    fn settings_taken(&mut self) {
        self.head(0, SETTINGS, ACK, 0);
    }

    fn pong(&mut self, payload: &[u8]) {
        self.head(payload.len(), PING, ACK, 0);
        self.extend_from_slice(payload);
    }

    fn reset(&mut self, stream: u32, code: ErrorCode) {
        self.head(4, RST_STREAM, 0, stream);
        self.extend_from_slice(&code.0.to_be_bytes());
    }

    fn go_away(&mut self, code: ErrorCode) {
        self.head(8, GOAWAY, 0, 0);
        // We have taken none of theirs.
        self.extend_from_slice(&[0; 4]);
        self.extend_from_slice(&code.0.to_be_bytes());
    }

    fn window_update(&mut self, stream: u32, increment: u32) {
        self.head(4, WINDOW_UPDATE, 0, stream);
        self.extend_from_slice(&increment.to_be_bytes());
    }

    fn headers(&mut self, stream: u32, parts: [&[u8]; 2], is_last: bool) {
        let [first, second] = parts;
        let whole = first.len() + second.len();
        let mut flags = if is_last { END_STREAM } else { 0 };
        if whole <= MOST_PAYLOAD_BYTES {
            self.head(whole, HEADERS, flags | END_HEADERS, stream);
            self.extend_from_slice(first);
            return self.extend_from_slice(second);
        }
        let block = parts.concat();
        let mut kind = HEADERS;
        let mut pieces = block.chunks(MOST_PAYLOAD_BYTES).peekable();
        while let Some(piece) = pieces.next() {
            if pieces.peek().is_none() {
                flags |= END_HEADERS;
            }
            self.head(piece.len(), kind, flags, stream);
            self.extend_from_slice(piece);
            (kind, flags) = (CONTINUATION, 0);
        }
    }

    fn data(&mut self, stream: u32, content: &[u8], is_last: bool) {
        self.head(content.len(), DATA, if is_last { END_STREAM } else { 0 }, stream);
        self.extend_from_slice(content);
    }
}
