//! What is shown of heads, and when the parts of an answer came.

use std::cell::Cell;
use std::thread::sleep;
use std::time::Duration;

use tokio::time::Instant;

use super::super::Connection;
use super::script::{Heard, Read, Script, drive, request};
use crate::extract::header;
use crate::wire::Progress;

const HINT: &str = "HTTP/1.1 103 Early Hints\r\nX: hint\r\n\r\n";
const HEAD: &str = "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 6\r\n\r\n";
const BODY: &str = "\r\n\r\n\r\n";

/// The heads shown in an exchange over `reads`.
fn shown(reads: impl IntoIterator<Item = Read>) -> Vec<(u16, String)> {
    let reads = [Read::AfterWritten(1)].into_iter().chain(reads);
    let mut connection = Connection::new(Script::new(reads, []));
    let mut heard = Heard::default();
    let _ = drive(connection.exchange(&request(false), &Cell::new(Progress::Nothing), &mut heard))
        .unwrap();
    heard.heads
}

#[test]
fn the_final_head_is_shown_once_and_whole() {
    let answer = [HINT, HINT, HEAD, BODY].concat();
    let expected = vec![(200, HEAD.to_owned())];
    for place in 0..answer.len() {
        let (one, two) = answer.as_bytes().split_at(place);
        let pieces = [one, two].into_iter().filter(|piece| !piece.is_empty());
        let reads = pieces.map(|piece| Read::Bytes(piece.to_vec()));
        assert_eq!(shown(reads), expected, "cut at {place}");
    }
    // Even if the body is missing; but not if the head is not all there.
    for place in 0..answer.len() {
        let reads = (place > 0).then(|| Read::Bytes(answer.as_bytes()[..place].to_vec()));
        let complete = place >= answer.len() - BODY.len();
        assert_eq!(shown(reads), expected[..usize::from(complete)], "truncated at {place}");
    }
}

/// The first byte counts even if it is an interim answer's, and the end is the body's.
#[test]
fn times_are_taken_as_the_bytes_come() {
    const PAUSE: Duration = Duration::from_millis(5);
    let pieces: [&[&str]; 4] = [
        &[HINT, &HEAD[..20], &HEAD[20..], BODY],
        &[&HINT[..1], &HINT[1..], HEAD, BODY],
        &[HEAD, &BODY[..1], &BODY[1..3], &BODY[3..]],
        &["HTTP/1.1 200 OK\r\n\r\n", "until", "the", "end"],
    ];
    for pieces in pieces {
        let mut reads = vec![Read::AfterWritten(1)];
        for piece in pieces {
            reads.extend([Read::Late(PAUSE), Read::Bytes((*piece).into())]);
        }
        let mut connection = Connection::new(Script::new(reads, []));
        let begun = Instant::now();
        let (request, written) = (request(false), Cell::new(Progress::Nothing));
        let answer = drive(connection.exchange(&request, &written, &mut || sleep(PAUSE)));
        let answer = answer.unwrap().unwrap();
        let ended = Instant::now();
        assert!(answer.first_byte - begun >= PAUSE, "{pieces:?}");
        assert!(answer.finished - answer.first_byte >= 3 * PAUSE, "{pieces:?}");
        assert!(answer.finished <= ended, "{pieces:?}");
    }
}

/// What is done with a head that came with all of the body takes none of the answer's time.
#[test]
fn an_answer_in_one_read_is_finished_with_its_first_byte() {
    let answer = [HINT, HEAD, BODY].concat();
    let reads = [Read::AfterWritten(1), Read::Bytes(answer.into())];
    let mut connection = Connection::new(Script::new(reads, []));
    let (request, written) = (request(false), Cell::new(Progress::Nothing));
    let mut look = || sleep(Duration::from_millis(1));
    let answer = drive(connection.exchange(&request, &written, &mut look)).unwrap().unwrap();
    assert_eq!(answer.first_byte, answer.finished);
}

#[test]
fn a_header_that_goes_on_in_the_next_line_is_one_value() {
    let head = b"HTTP/1.1 200 OK\r\nX-Total: 12\r\n\t 34 \r\n 56\r\nX-Late:\r\n 7\r\nX-Id: 8\r\n X-No: 9\r\n\r\n";
    for (name, expected) in [
        ("x-total", Some("12 34 56")),
        ("x-late", Some("7")),
        ("x-id", Some("8 X-No: 9")),
        ("x-no", None),
    ] {
        assert_eq!(header(head, name).as_deref(), expected, "{name}");
    }
}

#[test]
fn the_first_header_of_a_name_is_found() {
    let head = b"HTTP/1.1 200 OK: x\r\nServer: \tone, two:  \r\nserver: three\nX-Empty:\r\n\
        Odd: \xff\r\nServer-Name: four\r\n\r\n";
    for (name, expected) in [
        ("server", Some("one, two:")),
        ("SERVER", Some("one, two:")),
        ("server-name", Some("four")),
        ("x-empty", Some("")),
        ("odd", Some("\u{fffd}")),
        ("serve", None),
        ("HTTP/1.1 200 OK", None),
        ("", None),
    ] {
        assert_eq!(header(head, name).as_deref(), expected, "{name}");
    }
}
