//! Both tables, whole and in every cut.

use std::io::ErrorKind;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::super::Connection;
use super::legal::Legal;
use super::script::{End, Read, Script, answered, exchange, failed, request};
use super::{illegal, legal};

/// The longest answer that is cut everywhere; longer ones are cut at some places.
const SHORT_BYTES: usize = 1000;

/// An answer of either table.
struct Case {
    bytes: Vec<u8>,
    to_head_request: bool,
    end: End,
}

fn cases() -> Vec<Case> {
    let legal = legal::answers().into_iter().map(|legal| Case {
        bytes: legal.bytes,
        to_head_request: legal.to_head_request,
        end: legal.end,
    });
    let illegal = illegal::answers().into_iter().map(|illegal| Case {
        bytes: illegal.bytes,
        to_head_request: false,
        end: failed(illegal.name),
    });
    legal.chain(illegal).collect()
}

impl Case {
    /// Whether an end in some cut is what it is to be.
    ///
    /// Bytes after an answer are noticed where a read brings them together with its end. Where
    /// they come later the answer is complete already, as it must be: waiting for what may follow
    /// would delay every answer. The next request over that connection finds them.
    fn agrees(&self, end: &End) -> bool {
        *end == self.end || self.has_surplus() && matches!(end, End::Answered { .. })
    }

    fn has_surplus(&self) -> bool {
        self.end == failed("illegal answer: bytes after the answer")
    }

    fn check<'p>(&self, pieces: impl IntoIterator<Item = &'p [u8]>, how: &str) -> End {
        let end = answered(pieces, self.to_head_request);
        assert!(self.agrees(&end), "{how}: {end:?}, not {:?}: {}", self.end, self.shown());
        end
    }

    /// Its first bytes, readable.
    fn shown(&self) -> String {
        self.bytes[..self.bytes.len().min(200)].escape_ascii().to_string()
    }

    /// Where it is cut: everywhere, or where something happens and at some places between.
    fn places(&self) -> Vec<usize> {
        let len = self.bytes.len();
        let near = |place: usize| place - 2..=place + 2;
        let all = if len <= SHORT_BYTES {
            (1..len).collect()
        } else {
            let edges = [4, 8 * 1024, 64 * 1024, len - 3];
            (997..len).step_by(29_989).chain(edges.into_iter().flat_map(near)).collect::<Vec<_>>()
        };
        all.into_iter().filter(|place| (1..len).contains(place)).collect()
    }
}

#[test]
fn in_one_piece() {
    for case in cases() {
        let end = answered([case.bytes.as_slice()], case.to_head_request);
        assert_eq!(end, case.end, "{}", case.shown());
    }
}

#[test]
fn cut_in_two_at_every_byte() {
    for case in cases() {
        let mut ends_between = 0;
        for place in case.places() {
            let (one, two) = case.bytes.split_at(place);
            let end = case.check([one, two], &format!("cut at {place}"));
            ends_between += usize::from(end != case.end);
        }
        assert_eq!(ends_between, usize::from(case.has_surplus()), "{}", case.shown());
    }
}

#[test]
fn one_byte_at_a_time() {
    // Every line's end has the head parsed again; with thousands of them that takes a while.
    let lines = |case: &Case| case.bytes.split(|byte| *byte == b'\n').count();
    for case in cases().iter().filter(|case| lines(case) < 1000) {
        case.check(case.bytes.chunks(1), "byte by byte");
    }
}

#[test]
fn cut_anywhere() {
    let cases = cases();
    let cut = (any::<Index>(), vec(any::<Index>(), 0..8), any::<bool>());
    proptest!(ProptestConfig::with_cases(3000), |((case, places, paused) in cut)| {
        let case = case.get(&cases);
        let mut places: Vec<_> = places.iter().map(|place| place.index(case.bytes.len())).collect();
        places.sort_unstable();
        let ends = places.iter().copied().chain([case.bytes.len()]);
        let mut start = 0;
        let mut reads = vec![Read::AfterWritten(1)];
        for end in ends {
            let piece = std::mem::replace(&mut start, end)..end;
            reads.extend(paused.then_some(Read::Pause));
            reads.extend((!piece.is_empty()).then(|| Read::Bytes(case.bytes[piece].to_vec())));
        }
        let mut connection = Connection::new(Script::new(reads, []));
        let (end, _) = exchange(&mut connection, &request(case.to_head_request));
        prop_assert!(case.agrees(&end), "cut at {places:?}: {end:?}: {}", case.shown());
    });
}

/// What came too late to be seen with the answer before is not taken for the next one.
#[test]
fn surplus_is_no_answer_to_the_next_request() {
    for case in cases().iter().filter(|case| case.has_surplus()) {
        let request = request(case.to_head_request);
        let found = case.places().into_iter().filter(|place| {
            let (one, two) = case.bytes.split_at(*place);
            let mut connection = Connection::new(Script::answering([one, two]));
            let (first, _) = exchange(&mut connection, &request);
            matches!(first, End::Answered { keep_alive: true, .. }) && {
                let (second, written) = exchange(&mut connection, &request);
                assert_eq!(second, failed("illegal answer: bytes before the request"));
                assert!(!written);
                true
            }
        });
        assert_eq!(found.count(), 1, "{}", case.shown());
    }
}

/// Behind the last answer of a connection there may be anything: it belongs to nobody.
#[test]
fn surplus_is_discarded_behind_the_last_answer() {
    const SURPLUS: &[u8] = b"HTTP/1.1 500 ?\r\n\r\n";
    let surplus = || failed("illegal answer: bytes after the answer");
    for Legal { bytes, to_head_request, end, close_delimited_from } in legal::answers() {
        let End::Answered { keep_alive, .. } = end else { panic!("it is legal") };
        if close_delimited_from.is_some() || bytes.len() > 8000 {
            continue;
        }
        let request = request(to_head_request);
        let answer = [&bytes, SURPLUS].concat();
        let of = |is_kept| {
            let connection = Connection::new(Script::answering([answer.as_slice()]));
            exchange(&mut connection.keeping(is_kept), &request).0
        };
        let shown = bytes.escape_ascii();
        assert_eq!(of(true), if keep_alive { surplus() } else { end.clone() }, "{shown}");
        // Who has said that it is the last has asked for nothing else.
        let End::Answered { status, bytes, body_bytes, .. } = end else { panic!("it is legal") };
        assert_eq!(of(false), End::Answered { status, bytes, body_bytes, keep_alive: false });
    }
}

/// An answer is complete as soon as its last byte has come, if its end can be known.
#[test]
fn complete_on_a_connection_that_stays_open() {
    for legal in legal::answers() {
        let shown = legal.bytes[..legal.bytes.len().min(200)].escape_ascii().to_string();
        let reads = [Read::AfterWritten(1), Read::Bytes(legal.bytes), Read::Hang];
        let mut connection = Connection::new(Script::new(reads, []));
        let (end, _) = exchange(&mut connection, &request(legal.to_head_request));
        let expected = if legal.close_delimited_from.is_some() { End::Stuck } else { legal.end };
        assert_eq!(end, expected, "{shown}");
    }
}

/// The end of an answer of which only `bytes` come, and then what `last` says.
fn cut_short(bytes: &[u8], last: Option<Read>, to_head_request: bool) -> End {
    let reads = [Read::AfterWritten(1), Read::Bytes(bytes.to_vec())].into_iter().chain(last);
    // Nothing to read is the same as a closed connection.
    let reads = reads.filter(|read| !matches!(read, Read::Bytes(bytes) if bytes.is_empty()));
    exchange(&mut Connection::new(Script::new(reads, [])), &request(to_head_request)).0
}

/// However an answer breaks off, it is incomplete: unless it ends with the connection anyway.
#[test]
fn truncated_at_every_byte() {
    for legal in legal::answers() {
        let Legal { bytes, to_head_request, end, close_delimited_from } = legal;
        let case = Case { bytes, to_head_request, end };
        for place in [0].into_iter().chain(case.places()) {
            let closed = match close_delimited_from {
                _ if place == 0 => failed("closed before the answer"),
                Some(head) if place >= head => End::Answered {
                    status: 200,
                    bytes: place as u64,
                    body_bytes: (place - head) as u64,
                    keep_alive: false,
                },
                _ => failed("closed within the answer"),
            };
            let reset = failed("receive: connection reset");
            for (last, expected) in [
                (None, closed),
                (Some(Read::Fail(ErrorKind::ConnectionReset)), reset),
                (Some(Read::Hang), End::Stuck),
            ] {
                let end = cut_short(&case.bytes[..place], last, to_head_request);
                assert_eq!(end, expected, "truncated at {place}: {}", case.shown());
            }
        }
    }
}
