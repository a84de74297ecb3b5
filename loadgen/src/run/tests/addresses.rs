//! A name that has several addresses, of which the first refuse.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use super::*;
use crate::timers::Timers;
use crate::wire::Driver;
use crate::wire::http1::Http1;
use crate::wire::reqwest::Reqwest;

/// Answers whatever comes, over each connection, until its other end is closed.
fn answering() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || answer_all(stream.unwrap()));
        }
    });
    address
}

fn answer_all(mut stream: TcpStream) {
    let (mut buffer, mut request) = ([0; 1024], Vec::new());
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        request.extend_from_slice(&buffer[..count]);
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]").unwrap();
        }
    }
}

/// A port at which nobody listens for as long as this is there.
fn refusing() -> (SocketAddr, tokio::net::TcpSocket) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (socket.local_addr().unwrap(), socket)
}

/// Sends 60 requests on three threads, over `driver`.
async fn load_by<D: Driver>(plan: &Plan, driver: D, addresses: Vec<SocketAddr>) -> Loaded {
    let Subject::Running(url) = &plan.subject else { panic!("it has a URL") };
    let job = Arc::new(Job::new(plan, url, driver, Endpoint::new(addresses)));
    let workers = Workers::start(plan, &job, None);
    let company =
        Company { interrupt: &Signal::new(), server: None, observe: &mut |_| {}, proved: None };
    load(plan, &job, workers, None, company).await.unwrap()
}

#[tokio::test]
async fn an_address_that_refuses_hides_none_of_the_others_on_any_thread() {
    for keep_alive in [true, false] {
        let kept = if keep_alive { &[][..] } else { &["--no-keep-alive"] };
        let plan = plan(&[&["-n", "60", "-c", "6", "--threads", "3"], kept].concat());
        let Subject::Running(url) = &plan.subject else { panic!("it has a URL") };
        let ((one, _one), (two, _two)) = (refusing(), refusing());
        let addresses = vec![one, two, answering()];
        let own = Http1::new(keep_alive, Timers::current());
        let by_own = load_by(&plan, own, addresses.clone()).await;
        assert_eq!((by_own.record.outcomes().ok, by_own.stop), (60, None));
        let by_reqwest = load_by(&plan, Reqwest::new(keep_alive, url), addresses).await;
        assert_eq!((by_reqwest.record.outcomes().ok, by_reqwest.stop), (60, None));
    }
}
