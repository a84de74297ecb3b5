use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::time::{Duration, timeout};

use super::super::Http2;
use super::super::frame::MAX_CONCURRENT_STREAMS;
use super::peer::*;
use crate::timers::Timers;
use crate::wire::dial::Dialer;
use crate::wire::failure::OpenError;
use crate::wire::http2_error::{Breach, ErrorCode, NotHttp2};
use crate::wire::{Driver as _, Endpoint};

fn greeted_with(bytes: &[u8], stays: bool) -> Option<Result<(), NotHttp2>> {
    block_on(async {
        let (client, mut server) = unconnected(1, 1 << 16);
        server.send(bytes).await;
        let server = stays.then_some(server);
        let greeted = timeout(Duration::from_millis(50), client.greet()).await.ok();
        drop(server);
        greeted
    })
}

#[test]
fn whoever_does_not_speak_http2_is_named_before_a_request() {
    let settings = frame(SETTINGS, 0, 0, &[]);
    let goodbye = frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 0xb]);
    let none_at_a_time = frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 0]);
    for (bytes, stays, expected) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], true, Some(Err(NotHttp2::Http1))),
        (b"", false, Some(Err(NotHttp2::Closed))),
        (b"HTT", false, Some(Err(NotHttp2::Closed))),
        (b"HTT", true, None),
        (b"", true, None),
        (b"220 mail ready\r\n", true, Some(Err(NotHttp2::Breach(Breach::FrameTooLong)))),
        (b"\0\0\x08\x06\0\0\0\0\0xxxxxxxx", true, Some(Err(NotHttp2::Breach(Breach::NoSettings)))),
        (&[goodbye.clone()].concat(), true, Some(Err(NotHttp2::Breach(Breach::NoSettings)))),
        (
            &[settings.clone(), goodbye].concat(),
            true,
            Some(Err(NotHttp2::GoneAway(ErrorCode(0xb)))),
        ),
        (&none_at_a_time, true, Some(Err(NotHttp2::NoStreams))),
        (&settings, true, Some(Ok(()))),
    ] {
        assert_eq!(greeted_with(bytes, stays), expected, "{bytes:?}");
    }
}

#[test]
fn a_connection_has_as_many_slots_as_both_sides_allow() {
    block_on(async {
        for (asked, allowed, expected) in [(3, u32::MAX, 3), (3, 2, 2), (1, 100, 1)] {
            let (client, _server) = connected(asked, &[(MAX_CONCURRENT_STREAMS, allowed)]).await;
            let slots: Vec<_> = std::iter::from_fn(|| client.slot()).collect();
            assert_eq!(slots.len(), expected);
            drop(slots);
            assert!(client.slot().is_some(), "they are given back");
        }
    });
}

/// A process that is about to end may still take a connection, and says that it ends it.
#[test]
fn a_connection_that_is_ended_before_anything_is_asked_is_replaced() {
    let settings = frame(SETTINGS, 0, 0, &[]);
    let goodbye =
        |code| [settings.clone(), frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, code])].concat();
    for (code, ended, expected, connections) in [
        (0x0, 0, Ok(()), 1),
        (0x0, 2, Ok(()), 3),
        (0x0, 3, Err(NotHttp2::GoneAway(ErrorCode(0x0))), 3),
        (0xb, 1, Err(NotHttp2::GoneAway(ErrorCode(0xb))), 1),
    ] {
        block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let to = Endpoint::new(vec![listener.local_addr().unwrap()]);
            let mut taken = Vec::new();
            let serve = async {
                loop {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let is_ended = taken.len() < ended;
                    let said = if is_ended { goodbye(code) } else { settings.clone() };
                    stream.write_all(&said).await.unwrap();
                    taken.push(stream);
                }
            };
            let driver = Http2::new(1, true, Dialer::new(Timers::current(), None));
            let connected = tokio::select! {
                connected = driver.connect(&to) => connected,
                () = serve => unreachable!("it serves for ever"),
            };
            match (connected.map(drop), expected) {
                (Ok(()), Ok(())) => {}
                (Err(OpenError::Http2(found)), Err(expected)) => assert_eq!(found, expected),
                (found, expected) => panic!("{found:?} rather than {expected:?}"),
            }
            assert_eq!(taken.len(), connections, "{code} {ended}");
        });
    }
}
