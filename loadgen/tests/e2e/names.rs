//! A name with several addresses.

use std::io::Write as _;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::inside::inside;
use crate::mortal::free_port;
use crate::program::PROMPTLY;
use crate::report::report;
use crate::unreachable::Silent;

#[test]
fn an_address_that_does_not_answer_does_not_hide_the_others() {
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "127.0.0.1 two.test\n127.0.0.2 two.test").unwrap();
    let setup = format!("mount --bind {} /etc/hosts", hosts.path().display());
    inside("-m", &setup, "names::where_one_does_not_answer");
}

#[test]
#[ignore = "another test starts it where it has names of its own"]
fn where_one_does_not_answer() {
    let known = ("two.test", 80).to_socket_addrs().map(Vec::from_iter);
    if known.is_err() {
        eprintln!("skipped, since this machine does not take its names from /etc/hosts");
        return;
    }
    assert_eq!(known.unwrap().len(), 2);
    // The resolver says which of them comes first.
    for (silent, answering) in [(1, 2), (2, 1)] {
        for is_read in [false, true] {
            let port = free_port();
            let address = |last| SocketAddr::from(([127, 0, 0, last], port));
            let _silent = Silent::at(address(silent));
            is_reached(address(answering), is_read);
        }
    }
}

/// Loads the name at a port where only `address` answers.
#[track_caller]
fn is_reached(address: SocketAddr, is_read: bool) {
    let count = AtomicU64::new(0);
    let server = ByteServer::start_at(address, move |_, request| {
        let update = u64::from(request.starts_with(b"GET /inc"));
        let count = count.fetch_add(update, Ordering::SeqCst);
        Reaction::Answer(answer(200, &count.to_string()))
    });
    // Each request has its connection made, and so has each read of the state.
    let url = format!("two.test:{}/inc", address.port());
    let load = ["-n", "20", "-c", "4", "--no-keep-alive", "-s", "3", &url];
    let (read, reads) = if is_read { (&["--read", "/get"][..], 3) } else { (&[][..], 0) };
    let report = report(0, &[read, &load].concat());
    assert_eq!(report.requests().ok, 20, "{address} answers: {:#}", report.json);
    assert_eq!(server.accepted(), 20 + reads);
    assert!(report.ended.took < PROMPTLY, "{:?}", report.ended.took);
}
