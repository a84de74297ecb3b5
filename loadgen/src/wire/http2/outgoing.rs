//! Bytes on their way into a connection.

use std::ops::Range;

/// What is to be sent. A place in it counts from the connection's first byte.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    /// Where in them that begins which the connection has not taken.
    start: usize,
    /// How much the connection has taken.
    taken: u64,
}

impl Outgoing {
    /// To append frames to.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// What the connection has not taken.
    pub(super) fn untaken(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// Where the next byte will be.
    pub(super) fn end(&self) -> u64 {
        self.taken + self.untaken().len() as u64
    }

    /// The connection takes so many more bytes.
    pub(super) fn take(&mut self, count: usize) {
        self.start += count;
        self.taken += count as u64;
        if self.is_empty() {
            self.bytes.clear();
            self.start = 0;
        }
    }

    /// Whether the connection has taken what comes before `place`.
    pub(super) fn has_taken(&self, place: u64) -> bool {
        place <= self.taken
    }

    /// Takes out what stands at `place`, if the connection has taken none of it; whether it did.
    pub(super) fn withdraw(&mut self, place: &Range<u64>) -> bool {
        let Some(begin) = place.start.checked_sub(self.taken) else { return false };
        let length = usize::try_from(place.end - place.start).expect("it is in memory");
        let begin = self.start + usize::try_from(begin).expect("it is in memory");
        self.bytes.drain(begin..begin + length);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_not_begun_is_withdrawn() {
        let mut outgoing = Outgoing::default();
        outgoing.bytes().extend_from_slice(b"aabbccdd");
        outgoing.take(3);
        assert!(!outgoing.withdraw(&(0..2)));
        assert!(!outgoing.withdraw(&(2..4)), "half of it has left");
        assert!(outgoing.withdraw(&(4..6)));
        assert_eq!((outgoing.untaken(), outgoing.end()), (&b"bdd"[..], 6));
        assert!(outgoing.has_taken(3) && !outgoing.has_taken(4));
        outgoing.take(3);
        assert!(outgoing.is_empty() && outgoing.has_taken(6));
        outgoing.bytes().push(b'e');
        assert_eq!((outgoing.untaken(), outgoing.end()), (&b"e"[..], 7));
    }
}
