//! Targets that no connection can be made to.

use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::time::Duration;

use nix::sys::socket::{Backlog, listen};
use tokio::net::TcpSocket;

use crate::program::{PROMPTLY, loadgen};

#[test]
fn a_port_where_nobody_listens_is_3_at_once_and_no_rate() {
    // Bound, so that nobody else gets it while the test runs, but not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let read = format!("http://{address}/get");
    for arguments in [
        ["-n", "500", "-c", "20", &address].as_slice(),
        &["-n", "500", "-c", "20", "-r", &address],
        &["--duration", "60", "-c", "20", &address],
        &["-n", "500", "-c", "20", "--read", &read, &address],
        &["-n", "500", "-c", "20", "--output", "-", &address],
    ] {
        let ended = loadgen(arguments).exited(3);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        assert!(ended.stderr.contains(&address), "{}", ended.stderr);
        assert!(ended.stderr.to_lowercase().contains("connection refused"), "{}", ended.stderr);
        // Promptly: not after five hundred refusals, nor after the time limit.
        assert!(ended.took < PROMPTLY, "{:?}", ended.took);
    }
}

#[test]
fn a_host_that_does_not_exist_is_3() {
    // RFC 6761: never resolves, and a resolver need not be asked.
    let ended = loadgen(&["http://nowhere.invalid:8000/"]).exited(3);
    assert!(ended.stderr.contains("cannot resolve nowhere.invalid:8000"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

/// Takes no connection and refuses none.
pub(crate) struct Silent {
    pub(crate) address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Silent {
    pub(crate) fn at(address: impl ToSocketAddrs) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        listen(&listener, Backlog::new(0).unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        // The queue of a listener that accepts nothing is full after one or two.
        let filling = || TcpStream::connect_timeout(&address, Duration::from_millis(200));
        let queued: Vec<_> = std::iter::from_fn(|| filling().ok()).take(16).collect();
        assert!(queued.len() < 16, "the queue took all of them");
        Self { address, _listener: listener, _queued: queued }
    }
}

#[test]
fn a_host_that_takes_no_connection_is_3_when_time_is_up() {
    let silent = Silent::at("127.0.0.1:0");
    let address = silent.address;
    let ended = loadgen(&["-n", "10", "-c", "2", "-s", "0.2", &address.to_string()]).exited(3);
    assert!(ended.stderr.contains(&format!("cannot reach {address}")), "{}", ended.stderr);
    assert!(ended.stderr.contains("timeout"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_connection_may_have_less_time_than_its_request() {
    let silent = Silent::at("127.0.0.1:0");
    let address = silent.address.to_string();
    for client in ["http1", "reqwest"] {
        let limits = ["-s", "60", "--connect-timeout", "200ms", "--client", client];
        let ended = loadgen(&[&limits, &["-n", "10", "-c", "2", &address][..]].concat()).exited(3);
        let expected = format!("cannot reach {address}: connect: timeout (--connect-timeout)");
        assert!(ended.stderr.contains(&expected), "{client}: {}", ended.stderr);
        assert!(ended.took < PROMPTLY, "{client}: {:?}", ended.took);
    }
}
