//! Clients that share a connection: each is told what is its own, and none is left behind.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::task::{spawn_local, yield_now};

use super::super::connection::Connection;
use super::super::frame::MAX_CONCURRENT_STREAMS;
use super::peer::*;
use crate::wire::Opened;

#[test]
fn answers_in_any_order_reach_whose_they_are() {
    block_on(async {
        let (client, mut server) = connected(10, &[]).await;
        let client = Rc::new(client);
        let left = Rc::new(Cell::new(500));
        let asking: Vec<_> = (0..10)
            .map(|_| {
                let (client, left) = (Rc::clone(&client), Rc::clone(&left));
                spawn_local(async move {
                    let mut slot = client.slot().unwrap();
                    let mut heard = Vec::new();
                    while left.get() > 0 {
                        left.set(left.get() - 1);
                        heard.push(get_over(&mut slot).await.1.content);
                    }
                    heard
                })
            })
            .collect();
        let mut seed = 7;
        let mut open = Vec::new();
        let mut answered = 0;
        while answered < 500 {
            while open.len() < 10.min(500 - answered) {
                open.push(server.request().await);
            }
            let count = 1 + random(&mut seed) % open.len();
            let mut bytes = Vec::new();
            for _ in 0..count {
                let stream = open.swap_remove(random(&mut seed) % open.len());
                bytes.extend(answer(stream, "200", &stream.to_string()));
                answered += 1;
            }
            // In pieces that keep to no frame.
            for piece in bytes.chunks(1 + random(&mut seed) % 60) {
                server.send(piece).await;
                yield_now().await;
            }
        }
        let mut streams = Vec::new();
        for one in asking {
            let heard = one.await.unwrap();
            let own: Vec<u32> =
                heard.iter().map(|text| String::from_utf8_lossy(text).parse().unwrap()).collect();
            assert!(own.is_sorted(), "each asks one after the other: {own:?}");
            streams.extend(own);
        }
        streams.sort_unstable();
        assert!(streams.into_iter().eq((0..500).map(|n| 2 * n + 1)));
    });
}

fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 40).unwrap()
}

/// A connection that counts its writes.
struct Counting {
    stream: DuplexStream,
    writes: Rc<Cell<usize>>,
}

impl AsyncRead for Counting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Counting {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes.set(self.writes.get() + 1);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// It is what makes many requests over one connection cheap.
#[test]
fn requests_that_answers_in_one_piece_give_rise_to_leave_in_one_piece() {
    const CLIENTS: usize = 10;
    block_on(async {
        let (stream, other) = duplex(1 << 16);
        let writes = Rc::new(Cell::new(0));
        let stream = Counting { stream, writes: Rc::clone(&writes) };
        let client = Rc::new(Connection::new(stream, CLIENTS, true, Opened::default()));
        let mut server = Server::of(other);
        let (greeted, ()) = tokio::join!(client.greet(), server.hello(&[]));
        greeted.unwrap();
        for _ in 0..CLIENTS {
            let client = Rc::clone(&client);
            spawn_local(async move {
                let mut slot = client.slot().unwrap();
                let (message, progress) = (get(), Cell::default());
                while slot.exchange(&message, &progress, &mut Heard::default()).await.is_ok() {}
            });
        }
        for round in 0..20 {
            let mut bytes = Vec::new();
            for _ in 0..CLIENTS {
                bytes.extend(answer(server.request().await, "200", ""));
            }
            // All begin one by one; from then on it is a write for each round.
            let count = writes.replace(0);
            assert!(round == 0 || count == 1, "{count} writes in round {round}");
            server.send(&bytes).await;
        }
    });
}

/// Whoever attends to the connection for all may leave at any time.
#[test]
fn a_client_that_leaves_takes_nobodys_answer_with_it() {
    for leaving in 0..3 {
        block_on(async {
            let (client, mut server) = connected(3, &[]).await;
            let client = Rc::new(client);
            let asking: Vec<_> = (0..3)
                .map(|_| {
                    let client = Rc::clone(&client);
                    spawn_local(async move { ask(&client).await.map(|answer| answer.status) })
                })
                .collect();
            for _ in 0..3 {
                server.request().await;
            }
            let head = frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "200")]));
            // It wakes whoever waits first, who leaves before its turn.
            server.send(&head).await;
            asking[leaving].abort();
            for stream in [1, 3, 5] {
                server
                    .send_frame(HEADERS, END_HEADERS, stream, &block(&[(":status", "200")]))
                    .await;
                server.send_frame(DATA, END_STREAM, stream, b"").await;
            }
            for (place, one) in asking.into_iter().enumerate() {
                let result = one.await;
                if place == leaving {
                    assert!(result.unwrap_err().is_cancelled());
                } else if place == 0 {
                    // It has two heads.
                    assert!(breach(&result.unwrap().map(|_| unreachable!())).is_some());
                } else {
                    assert_eq!(result.unwrap().unwrap(), 200);
                }
            }
        });
    }
}

#[test]
fn streams_beyond_what_is_allowed_by_now_wait_for_those_that_are_open() {
    block_on(async {
        let (client, mut server) = connected(2, &[]).await;
        let mut slots = [client.slot().unwrap(), client.slot().unwrap()];
        let [first, second] = &mut slots;
        server.send_frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1]).await;
        assert_eq!(MAX_CONCURRENT_STREAMS, 3);
        let serve = async {
            assert_eq!(server.request().await, 1);
            assert!(server.hears_nothing().await);
            server.answer(1, "200", "").await;
            assert_eq!(server.request().await, 3);
            server.answer(3, "201", "").await;
        };
        let message = get();
        let (one, other, ()) =
            tokio::join!(exchange(first, &message), exchange(second, &message), serve);
        assert_eq!((one.0.unwrap().status, other.0.unwrap().status), (200, 201));
    });
}
