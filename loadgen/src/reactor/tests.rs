//! The reactor, over real connections.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

use super::*;
use crate::signal::Signal;

/// A server that does the same to each connection, on a thread of its own.
fn server(serve: impl Fn(std::net::TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream.unwrap()));
        }
    });
    address
}

fn echo(mut stream: std::net::TcpStream) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        stream.write_all(&bytes[..count]).unwrap();
    }
}

#[test]
fn many_connections_go_on_side_by_side() {
    let address = server(echo);
    let done = Rc::new(Cell::new(0));
    run(|| {
        let tasks = Tasks::new();
        for client in 0..50_u8 {
            let done = Rc::clone(&done);
            tasks.spawn(async move {
                let mut stream = Stream::connect(address, None).await.unwrap();
                for round in 0..20_u8 {
                    stream.write_all(&[client, round]).await.unwrap();
                    let mut answer = [0; 2];
                    stream.read_exact(&mut answer).await.unwrap();
                    assert_eq!(answer, [client, round]);
                }
                done.set(done.get() + 1);
            });
        }
        let done = Rc::clone(&done);
        poll_fn(move |context| {
            tasks.poll(context);
            if done.get() == 50 { Poll::Ready(()) } else { Poll::Pending }
        })
    })
    .unwrap();
}

/// In the reactor and in tokio.
#[test]
fn a_connection_is_made_from_the_address_that_is_asked_for() {
    let address = server(|mut stream| {
        let peer = stream.peer_addr().unwrap().ip().to_string();
        stream.write_all(peer.as_bytes()).unwrap();
    });
    let seen = async |from: &str| {
        let from = Some(from.parse().unwrap());
        let mut stream = Stream::connect(address, from).await.unwrap();
        let mut peer = String::new();
        stream.read_to_string(&mut peer).await.unwrap();
        peer
    };
    assert_eq!(run(|| seen("127.0.0.7")).unwrap(), "127.0.0.7");
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(tokio.block_on(seen("127.0.0.8")), "127.0.0.8");
    // Not one of this machine's.
    let from = Some("192.0.2.1".parse().unwrap());
    let error = run(|| Stream::connect(address, from)).unwrap().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrNotAvailable);
}

#[test]
fn a_socket_in_the_file_system_carries_what_a_port_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 2];
            stream.read_exact(&mut bytes).unwrap();
            stream.write_all(&bytes).unwrap();
        }
    });
    let echoed = async || {
        let mut stream = Stream::connect_unix(&path).await.unwrap();
        stream.write_all(b"hi").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(tokio.block_on(echoed()), "hi");
    assert_eq!(run(echoed).unwrap(), "hi");
    let missing = folder.path().join("none");
    let error = run(|| Stream::connect_unix(&missing)).unwrap().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn more_than_fits_is_written_and_read_in_pieces() {
    let address = server(echo);
    let sent: Vec<u8> = (0..8_000_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let received = run(|| async {
        let stream = Stream::connect(address, None).await.unwrap();
        let (mut reading, mut writing) = tokio::io::split(stream);
        let mut received = vec![0; sent.len()];
        let (read, written) =
            tokio::join!(reading.read_exact(&mut received), writing.write_all(&sent));
        read.unwrap();
        written.unwrap();
        received
    });
    assert!(received.unwrap() == sent);
}

#[test]
fn an_end_that_comes_with_the_last_bytes_is_seen() {
    let address = server(|mut stream| stream.write_all(b"bye").unwrap());
    run(|| async {
        for wait in [0, 30] {
            let mut stream = Stream::connect(address, None).await.unwrap();
            // The other end is closed before anything is read.
            thread::sleep(Duration::from_millis(wait));
            let mut all = Vec::new();
            stream.read_to_end(&mut all).await.unwrap();
            assert_eq!(all, b"bye");
        }
    })
    .unwrap();
}

#[test]
fn a_refusal_is_an_error_and_leaves_nothing_behind() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    run(|| async {
        for _ in 0..3 {
            let error = Stream::connect(address, None).await.unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        }
        let reactor = Reactor::current().unwrap();
        assert_eq!((reactor.sources.borrow().len(), reactor.vacant.borrow().len()), (1, 1));
    })
    .unwrap();
    assert!(Reactor::current().is_none());
}

#[test]
fn another_thread_wakes_it() {
    for _ in 0..200 {
        let signal = Signal::new();
        let raises = signal.clone();
        let raising = thread::spawn(move || raises.raise(7));
        assert_eq!(run(|| signal.wait()).unwrap(), 7);
        raising.join().unwrap();
    }
}

/// Late it may be, on a busy machine.
#[test]
fn a_timer_is_never_early_and_can_be_set_again() {
    run(|| async {
        let timer = KernelTimer::new().unwrap();
        for wait_us in [300, 0, 2500, 700] {
            let at = Instant::now() + Duration::from_micros(wait_us);
            timer.until(at).await;
            assert!(Instant::now() >= at);
        }
        // One that was not waited for to its end says nothing about the next.
        let far = Instant::now() + Duration::from_hours(1);
        let begun = Instant::now();
        for nth in 1..=3 {
            tokio::select! {
                biased;
                () = timer.until(far) => panic!("an hour is not over"),
                () = std::future::ready(()) => {}
            }
            timer.until(begun + nth * Duration::from_millis(5)).await;
            assert!(begun.elapsed() >= nth * Duration::from_millis(5));
        }
    })
    .unwrap();
}

#[test]
fn only_those_that_were_woken_are_polled_and_in_their_order() {
    let polled = Rc::new(RefCell::new(Vec::new()));
    let wakers = Rc::new(RefCell::new(Vec::new()));
    let tasks = Rc::new(Tasks::new());
    for number in 0..3 {
        let (polled, wakers, others) =
            (Rc::clone(&polled), Rc::clone(&wakers), Rc::downgrade(&tasks));
        tasks.spawn(poll_fn(move |context| {
            polled.borrow_mut().push(number);
            wakers.borrow_mut().push(context.waker().clone());
            // A task may add another, which is polled in the next turn.
            if number == 1 && polled.borrow().len() > 3 {
                let polled = Rc::clone(&polled);
                others.upgrade().unwrap().spawn(async move { polled.borrow_mut().push(9) });
                return Poll::Ready(());
            }
            Poll::Pending
        }));
    }
    let context = std::task::Context::from_waker(std::task::Waker::noop());
    let turn = || {
        tasks.poll(&context);
        std::mem::take(&mut *polled.borrow_mut())
    };
    let first = turn();
    assert_eq!(first, [0, 1, 2]);
    assert!(turn().is_empty());
    polled.borrow_mut().extend([0; 3]);
    let woken: Vec<_> = wakers.borrow().iter().rev().cloned().collect();
    woken.iter().chain(&woken).for_each(std::task::Waker::wake_by_ref);
    assert_eq!(turn()[3..], [2, 1, 0]);
    assert_eq!(turn(), [9]);
    // One that has ended is polled no more.
    woken.iter().for_each(std::task::Waker::wake_by_ref);
    assert_eq!(turn(), [2, 0]);
}

#[test]
fn tasks_that_are_cleared_are_dropped() {
    let tasks = Tasks::new();
    let held = Rc::new(());
    let inside = Rc::clone(&held);
    tasks.spawn(async move {
        pending::<()>().await;
        drop(inside);
    });
    tasks.poll(&std::task::Context::from_waker(std::task::Waker::noop()));
    tasks.clear();
    assert_eq!(Rc::strong_count(&held), 1);
}
