//! Servers that send more than is to be kept.

use super::super::stream;
use super::peer::*;
use crate::wire::http2_error::Breach;

/// What a request comes to where the server sends this over and over, and reads nothing.
fn flooded_with(first: &[u8], again: &[u8]) -> Option<Breach> {
    block_on(async {
        // Our answers have no room.
        let (client, mut server) = unconnected(1, 1024);
        let (greeted, ()) = tokio::join!(client.greet(), server.hello(&[]));
        greeted.unwrap();
        let flood = async {
            server.request().await;
            server.send(first).await;
            loop {
                server.send(again).await;
            }
        };
        tokio::select! {
            result = ask(&client) => breach(&result),
            () = flood => None,
        }
    })
}

#[test]
fn a_flood_ends_by_its_name_and_keeps_little() {
    let ping = frame(PING, 0, 0, &[0; 8]);
    assert_eq!(flooded_with(&ping, &ping.repeat(10)), Some(Breach::Flood));
    let settings = frame(SETTINGS, 0, 0, &[]);
    assert_eq!(flooded_with(&settings, &settings.repeat(10)), Some(Breach::Flood));
    let begin = frame(HEADERS, 0, 1, &[0x88]);
    let empty = frame(CONTINUATION, 0, 1, &[]);
    assert_eq!(flooded_with(&begin, &empty), Some(Breach::BlockTooLong));
    let full = frame(CONTINUATION, 0, 1, &[0x88; 16_384]);
    assert_eq!(flooded_with(&begin, &full), Some(Breach::BlockTooLong));
}

/// Nobody listens while a client is not polled: what is kept meanwhile is what the window allows.
#[test]
fn content_beyond_the_window_is_not_kept() {
    block_on(async {
        let (client, mut server) = connected(2, &[]).await;
        let mut listens = client.slot().unwrap();
        let (message, mut deaf) = (get(), client.slot().unwrap());
        let mut not_polled = Box::pin(exchange(&mut deaf, &message));
        tokio::select! {
            biased;
            _ = &mut not_polled => panic!("nobody answers"),
            stream = server.request() => assert_eq!(stream, 1),
        }
        let serve = async {
            assert_eq!(server.request().await, 3);
            server.send_frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "200")])).await;
            let piece = vec![0; 16_384];
            for _ in 0..=stream::WINDOW as usize / piece.len() {
                server.send_frame(DATA, 0, 1, &piece).await;
            }
            server.answer(3, "200", "").await;
        };
        let (result, ()) = tokio::join!(get_over(&mut listens), serve);
        result.0.unwrap();
        assert_eq!(breach(&not_polled.await.0), Some(Breach::BeyondWindow));
    });
}

/// A server that ends each stream as soon as it is there.
#[test]
fn streams_that_are_reset_at_once_leave_nothing_behind() {
    block_on(async {
        let (client, mut server) = connected(1, &[]).await;
        let mut slot = client.slot().unwrap();
        let serve = async {
            for _ in 0..3000 {
                let stream = server.request().await;
                server.send_frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]).await;
            }
        };
        let ask = async {
            for _ in 0..3000 {
                let (result, ..) = get_over(&mut slot).await;
                assert_eq!(result.unwrap_err().to_string(), "stream reset: CANCEL");
            }
        };
        tokio::join!(ask, serve);
        assert!(client.is_open());
    });
}
