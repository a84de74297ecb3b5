//! What this machine lacks is not laid at the target's door.

use std::process::{Command, Stdio};

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::inside::inside;
use crate::program::{PROMPTLY, Process, command, loadgen, wait_until};
use crate::report::{Report, report};

const NO_PORT: &str = "no free local port: keep connections, or widen net.ipv4.ip_local_port_range";
const NO_FILE: &str = "no free file descriptor: raise the limit (ulimit -n) or lower -c";

#[track_caller]
fn is_short(report: &Report, shortage: &str) {
    assert_eq!(report.at("/partial"), shortage);
    assert!(report.requests().ok > 0, "{:#}", report.json);
    assert_eq!(report.requests().fail, report.error(shortage), "{:#}", report.json);
    assert!(report.error(shortage) > 0, "{:#}", report.json);
    assert!(report.ended.took < PROMPTLY, "{:?}", report.ended.took);
}

#[test]
fn files_that_run_out_are_ours() {
    for client in ["http1", "reqwest"] {
        let server = ByteServer::answering(answer(200, "1"));
        let url = server.url("/");
        let load = ["--no-keep-alive", "--duration", "60s", "-c", "2", "--client", client, &url];
        let process = Process::spawn(command(&[&["-q", "--output", "-"], &load[..]].concat()));
        wait_until("some answers", || server.request_count() > 50);
        // None beside standard input, output and error from now on.
        let pid = process.pid().to_string();
        let lowered = Command::new("prlimit")
            .args(["--pid", &pid, "--nofile=3:3"])
            .stdout(Stdio::null())
            .status();
        if !lowered.is_ok_and(|status| status.success()) {
            eprintln!("skipped, since this machine has no prlimit");
            return;
        }
        is_short(&Report::of(process.end().exited(3)), NO_FILE);
    }
}

/// A network with ten local ports, which stay in use for a minute.
const TEN_PORTS: &str = "ip link set lo up \
    && echo 40000 40009 > /proc/sys/net/ipv4/ip_local_port_range \
    && echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse";

#[test]
fn local_ports_that_run_out_are_ours() {
    inside("-n", TEN_PORTS, "shortages::with_ten_ports");
}

#[test]
#[ignore = "another test starts it in a network of its own"]
fn with_ten_ports() {
    for (client, address) in [("http1", "127.0.0.1:7000"), ("reqwest", "127.0.0.1:7001")] {
        let server = ByteServer::start_at(address, |_, _| Reaction::Answer(answer(200, "1")));
        let url = server.url("/");
        // The client closes first, and whoever does keeps the port for a while.
        let load = ["--no-keep-alive", "-n", "1000", "-c", "2", "--client", client, &url];
        is_short(&report(3, &load), NO_PORT);
        let short = |options: &[&str], why: &str| {
            let ended = loadgen(&[options, &load].concat()).exited(3);
            let expected = format!("loadgen: {why}: {NO_PORT}");
            assert!(ended.stderr.contains(&expected), "{expected}: {}", ended.stderr);
        };
        short(&[], "cannot begin");
        let read = format!("cannot read the state at {url}n: it could not be asked for");
        short(&["--read", "/n"], &read);
    }
}
