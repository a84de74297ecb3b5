//! A connection's state, without the connection: bytes come in, bytes go out, and each stream comes to
//! its end (RFC 9113, sections 5 and 6).

mod block;
mod end;
mod given_up;
mod incoming;

use super::frame::{self, Append as _, MOST_PAYLOAD_BYTES, WIDEST_WINDOW};
use super::head::Heads;
use super::hpack;
use super::message::Message;
use super::outgoing::Outgoing;
use super::stream::{self, Stream};
use crate::wire::Progress;
use crate::wire::http2_error::ErrorCode;
use block::Block;
use end::End;
use given_up::GivenUp;

/// A connection's state.
pub(super) struct Session {
    outgoing: Outgoing,
    /// What came of a frame that is not whole.
    rest: Vec<u8>,
    heads: Heads,
    /// The header block that goes on in the next frame.
    block: Option<Block>,
    /// What the other side allows.
    allowed: Allowed,
    /// Whether it has said so.
    has_settings: bool,
    /// How much content came since the connection's window was last widened.
    used: u32,
    next_id: u32,
    /// The streams that are open, by slot: the number of each, and 0 where there is none.
    ids: Vec<u32>,
    streams: Vec<Option<Stream>>,
    slots: Vec<Slot>,
    given_up: GivenUp,
    /// How many streams have come to an end that nobody knows of.
    untold: usize,
    /// How many answers to pings and settings wait to be sent.
    replies: u32,
    /// Whether somebody waits until another stream has ended.
    is_crowded: bool,
    /// The slots whose clients have something to do.
    woken: Vec<usize>,
    /// Whether the connection carries no further requests.
    is_closing: bool,
    /// How the other side said goodbye.
    goodbye: Option<ErrorCode>,
    /// Why the connection is of no use any more.
    end: Option<End>,
}

/// Whether a place for a stream is anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Free,
    Taken,
}

/// What the other side allows.
struct Allowed {
    /// Streams at a time.
    streams: u32,
    /// Content of a new stream.
    window: u32,
    /// Content of all streams.
    connection: i64,
}

impl Session {
    /// A new connection for so many requests at a time, which begins with our settings.
    pub(super) fn new(slots: usize) -> Self {
        const FIRST_WINDOW: u32 = 65_535;
        let mut outgoing = Outgoing::default();
        let bytes = outgoing.bytes();
        bytes.extend_from_slice(frame::PREFACE);
        bytes.settings(&[
            (frame::ENABLE_PUSH, 0),
            (frame::INITIAL_WINDOW_SIZE, stream::WINDOW),
            (frame::MAX_HEADER_LIST_SIZE, u32::try_from(hpack::MOST_BYTES).unwrap_or(u32::MAX)),
        ]);
        // The streams' own windows bound what is kept.
        bytes.window_update(0, WIDEST_WINDOW - FIRST_WINDOW);
        Self {
            outgoing,
            rest: Vec::new(),
            heads: Heads::new(),
            block: None,
            allowed: Allowed {
                streams: u32::MAX,
                window: FIRST_WINDOW,
                connection: i64::from(FIRST_WINDOW),
            },
            has_settings: false,
            used: 0,
            next_id: 1,
            ids: vec![0; slots],
            streams: (0..slots).map(|_| None).collect(),
            slots: vec![Slot::Free; slots],
            given_up: GivenUp::default(),
            untold: 0,
            replies: 0,
            is_crowded: false,
            woken: Vec::new(),
            is_closing: false,
            goodbye: None,
            end: None,
        }
    }

    /// A place for a stream at a time.
    pub(super) fn take_slot(&mut self) -> Option<usize> {
        let taken = self.slots.iter().filter(|slot| **slot == Slot::Taken).count();
        if self.is_closing()
            || u32::try_from(taken).is_ok_and(|taken| taken >= self.allowed.streams)
        {
            return None;
        }
        let slot = self.slots.iter().position(|slot| *slot == Slot::Free)?;
        self.slots[slot] = Slot::Taken;
        Some(slot)
    }

    /// A place that nobody needs any more.
    pub(super) fn give_back(&mut self, slot: usize) {
        self.slots[slot] = Slot::Free;
    }

    /// Whether the connection carries no further requests.
    pub(super) fn is_closing(&self) -> bool {
        self.is_closing || self.end.is_some()
    }

    /// It is to carry no further requests.
    pub(super) fn close(&mut self) {
        self.is_closing = true;
    }

    /// Whether nothing more comes of it.
    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Whether another stream may be opened now. Whoever may not is woken when that may have changed.
    pub(super) fn may_open(&mut self) -> bool {
        let open = self.ids.iter().filter(|id| **id != 0).count();
        let is_crowded = u32::try_from(open).map_or(true, |open| open >= self.allowed.streams);
        self.is_crowded |= is_crowded;
        !is_crowded && !self.is_closing()
    }

    /// Begins to send `message` on a stream of its own.
    pub(super) fn open(&mut self, slot: usize, message: &Message) {
        let id = self.next_id;
        self.next_id += 2;
        // There are no greater numbers.
        self.is_closing |= self.next_id > WIDEST_WINDOW;
        let (begins, content) = (self.outgoing.end(), message.body().len());
        let is_first: &[u8] = if id == 1 { &[hpack::KEEP_NOTHING] } else { &[] };
        self.outgoing.bytes().headers(id, [is_first, message.block()], content == 0);
        let mut stream = Stream::new(id, begins, content, self.allowed.window, message.is_head());
        stream.place.end = self.outgoing.end();
        self.ids[slot] = id;
        self.streams[slot] = Some(stream);
        self.send_content(slot, message);
    }

    /// Sends as much of the content of `message` as the windows allow.
    pub(super) fn send_content(&mut self, slot: usize, message: &Message) {
        let Self { outgoing, allowed, .. } = self;
        let Some(stream) = &mut self.streams[slot] else { return };
        while stream.unsent > 0 && stream.end.is_none() {
            let window = stream.window.min(allowed.connection);
            let most = usize::try_from(window).unwrap_or(0).min(MOST_PAYLOAD_BYTES);
            let length = most.min(stream.unsent);
            if length == 0 {
                return;
            }
            let begin = message.body().len() - stream.unsent;
            stream.unsent -= length;
            let piece = &message.body()[begin..begin + length];
            outgoing.bytes().data(stream.id, piece, stream.unsent == 0);
            stream.place.end = outgoing.end();
            let length = i64::try_from(length).expect("it fits into a frame");
            stream.window -= length;
            allowed.connection -= length;
        }
    }

    /// How much of the request in `slot` has left us.
    pub(super) fn progress(&self, slot: usize) -> Progress {
        match &self.streams[slot] {
            Some(stream) if self.outgoing.has_taken(stream.place.end) && stream.unsent == 0 => {
                Progress::Whole
            }
            Some(stream) if self.outgoing.has_taken(stream.place.start + 1) => Progress::Some,
            _ => Progress::Nothing,
        }
    }

    /// The stream in `slot`.
    pub(super) fn stream(&mut self, slot: usize) -> Option<&mut Stream> {
        self.streams[slot].as_mut()
    }

    /// Gives back so much of the window of the stream in `slot`.
    pub(super) fn widen(&mut self, slot: usize, by: u32) {
        if by > 0 && self.end.is_none() {
            self.outgoing.bytes().window_update(self.ids[slot], by);
        }
    }

    /// What the stream in `slot` came to, if it has: whoever asks is told once.
    pub(super) fn take_ended(&mut self, slot: usize) -> Option<Stream> {
        self.streams[slot].as_ref()?.end.as_ref()?;
        self.untold -= 1;
        self.vacate(slot)
    }

    /// Nobody waits for the stream in `slot` any more.
    pub(super) fn abandon(&mut self, slot: usize) {
        if self.take_ended(slot).is_some() {
            return;
        }
        let Some(stream) = self.vacate(slot) else { return };
        self.given_up.add(stream.id);
        if !self.withdraw(&stream) && self.end.is_none() {
            self.outgoing.bytes().reset(stream.id, ErrorCode::CANCEL);
        }
    }

    fn vacate(&mut self, slot: usize) -> Option<Stream> {
        if std::mem::take(&mut self.is_crowded) {
            self.wake_all();
        }
        self.ids[slot] = 0;
        self.streams[slot].take()
    }

    /// Takes out what is to be sent of `stream`, if none of it has left; whether it did. The first
    /// request says something for all of them, and stays.
    fn withdraw(&mut self, stream: &Stream) -> bool {
        let place = &stream.place;
        if stream.id == 1 || !self.outgoing.withdraw(place) {
            return false;
        }
        let length = place.end - place.start;
        for later in
            self.streams.iter_mut().flatten().filter(|later| later.place.start >= place.end)
        {
            later.place = later.place.start - length..later.place.end - length;
        }
        true
    }

    /// How much is kept, until it is sent or somebody listens.
    #[cfg(any(test, fuzzing))]
    pub(super) fn kept_bytes(&self) -> usize {
        let block = self.block.as_ref().map_or(0, |block| block.whole().bytes.len());
        let content = self.streams.iter().flatten().map(Stream::kept_bytes).sum::<usize>();
        self.outgoing.untaken().len() + self.rest.len() + block + content
    }

    /// How many streams have come to an end that nobody knows of.
    pub(super) fn untold(&self) -> usize {
        self.untold
    }

    /// What is to be sent.
    pub(super) fn outgoing(&self) -> &[u8] {
        if self.end.is_some() { &[] } else { self.outgoing.untaken() }
    }

    /// The connection took so many bytes of it.
    pub(super) fn sent(&mut self, count: usize) {
        self.outgoing.take(count);
        if self.outgoing.is_empty() {
            self.replies = 0;
        }
    }

    /// The slots whose clients have something to do, each told once or more.
    pub(super) fn woken(&mut self) -> std::vec::Drain<'_, usize> {
        self.woken.drain(..)
    }

    fn wake_all(&mut self) {
        self.woken.extend(0..self.slots.len());
    }
}
