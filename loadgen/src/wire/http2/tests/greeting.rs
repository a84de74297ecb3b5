use tokio::time::{Duration, timeout};

use super::super::frame::MAX_CONCURRENT_STREAMS;
use super::peer::*;
use crate::wire::http2_error::{Breach, ErrorCode, NotHttp2};

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
