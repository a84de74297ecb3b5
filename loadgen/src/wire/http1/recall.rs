//! The head that was parsed last, so that the next one like it need not be.
//!
//! The heads of a service's answers differ in their Date, if at all, and that once a second. To compare
//! bytes costs a tenth of what it costs to parse them.

use std::cell::RefCell;

use super::head::Head;
use crate::wire::illegal::Illegal;

/// A longer head is not kept.
const MOST_BYTES: usize = 4096;

/// A complete head, and what it says.
struct Known {
    bytes: Vec<u8>,
    to_head_request: bool,
    head: Head,
}

thread_local! {
    /// One for all connections of a worker: most often they are all to one service.
    static LAST: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// As [`Head::parse`], of whose result this is the same.
pub(super) fn parse(bytes: &[u8], to_head_request: bool) -> Result<Option<Head>, Illegal> {
    LAST.with_borrow_mut(|last| {
        if let Some(known) = last
            && known.to_head_request == to_head_request
            && bytes.starts_with(&known.bytes)
        {
            return Ok(Some(known.head));
        }
        let parsed = Head::parse(bytes, to_head_request)?;
        if let Some(head) = parsed.filter(|head| head.len <= MOST_BYTES) {
            let mut kept = last.take().map(|known| known.bytes).unwrap_or_default();
            kept.clear();
            kept.extend_from_slice(&bytes[..head.len]);
            *last = Some(Known { bytes: kept, to_head_request, head });
        }
        Ok(parsed)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const STARTS: [&str; 4] =
        ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 204 X\r\n", "HTTP/1.0 200 OK\r\n", "HTTP/1.1 100 C\r\n"];
    const FIELDS: [&str; 6] = [
        "Content-Length: 2\r\n",
        "Content-Length: 22\r\n",
        "Connection: close\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Date: Thu\r\n",
        " folded\r\n",
    ];
    const ENDS: [&str; 5] = ["\r\n", "\r\nok", "\r", "", "\r\n\r\n"];

    /// Heads whole and cut, legal and illegal, many of which begin as others do.
    fn heads() -> impl Strategy<Value = Vec<(String, bool)>> {
        let fields = prop::collection::vec(select(&FIELDS[..]), 0..3);
        let head = (select(&STARTS[..]), fields, select(&ENDS[..]), any::<bool>());
        let head = head.prop_map(|(start, fields, end, to_head)| {
            (format!("{start}{}{end}", fields.concat()), to_head)
        });
        prop::collection::vec(head, 1..40)
    }

    proptest! {
        #[test]
        fn whatever_came_before_it_says_what_the_head_says(heads in heads()) {
            for (head, to_head_request) in heads {
                let recalled = parse(head.as_bytes(), to_head_request);
                let parsed = Head::parse(head.as_bytes(), to_head_request);
                prop_assert_eq!(format!("{recalled:?}"), format!("{parsed:?}"));
            }
        }
    }

    #[test]
    fn a_head_that_came_before_is_not_parsed() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        let parsed = parse(head, false).unwrap().unwrap();
        LAST.with_borrow_mut(|last| last.as_mut().unwrap().head.status = 299);
        assert_eq!(parse(head, false).unwrap().unwrap().status, 299);
        // That it was one to a GET says nothing of one to a HEAD.
        assert_eq!(
            parse(head, true).unwrap().unwrap().framing,
            super::super::head::Framing::Length(0)
        );
        assert_eq!(parse(head, false).unwrap(), Some(parsed));
    }
}
