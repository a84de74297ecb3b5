//! A name that has several addresses, of which the first refuse.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use super::*;
use crate::record::Visits;
use crate::timers::Timers;
use crate::wire::http1::Http1;
use crate::wire::reqwest::Reqwest;
use crate::wire::{Address, Dialer, Driver};

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

/// Sends what `plan` says to `endpoint`, over `driver`.
async fn load_by<D: Driver>(plan: &Plan, driver: D, endpoint: Endpoint) -> Loaded {
    let Subject::Running(url) = &plan.subject else { panic!("it has a URL") };
    let job = Arc::new(Job::new(plan, url, driver, endpoint));
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
        let own = Http1::new(keep_alive, Dialer::new(Timers::current(), None));
        let by_own = load_by(&plan, own, Endpoint::new(addresses.clone())).await;
        assert_eq!((by_own.record.outcomes().ok, by_own.stop), (60, None));
        // Each request went over a connection to the one that answers.
        let Visits { connections, requests, failed } =
            by_own.record.reached.addresses[&addresses[2].into()];
        assert_eq!((requests, failed), (60, 0));
        assert!(connections == 60 || keep_alive && connections <= 6, "{connections}");
        assert_eq!(by_own.record.reached.addresses.len(), 1, "{:?}", by_own.record.reached);
        let by_reqwest = Reqwest::new(keep_alive, url, &plan.load.connecting);
        let by_reqwest = load_by(&plan, by_reqwest, Endpoint::new(addresses)).await;
        assert_eq!((by_reqwest.record.outcomes().ok, by_reqwest.stop), (60, None));
    }
}

#[tokio::test]
async fn connections_take_turns_at_all_addresses_where_they_are_to() {
    let plan = plan(&["-n", "60", "-c", "6", "--threads", "1", "--no-keep-alive"]);
    let addresses = vec![answering(), answering(), answering()];
    let driver = Http1::new(false, Dialer::new(Timers::current(), None));
    let endpoint = Endpoint::new(addresses.clone()).taking_turns(true);
    let loaded = load_by(&plan, driver, endpoint).await;
    for address in addresses {
        let visits = loaded.record.reached.addresses[&address.into()];
        assert_eq!(visits, Visits { connections: 20, requests: 20, failed: 0 });
    }
}

/// The name has the address of one service at first, and of another as soon as it is looked up.
#[tokio::test]
async fn new_connections_follow_a_name_to_its_new_address_and_kept_ones_stay() {
    for (keep_alive, follows) in [(true, false), (false, true)] {
        let kept = if keep_alive { &[][..] } else { &["--no-keep-alive"] };
        let load = ["--duration", "1500ms", "-c", "2", "--threads", "2"];
        let plan = plan(&[&load[..], kept].concat());
        let (old, new) = (answering(), answering());
        let endpoint = Endpoint::re_resolving(vec![old], Arc::new(move || Ok(vec![new.into()])));
        let driver = Http1::new(keep_alive, Dialer::new(Timers::current(), None));
        let loaded = load_by(&plan, driver, endpoint).await;
        let addresses = &loaded.record.reached.addresses;
        let requests =
            |address| addresses.get(&Address::from(address)).map_or(0, |address| address.requests);
        assert_eq!(requests(old) + requests(new), loaded.record.outcomes().sum());
        if follows {
            assert!(requests(new) > 0, "{addresses:?}");
        } else {
            assert_eq!(requests(new), 0, "{addresses:?}");
        }
    }
}
