//! What comes, frame by frame.

use std::ops::Range;

use tokio::time::Instant;

use super::Session;
use super::block::{Block, Whole};
use super::end::End;
use crate::wire::Failure;
use crate::wire::http2::frame::{self, Append as _, Frame, WIDEST_WINDOW};
use crate::wire::http2_error::{Breach, ErrorCode};
use crate::wire::illegal::Illegal;

/// So many answers to pings and settings wait to be sent at most.
const MOST_REPLIES: u32 = 10_000;

impl Session {
    /// Reads what came at `now`.
    pub(in crate::wire::http2) fn receive(&mut self, bytes: &[u8], now: Instant) {
        if self.end.is_some() {
            return;
        }
        let mut rest = std::mem::take(&mut self.rest);
        let left = if rest.is_empty() {
            let read = self.frames(bytes, now);
            rest.extend_from_slice(&bytes[read..]);
            rest
        } else {
            rest.extend_from_slice(bytes);
            let read = self.frames(&rest, now);
            rest.drain(..read);
            rest
        };
        self.rest = left;
    }

    /// Reads the frames at the beginning of `bytes`; how long they are.
    fn frames(&mut self, bytes: &[u8], now: Instant) -> usize {
        const OF_HTTP1: &[u8] = b"HTTP/1.";
        if !self.has_settings && OF_HTTP1.starts_with(&bytes[..bytes.len().min(OF_HTTP1.len())]) {
            if bytes.len() >= OF_HTTP1.len() {
                self.end_with(End::Http1, now);
            }
            return 0;
        }
        let mut read = 0;
        while self.end.is_none() {
            let taken = match frame::parse(&bytes[read..]) {
                Ok(None) => break,
                Ok(Some((frame, length))) => {
                    read += length;
                    self.frame(&frame, length, now)
                }
                Err(breach) => Err(breach),
            };
            if let Err(breach) = taken {
                self.end_with(End::Breach(breach), now);
            }
        }
        read
    }

    fn frame(&mut self, frame: &Frame<'_>, length: usize, now: Instant) -> Result<(), Breach> {
        if !self.has_settings && !matches!(frame, Frame::Settings(_)) {
            return Err(Breach::NoSettings);
        }
        if self.block.is_some() && !matches!(frame, Frame::Continuation { .. }) {
            return Err(Breach::Continuation);
        }
        match *frame {
            Frame::Data { stream, content, counts, is_last } => {
                self.widen_connection(counts);
                let Some(slot) = self.slot_of(stream, now, length)? else { return Ok(()) };
                let Some(stream) = &mut self.streams[slot] else { return Ok(()) };
                let said = stream.data(content, counts, is_last);
                self.said(slot, said, now);
            }
            Frame::Headers { stream, fragment, is_whole, is_last } => {
                let begun = Whole { stream, is_last, bytes: fragment, length };
                if is_whole {
                    return self.block(&begun, now);
                }
                self.block = Some(Block::begin(&begun));
            }
            Frame::Continuation { stream, fragment, is_whole } => {
                let begun = self.block.take().filter(|block| block.stream() == stream);
                let mut block = begun.ok_or(Breach::Continuation)?;
                block.add(fragment, length)?;
                if is_whole {
                    return self.block(&block.whole(), now);
                }
                self.block = Some(block);
            }
            Frame::Reset { stream, code } => self.reset(stream, code, now)?,
            Frame::Settings(payload) => self.settings(payload)?,
            Frame::Ping(payload) => {
                self.outgoing.bytes().pong(payload);
                self.replied()?;
            }
            Frame::GoAway { last_stream, code } => self.go_away(last_stream, code, now),
            Frame::WindowUpdate { stream, increment } => {
                self.window_update(stream, increment, now)?;
            }
            Frame::SettingsTaken | Frame::Other => {}
        }
        Ok(())
    }

    /// A header block has come.
    fn block(&mut self, block: &Whole<'_>, now: Instant) -> Result<(), Breach> {
        // Whosever it is: the other side counts on that it was read.
        let head = self.heads.read(block.bytes)?;
        let Some(slot) = self.slot_of(block.stream, now, block.length)? else { return Ok(()) };
        let Some(stream) = &mut self.streams[slot] else { return Ok(()) };
        let said = head.and_then(|head| stream.head(head, block.is_last));
        self.said(slot, said, now);
        Ok(())
    }

    /// The slot of a stream that is open, to whose answer so many bytes were added; `None` for one that
    /// we gave up.
    fn slot_of(&mut self, id: u32, now: Instant, length: usize) -> Result<Option<usize>, Breach> {
        let slot = self.ids.iter().position(|open| *open == id);
        if let Some(slot) = slot
            && let Some(stream) = &mut self.streams[slot]
        {
            match &stream.end {
                None => {
                    stream.read(length, now);
                    return Ok(Some(slot));
                }
                // At our side alone, perhaps.
                Some((Err(_), _)) => return Ok(None),
                Some((Ok(()), _)) => {}
            }
        }
        match (self.was_opened(id), self.given_up.may_have(id)) {
            (false, _) => Err(Breach::IdleStream),
            (true, true) => Ok(None),
            (true, false) => Err(Breach::ClosedStream),
        }
    }

    fn was_opened(&self, id: u32) -> bool {
        id < self.next_id && !id.is_multiple_of(2)
    }

    /// What an answer came to by the frame that was read last: whether it ends with it.
    fn said(&mut self, slot: usize, said: Result<bool, Breach>, now: Instant) {
        match said {
            Ok(false) => self.woken.push(slot),
            Ok(true) => {
                let unsent = self.streams[slot].as_ref().map_or(0, |stream| stream.unsent);
                if unsent > 0 {
                    // It wants no more of the request.
                    self.cancel(slot, ErrorCode::CANCEL);
                }
                self.end_stream(slot, Ok(()), now);
            }
            Err(breach) => {
                self.cancel(slot, breach.code());
                self.end_stream(slot, Err(Failure::Illegal(Illegal::Http2(breach))), now);
            }
        }
    }

    fn cancel(&mut self, slot: usize, code: ErrorCode) {
        let id = self.ids[slot];
        self.given_up.add(id);
        self.outgoing.bytes().reset(id, code);
    }

    pub(super) fn end_stream(&mut self, slot: usize, result: Result<(), Failure>, now: Instant) {
        let Some(stream) = &mut self.streams[slot] else { return };
        if stream.end.is_none() {
            stream.end = Some((result, now));
            self.untold += 1;
            self.woken.push(slot);
        }
    }

    fn reset(&mut self, id: u32, code: ErrorCode, now: Instant) -> Result<(), Breach> {
        if !self.was_opened(id) {
            return Err(Breach::IdleStream);
        }
        let slot = self.ids.iter().position(|open| *open == id);
        if let Some(slot) = slot {
            self.given_up.add(id);
            let failure = match code {
                ErrorCode::REFUSED_STREAM => Failure::Refused,
                code => Failure::Reset(code),
            };
            self.end_stream(slot, Err(failure), now);
        }
        Ok(())
    }

    fn settings(&mut self, payload: &[u8]) -> Result<(), Breach> {
        const FRAME_SIZES: Range<u32> = 16_384..1 << 24;
        for (setting, value) in frame::settings(payload) {
            match setting {
                frame::ENABLE_PUSH if value != 0 => return Err(Breach::Setting),
                frame::MAX_FRAME_SIZE if !FRAME_SIZES.contains(&value) => {
                    return Err(Breach::Setting);
                }
                frame::MAX_CONCURRENT_STREAMS => self.allowed.streams = value,
                frame::INITIAL_WINDOW_SIZE => self.resize_windows(value)?,
                _ => {}
            }
        }
        self.has_settings = true;
        self.outgoing.bytes().settings_taken();
        self.replied()?;
        self.wake_all();
        Ok(())
    }

    /// Streams may have so much content at first, and those that are open as much more or less.
    fn resize_windows(&mut self, window: u32) -> Result<(), Breach> {
        if window > WIDEST_WINDOW {
            return Err(Breach::WindowTooWide);
        }
        let more = i64::from(window) - i64::from(self.allowed.window);
        self.allowed.window = window;
        for stream in self.streams.iter_mut().flatten() {
            stream.window += more;
            if stream.window > i64::from(WIDEST_WINDOW) {
                return Err(Breach::WindowTooWide);
            }
        }
        Ok(())
    }

    fn window_update(&mut self, id: u32, increment: u32, now: Instant) -> Result<(), Breach> {
        let (increment, widest) = (i64::from(increment), i64::from(WIDEST_WINDOW));
        if id == 0 {
            self.allowed.connection += increment;
            self.wake_all();
            return if self.allowed.connection > widest {
                Err(Breach::WindowTooWide)
            } else {
                Ok(())
            };
        }
        if !self.was_opened(id) {
            return Err(Breach::IdleStream);
        }
        let slot = self.ids.iter().position(|open| *open == id);
        if let Some(slot) = slot
            && let Some(stream) = &mut self.streams[slot]
        {
            stream.window += increment;
            if stream.window > widest {
                self.said(slot, Err(Breach::WindowTooWide), now);
            } else if stream.unsent > 0 {
                self.woken.push(slot);
            }
        }
        Ok(())
    }

    fn widen_connection(&mut self, by: u32) {
        self.used += by;
        if self.used >= WIDEST_WINDOW / 2 {
            self.outgoing.bytes().window_update(0, std::mem::take(&mut self.used));
        }
    }

    fn go_away(&mut self, last_stream: u32, code: ErrorCode, now: Instant) {
        self.is_closing = true;
        self.goodbye = Some(code);
        for slot in 0..self.ids.len() {
            if self.ids[slot] > last_stream {
                self.end_stream(slot, Err(Failure::GoneAway), now);
            }
        }
        self.wake_all();
    }

    fn replied(&mut self) -> Result<(), Breach> {
        self.replies += 1;
        if self.replies > MOST_REPLIES { Err(Breach::Flood) } else { Ok(()) }
    }
}
