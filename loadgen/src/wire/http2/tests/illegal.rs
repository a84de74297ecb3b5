//! Servers that break HTTP/2: each in a way that has a name, and is told the code that goes with it.

use super::peer::*;
use crate::wire::http2_error::Breach;

/// What two requests come to where the server says this once it has both, and what it is told.
async fn two_with(bytes: &[u8]) -> ([Option<Breach>; 2], Vec<u8>) {
    let (client, mut server) = connected(2, &[]).await;
    let serve = async {
        assert_eq!([server.request().await, server.request().await], [1, 3]);
        server.send(bytes).await;
        server.answer(3, "200", "").await;
        server.rest().await
    };
    let ask = async {
        let results = tokio::join!(ask(&client), ask(&client));
        drop(client);
        [breach(&results.0), breach(&results.1)]
    };
    tokio::join!(ask, serve)
}

/// The code of the last frame, which is of this kind.
fn told(rest: &[u8], kind: u8) -> Option<u8> {
    let length = if kind == GOAWAY { 17 } else { 13 };
    let last = &rest[rest.len().checked_sub(length)?..];
    (last[3] == kind).then(|| last[length - 1])
}

#[test]
fn a_breach_of_the_connection_ends_all_that_is_in_flight_by_its_name() {
    let head = || frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "200")]));
    for (bytes, expected, code) in [
        (frame(DATA, 0, 1, &vec![0; 16_385]), Breach::FrameTooLong, 0x6),
        (frame(PING, 0, 0, &[0; 7]), Breach::FrameLength, 0x6),
        (frame(SETTINGS, 0, 0, &[0; 5]), Breach::FrameLength, 0x6),
        (frame(SETTINGS, 1, 0, &[0; 6]), Breach::FrameLength, 0x6),
        (frame(RST_STREAM, 0, 1, &[0; 3]), Breach::FrameLength, 0x6),
        (frame(WINDOW_UPDATE, 0, 1, &[0; 3]), Breach::FrameLength, 0x6),
        (frame(GOAWAY, 0, 0, &[0; 7]), Breach::FrameLength, 0x6),
        (frame(2, 0, 1, &[0; 4]), Breach::FrameLength, 0x6),
        (frame(HEADERS, END_HEADERS | 0x20, 1, &[0; 4]), Breach::FrameLength, 0x6),
        (frame(PING, 0, 1, &[0; 8]), Breach::FrameStream, 0x1),
        (frame(SETTINGS, 0, 1, &[]), Breach::FrameStream, 0x1),
        (frame(GOAWAY, 0, 1, &[0; 8]), Breach::FrameStream, 0x1),
        (frame(DATA, 0, 0, &[]), Breach::FrameStream, 0x1),
        (frame(HEADERS, END_HEADERS, 0, &[0x88]), Breach::FrameStream, 0x1),
        (frame(RST_STREAM, 0, 0, &[0; 4]), Breach::FrameStream, 0x1),
        (frame(DATA, 0x8, 1, &[4, 0, 0, 0]), Breach::Padding, 0x1),
        (frame(DATA, 0x8, 1, &[]), Breach::FrameLength, 0x6),
        (frame(SETTINGS, 0, 0, &[0, 2, 0, 0, 0, 1]), Breach::Setting, 0x1),
        (frame(SETTINGS, 0, 0, &[0, 5, 0, 0, 0x3f, 0xff]), Breach::Setting, 0x1),
        (frame(SETTINGS, 0, 0, &[0, 5, 1, 0, 0, 0]), Breach::Setting, 0x1),
        (frame(SETTINGS, 0, 0, &[0, 4, 0x80, 0, 0, 0]), Breach::WindowTooWide, 0x3),
        (frame(WINDOW_UPDATE, 0, 0, &[0; 4]), Breach::NoIncrement, 0x1),
        (frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]), Breach::WindowTooWide, 0x3),
        (frame(CONTINUATION, END_HEADERS, 1, &[]), Breach::Continuation, 0x1),
        (
            [frame(HEADERS, 0, 1, &[0x88]), frame(PING, 0, 0, &[0; 8])].concat(),
            Breach::Continuation,
            0x1,
        ),
        (
            [frame(HEADERS, 0, 1, &[0x88]), frame(CONTINUATION, END_HEADERS, 3, &[])].concat(),
            Breach::Continuation,
            0x1,
        ),
        (frame(HEADERS, END_HEADERS, 1, &[0xff]), Breach::Compression, 0x9),
        (frame(5, END_HEADERS, 1, &[0, 0, 0, 2, 0x82]), Breach::Push, 0x1),
        (frame(DATA, 0, 5, &[]), Breach::IdleStream, 0x1),
        (frame(HEADERS, END_HEADERS, 2, &[0x88]), Breach::IdleStream, 0x1),
        (frame(RST_STREAM, 0, 5, &[0; 4]), Breach::IdleStream, 0x1),
        (frame(WINDOW_UPDATE, 0, 2, &[0, 0, 0, 1]), Breach::IdleStream, 0x1),
    ] {
        let (broken, rest) = block_on(two_with(&bytes));
        assert_eq!(broken, [Some(expected); 2], "{:x?}", &bytes[..bytes.len().min(40)]);
        assert_eq!(told(&rest, GOAWAY), Some(code), "{expected:?}: {rest:x?}");
    }
    // An answer that comes twice: the first is whole before the second is seen.
    let twice = [answer(1, "200", ""), head()].concat();
    let (broken, rest) = block_on(two_with(&twice));
    assert_eq!(broken, [None, Some(Breach::ClosedStream)]);
    assert_eq!(told(&rest, GOAWAY), Some(0x5));
}

#[test]
fn a_breach_of_a_stream_ends_that_alone() {
    let head = |fields: &[(&str, &str)]| frame(HEADERS, END_HEADERS, 1, &block(fields));
    let ok = || head(&[(":status", "200")]);
    for (bytes, expected, code) in [
        (head(&[("a", "b")]), Breach::OutOfPlace, 0x1),
        (head(&[(":status", "200"), ("A", "b")]), Breach::Head, 0x1),
        (frame(DATA, 0, 1, b"x"), Breach::OutOfPlace, 0x1),
        ([ok(), ok()].concat(), Breach::OutOfPlace, 0x1),
        ([ok(), head(&[("a", "b")])].concat(), Breach::OutOfPlace, 0x1),
        (
            frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(&[(":status", "100")])),
            Breach::OutOfPlace,
            0x1,
        ),
        (frame(WINDOW_UPDATE, 0, 1, &[0x7f, 0xff, 0xff, 0xff]), Breach::WindowTooWide, 0x3),
        (
            [
                head(&[(":status", "200"), ("content-length", "2")]),
                frame(DATA, END_STREAM, 1, b"x"),
            ]
            .concat(),
            Breach::ContentLength,
            0x1,
        ),
        (
            frame(
                HEADERS,
                END_HEADERS | END_STREAM,
                1,
                &block(&[(":status", "200"), ("content-length", "2")]),
            ),
            Breach::ContentLength,
            0x1,
        ),
    ] {
        let (broken, rest) = block_on(two_with(&bytes));
        assert_eq!(broken, [Some(expected), None], "{bytes:x?}");
        // The goodbye comes behind it.
        assert_eq!(told(&rest[..rest.len() - 17], RST_STREAM), Some(code), "{rest:x?}");
        assert_eq!(told(&rest, GOAWAY), Some(0));
    }
}
