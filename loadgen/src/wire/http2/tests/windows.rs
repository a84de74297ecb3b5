use super::super::frame::INITIAL_WINDOW_SIZE;
use super::super::stream::WINDOW;
use super::peer::*;

#[test]
fn a_window_of_one_byte_takes_a_byte_at_a_time() {
    block_on(async {
        let (client, mut server) = connected(1, &[(INITIAL_WINDOW_SIZE, 1)]).await;
        let mut slot = client.slot().unwrap();
        let message = post(b"abc");
        let serve = async {
            assert_eq!(server.frame().await.kind, HEADERS);
            for (content, flags) in [(b"a", 0), (b"b", 0), (b"c", END_STREAM)] {
                let sent = server.frame().await;
                assert_eq!((sent.kind, sent.flags, &sent.payload[..]), (DATA, flags, &content[..]));
                assert!(server.hears_nothing().await);
                server.send_frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]).await;
            }
            server.answer(1, "200", "").await;
        };
        let (result, ()) = tokio::join!(exchange(&mut slot, &message), serve);
        result.0.unwrap();
    });
}

/// A setting changes the windows of streams that are open, which may be below nothing then.
#[test]
fn windows_that_shrink_are_kept_to() {
    block_on(async {
        let (client, mut server) = connected(1, &[(INITIAL_WINDOW_SIZE, 10)]).await;
        let mut slot = client.slot().unwrap();
        let message = post(&[0; 25]);
        let serve = async {
            assert_eq!(server.frame().await.kind, HEADERS);
            assert_eq!(server.frame().await.payload.len(), 10);
            // 10 less: 10 below nothing.
            server.send_frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]).await;
            server.send_frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 10]).await;
            assert!(server.hears_nothing().await);
            server.send_frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 5]).await;
            assert_eq!(server.frame().await.payload.len(), 5);
            server.send_frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 100]).await;
            let sent = server.frame().await;
            assert_eq!((sent.payload.len(), sent.flags), (10, END_STREAM));
            server.answer(1, "200", "").await;
        };
        let (result, ()) = tokio::join!(exchange(&mut slot, &message), serve);
        result.0.unwrap();
    });
}

/// All streams together have the connection's window, which is 65,535 bytes at first.
#[test]
fn the_connections_window_is_kept_to_by_all_streams_together() {
    block_on(async {
        let (client, mut server) = connected(2, &[(INITIAL_WINDOW_SIZE, 1 << 20)]).await;
        let mut slots = [client.slot().unwrap(), client.slot().unwrap()];
        let messages = [post(&vec![1; 40_000]), post(&vec![2; 40_000])];
        let serve = async {
            let mut received = 0;
            while received < 65_535 {
                received += content(&server.frame().await);
            }
            assert_eq!(received, 65_535);
            assert!(server.hears_nothing().await);
            server.send_frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0xff, 0xff]).await;
            while received < 80_000 {
                received += content(&server.frame().await);
            }
            server.answer(1, "200", "").await;
            server.answer(3, "200", "").await;
        };
        let [first, second] = &mut slots;
        let (one, other, ()) =
            tokio::join!(exchange(first, &messages[0]), exchange(second, &messages[1]), serve);
        assert!(one.0.is_ok() && other.0.is_ok());
    });
}

fn content(sent: &Sent) -> usize {
    if sent.kind == DATA { sent.payload.len() } else { 0 }
}

/// An answer of any length comes through: what was listened to is given back.
#[test]
fn an_answer_longer_than_the_window_is_read_to_its_end() {
    const PIECES: usize = 200;
    block_on(async {
        let (client, mut server) = connected(1, &[]).await;
        let mut slot = client.slot().unwrap();
        let serve = async {
            server.request().await;
            server.send_frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "200")])).await;
            let mut window = WINDOW;
            for piece in 0..PIECES {
                while window < 16_384 {
                    let sent = server.frame().await;
                    assert_eq!((sent.kind, sent.stream), (WINDOW_UPDATE, 1));
                    window += u32::from_be_bytes(sent.payload.try_into().unwrap());
                }
                let flags = if piece + 1 == PIECES { END_STREAM } else { 0 };
                server.send_frame(DATA, flags, 1, &[7; 16_384]).await;
                window -= 16_384;
            }
        };
        let ((result, heard, _), ()) = tokio::join!(get_over(&mut slot), serve);
        assert_eq!(result.unwrap().body_bytes, 16_384 * PIECES as u64);
        assert!(heard.content == vec![7; 16_384 * PIECES]);
    });
}

/// A server that answers before it has the whole request wants no more of it.
#[test]
fn an_answer_that_comes_before_the_request_is_whole_counts() {
    block_on(async {
        let (client, mut server) = connected(1, &[(INITIAL_WINDOW_SIZE, 1)]).await;
        let mut slot = client.slot().unwrap();
        let message = post(b"abc");
        let serve = async {
            assert_eq!([server.frame().await.kind, server.frame().await.kind], [HEADERS, DATA]);
            server.answer(1, "413", "").await;
            let sent = server.frame().await;
            assert_eq!((sent.kind, sent.stream), (RST_STREAM, 1));
            // What crosses that on its way is nobody's.
            server.send_frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]).await;
            server.send_frame(RST_STREAM, 0, 1, &[0; 4]).await;
        };
        let (result, ()) = tokio::join!(exchange(&mut slot, &message), serve);
        let answer = result.0.unwrap();
        assert_eq!((answer.status, answer.keep_alive), (413, true));
    });
}
