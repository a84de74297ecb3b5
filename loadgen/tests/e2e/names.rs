//! A name with several addresses.

use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::atomic::{AtomicU64, Ordering};

use nix::sys::signal::Signal;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::inside::inside;
use crate::mortal::free_port;
use crate::program::{PROMPTLY, Process, command, wait_until};
use crate::report::{Report, report};
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

#[test]
fn a_name_that_is_looked_up_again_is_one_to_send_to() {
    // Whatever else this machine calls by that name.
    let server = ByteServer::answering(answer(200, "ok"));
    let port = server.address.port();
    let url = format!("http://localhost:{port}/");
    let report = report(0, &["--re-resolve", "-n", "40", "-c", "4", &url]);
    assert_eq!(report.requests().ok, 40);
    let addresses = report.at("/addresses").as_array().unwrap();
    let ours = |one: &&serde_json::Value| one["address"] == format!("127.0.0.1:{port}");
    let reached = addresses.iter().find(ours).unwrap();
    assert_eq!(reached["requests"], 40);
    assert_eq!(reached["connections"], server.accepted());
    assert_eq!(*report.at("/lookups/failed"), 0);
}

#[test]
fn a_name_that_moves_is_followed() {
    let hosts = tempfile::NamedTempFile::new().unwrap();
    fs::write(hosts.path(), "127.0.0.1 moves.test\n").unwrap();
    let setup = format!("mount --bind {} /etc/hosts", hosts.path().display());
    inside("-m", &setup, "names::where_a_name_moves");
}

#[test]
#[ignore = "another test starts it where it has names of its own"]
fn where_a_name_moves() {
    if ("moves.test", 80).to_socket_addrs().is_err() {
        eprintln!("skipped, since this machine does not take its names from /etc/hosts");
        return;
    }
    let port = free_port();
    let address = |last| SocketAddr::from(([127, 0, 0, last], port));
    let [old, new] = [1, 2].map(|last| {
        ByteServer::start_at(address(last), |_, _| Reaction::Answer(answer(200, "ok")))
    });
    let url = format!("http://moves.test:{port}/");
    let load = ["--re-resolve", "--no-keep-alive", "--duration", "60s", "-c", "2", &url];
    let process = Process::spawn(command(&[&["-q", "--output", "-"], &load[..]].concat()));
    wait_until("requests at the old address", || old.request_count() > 10);
    // A name that is not there for a while changes nothing.
    fs::write("/etc/hosts", "").unwrap();
    let by_now = old.request_count();
    wait_until("requests without a name", || old.request_count() > by_now + 10);
    fs::write("/etc/hosts", "127.0.0.2 moves.test\n").unwrap();
    wait_until("requests at the new address", || new.request_count() > 10);
    process.signal(Signal::SIGINT);
    let report = Report::of(process.end().exited(3));
    let requests = |last: u8| -> u64 {
        let addresses = report.at("/addresses").as_array().unwrap();
        let is_it = |one: &&serde_json::Value| one["address"] == address(last).to_string();
        addresses.iter().find(is_it).unwrap()["requests"].as_u64().unwrap()
    };
    assert_eq!(requests(1) + requests(2), report.requests().sent);
    assert!(requests(1) > 10 && requests(2) > 10, "{:#}", report.json);
    assert!(report.count("/lookups/begun") >= 2, "{:#}", report.json);
}
