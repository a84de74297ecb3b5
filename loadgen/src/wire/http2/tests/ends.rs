//! How streams and connections end, and what is certain then.

use std::io::ErrorKind;

use check::history::Outcome;

use super::peer::*;
use crate::wire::http2_error::ErrorCode;
use crate::wire::{Failure, Progress};

/// What two requests come to where the server does this once it has both; the first has had a head.
fn two_end_with(bytes: &[u8]) -> [Failure; 2] {
    block_on(async {
        let (client, mut server) = connected(2, &[]).await;
        let serve = async {
            assert_eq!([server.request().await, server.request().await], [1, 3]);
            server.send_frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "200")])).await;
            server.send(bytes).await;
            drop(server);
        };
        let (first, second, ()) = tokio::join!(ask(&client), ask(&client), serve);
        [first.unwrap_err(), second.unwrap_err()]
    })
}

fn goodbye(last_stream: u8, code: u8) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[0, 0, 0, last_stream, 0, 0, 0, code])
}

fn reset(stream: u32, code: u8) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &[0, 0, 0, code])
}

#[test]
fn only_what_the_target_says_it_has_not_looked_at_has_certainly_failed() {
    const WITHIN: &str = "closed within the answer";
    const BEFORE: &str = "closed before the answer";
    const REFUSED: &str = "refused by the target: GOAWAY";
    for (bytes, names, outcomes) in [
        (vec![], [WITHIN, BEFORE], [Outcome::Unknown; 2]),
        (goodbye(1, 0), [WITHIN, REFUSED], [Outcome::Unknown, Outcome::Fail]),
        (goodbye(0, 0), [REFUSED; 2], [Outcome::Fail; 2]),
        (goodbye(3, 0), [WITHIN, BEFORE], [Outcome::Unknown; 2]),
        (goodbye(3, 0xb), ["connection ended: GOAWAY ENHANCE_YOUR_CALM"; 2], [Outcome::Unknown; 2]),
        (
            [reset(3, 7), reset(1, 8)].concat(),
            ["stream reset: CANCEL", "refused by the target: REFUSED_STREAM"],
            [Outcome::Unknown, Outcome::Fail],
        ),
        (
            [reset(1, 2), reset(3, 0xd)].concat(),
            ["stream reset: INTERNAL_ERROR", "stream reset: HTTP_1_1_REQUIRED"],
            [Outcome::Unknown; 2],
        ),
    ] {
        let failures = two_end_with(&bytes);
        assert_eq!(failures.each_ref().map(Failure::to_string), names);
        assert_eq!(failures.each_ref().map(Failure::outcome), outcomes, "{names:?}");
    }
    assert!(Failure::Reset(ErrorCode(0xd)).detail().unwrap().contains("without --http2"));
    assert_eq!(ErrorCode(0xff).to_string(), "error 0xff");
}

/// What was begun before a goodbye is answered; what comes behind it goes over another connection.
#[test]
fn a_goodbye_ends_the_connection_behind_what_it_has_taken() {
    block_on(async {
        let (client, mut server) = connected(2, &[]).await;
        let serve = async {
            server.request().await;
            server.send(&goodbye(1, 0)).await;
            server.answer(1, "200", "").await;
            server
        };
        let mut slots = [client.slot().unwrap(), client.slot().unwrap()];
        let (result, mut server) = tokio::join!(get_over(&mut slots[0]), serve);
        assert!(!result.0.unwrap().keep_alive);
        assert!(!client.is_open() && client.slot().is_none());
        let (result, _, progress) = get_over(&mut slots[1]).await;
        assert!(matches!(result, Err(Failure::NotSent(_))) && progress == Progress::Nothing);
        assert!(server.hears_nothing().await);
    });
}

#[test]
fn a_connection_that_was_closed_before_a_request_takes_none_of_it() {
    block_on(async {
        let (client, server) = connected(1, &[]).await;
        let mut slot = client.slot().unwrap();
        drop(server);
        let (result, _, progress) = get_over(&mut slot).await;
        let Err(Failure::NotSent(error)) = result else { panic!("{result:?}") };
        assert_eq!((error.kind(), progress), (ErrorKind::BrokenPipe, Progress::Nothing));
        assert!(!client.is_open());
    });
}

#[test]
fn a_connection_that_is_not_kept_carries_one_request() {
    block_on(async {
        let (stream, other) = tokio::io::duplex(1 << 16);
        let opened = crate::wire::Opened::default();
        let client = super::super::connection::Connection::new(stream, 1, false, opened);
        let mut server = Server::of(other);
        let (greeted, ()) = tokio::join!(client.greet(), server.hello(&[]));
        greeted.unwrap();
        let serve = async {
            server.request().await;
            server.answer(1, "200", "").await;
            server.rest().await
        };
        let ask = async {
            assert!(!ask(&client).await.unwrap().keep_alive);
            drop(client);
        };
        let ((), rest) = tokio::join!(ask, serve);
        // The acknowledgement of the settings may come first.
        assert!(rest.ends_with(&frame(GOAWAY, 0, 0, &[0; 8])), "{rest:?}");
    });
}

/// Nobody waits any more: the server is told, and its late answer is nobody's.
#[test]
fn a_request_that_is_given_up_is_cancelled_and_the_others_go_on() {
    block_on(async {
        let (client, mut server) = connected(2, &[]).await;
        let mut slot = client.slot().unwrap();
        let (message, mut heard) = (get(), Heard::default());
        let progress = std::cell::Cell::new(Progress::Nothing);
        {
            let mut given_up = Box::pin(slot.exchange(&message, &progress, &mut heard));
            let begun = tokio::select! {
                biased;
                _ = &mut given_up => panic!("nobody answers"),
                stream = server.request() => stream,
            };
            assert_eq!(begun, 1);
        }
        assert_eq!(progress.get(), Progress::Whole);
        let sent = server.frame().await;
        assert_eq!((sent.kind, sent.stream, &sent.payload[..]), (RST_STREAM, 1, &[0, 0, 0, 8][..]));
        let serve = async {
            assert_eq!(server.request().await, 3);
            server.answer(1, "200", "late").await;
            server.answer(3, "200", "mine").await;
        };
        let ((result, heard, _), ()) = tokio::join!(get_over(&mut slot), serve);
        assert!(result.unwrap().keep_alive);
        assert_eq!(heard.content, b"mine");
    });
}

/// What the connection has taken none of is taken back, and is as if it had not been.
#[test]
fn a_request_that_is_given_up_before_a_byte_has_left_never_leaves() {
    block_on(async {
        // There is room for the client's beginning, and for part of the first request.
        let (client, mut server) = unconnected(3, 100);
        let (greeted, ()) = tokio::join!(client.greet(), server.hello(&[]));
        greeted.unwrap();
        let mut slots = [(); 3].map(|()| client.slot().unwrap());
        let [first, second, third] = &mut slots;
        let messages = [post(&[1; 200]), post(&[2; 10]), post(&[3; 10])];
        let progress = std::cell::Cell::new(Progress::Nothing);
        let mut heard = Heard::default();
        let mut first = Box::pin(exchange(first, &messages[0]));
        let mut second = Box::pin(second.exchange(&messages[1], &progress, &mut heard));
        let mut third = Box::pin(exchange(third, &messages[2]));
        tokio::select! {
            biased;
            _ = &mut first => panic!("nobody answers"),
            _ = &mut second => panic!("nobody answers"),
            _ = &mut third => panic!("nobody answers"),
            () = tokio::task::yield_now() => {}
        }
        drop(second);
        assert_eq!(progress.get(), Progress::Nothing);
        let serve = async {
            let mut contents = Vec::new();
            while contents.len() < 2 {
                let sent = server.frame().await;
                if sent.kind == DATA {
                    contents.push((sent.stream, sent.payload[0]));
                }
            }
            assert_eq!(contents, [(1, 1), (5, 3)]);
            for (stream, _) in contents {
                server.answer(stream, "200", "").await;
            }
        };
        let (first, third, ()) = tokio::join!(first, third, serve);
        for (result, _, progress) in [first, third] {
            assert_eq!((result.unwrap().status, progress), (200, Progress::Whole));
        }
    });
}
