//! Header fields that blocks refer to by a number (RFC 7541, section 2.3).

use std::collections::VecDeque;

use crate::wire::http2_error::Breach;

/// The fields that everybody knows (appendix A); the first is number 1.
pub(super) const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

/// How large a table is that nobody has spoken of (RFC 9113, section 6.5.2). We do not speak of ours.
pub(super) const MOST_BYTES: usize = 4096;

/// What a field counts beside its name and value.
const OVERHEAD_BYTES: usize = 32;

/// The fields that the other side has had us keep, the last one first.
#[derive(Debug)]
pub(super) struct Table {
    fields: VecDeque<(Vec<u8>, Vec<u8>)>,
    bytes: usize,
    most_bytes: usize,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { fields: VecDeque::new(), bytes: 0, most_bytes: MOST_BYTES }
    }

    /// The field with this number.
    pub(super) fn get(&self, number: usize) -> Result<(&[u8], &[u8]), Breach> {
        let place = number.checked_sub(1).ok_or(Breach::Compression)?;
        if let Some((name, value)) = STATIC.get(place) {
            return Ok((name.as_bytes(), value.as_bytes()));
        }
        let (name, value) = self.fields.get(place - STATIC.len()).ok_or(Breach::Compression)?;
        Ok((name, value))
    }

    /// Keeps a field, and forgets the oldest of those for which there is no room any more.
    pub(super) fn keep(&mut self, name: Vec<u8>, value: Vec<u8>) {
        let bytes = size(&name, &value);
        self.shrink(self.most_bytes.saturating_sub(bytes));
        if bytes <= self.most_bytes {
            self.bytes += bytes;
            self.fields.push_front((name, value));
        }
    }

    /// Is no larger than this from now on.
    pub(super) fn resize(&mut self, most_bytes: usize) -> Result<(), Breach> {
        if most_bytes > MOST_BYTES {
            return Err(Breach::Compression);
        }
        self.most_bytes = most_bytes;
        self.shrink(most_bytes);
        Ok(())
    }

    /// How much its fields count together.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn shrink(&mut self, most_bytes: usize) {
        while self.bytes > most_bytes
            && let Some((name, value)) = self.fields.pop_back()
        {
            self.bytes -= size(&name, &value);
        }
    }
}

fn size(name: &[u8], value: &[u8]) -> usize {
    name.len() + value.len() + OVERHEAD_BYTES
}
