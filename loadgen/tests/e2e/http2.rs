//! HTTP/2, with servers that others wrote, and our own.

use crate::embedded::as_expected;
use crate::program::{loadgen, until_seen};
use crate::report::{Report, report};
use crate::services::{Services, counted_while_nginx_changes_its_workers};

/// Of a run over so many connections, with this many requests at a time over each.
fn is_answered(url: &str, more: &[&str], streams: usize) -> Report {
    let streams = streams.to_string();
    let load = ["--http2", "-n", "3000", "-c", "60", "--threads", "1", "--streams", &streams, url];
    let report = report(0, &[&load[..], more].concat());
    assert_eq!((report.requests().ok, report.status(200)), (3000, 3000), "{url}");
    assert_eq!(report.at("/plan/client"), "http2");
    report
}

fn connections(report: &Report) -> u64 {
    report.count("/addresses/0/connections")
}

#[test]
fn servers_that_others_wrote_answer_every_request() {
    let Some(services) = Services::start(&["nginx-h2c", "nginx-tls", "nghttpd"]) else { return };
    let certificate = services.file("nginx-tls", "certificate.pem");
    for name in ["nginx-h2c", "nginx-tls", "nghttpd"] {
        let url = services.url(name, "/ok");
        let trusting = ["--cacert", &certificate];
        let more = if name == "nginx-tls" { &trusting[..] } else { &[] };
        for streams in [1, 20] {
            let report = is_answered(&url, more, streams);
            assert_eq!(connections(&report), 60 / streams as u64, "{name}");
            if name == "nginx-tls" {
                assert_eq!(report.at("/tls/agreed/0/alpn"), "h2");
            }
        }
        let report = is_answered(&url, &[more, &["--no-keep-alive"]].concat(), 1);
        assert_eq!(connections(&report), 3000, "{name}");
    }
}

#[test]
fn our_own_server_is_judged_over_it_as_without() {
    let ended = as_expected(&["-q", "--http2", "--streams", "20", "-n", "20000", "-c", "200"]);
    assert!(ended.stdout.contains("updates lost"), "{}", ended.stdout);
    as_expected(&["-q", "--http2", "--workload", "booking", "--mode", "mutex", "--streams", "5"]);
}

/// A proxy that speaks HTTP/2 to us and HTTP/1.1 to the counter changes no verdict.
#[test]
fn a_counter_behind_a_proxy_is_right_where_it_is() {
    let Some(services) = Services::start(&["haproxy", "python"]) else { return };
    let certificate = services.file("haproxy", "certificate.pem");
    let port = services.port("python");
    let count = |kind: &str| {
        let counter = services.url("haproxy", &format!("/port/{port}/memory/{kind}"));
        let load =
            ["--http2", "--streams", "10", "-n", "1000", "-c", "40", "--cacert", &certificate];
        let model = ["--model", "fetch-and-add", "--result", "only"];
        let (read, update) = (format!("{counter}/get"), format!("{counter}/inc"));
        loadgen(
            &[&["-q", "--output", "-"], &load[..], &model, &["--read", &read, &update]].concat(),
        )
    };
    let report = Report::of(count("atomic").exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert_eq!(report.at("/tls/agreed/0/alpn"), "h2");
    until_seen(10, || count("racy"), |ended| ended.code() != 0, "it loses updates").exited(1);
}

/// Its old workers say goodbye in the middle of what is in flight. What they have not taken has failed, and
/// nothing is sent twice.
#[test]
fn no_update_is_sent_twice_or_lost_where_connections_are_ended_by_a_goodbye() {
    let more = ["--http2", "--streams", "5"];
    let Some(report) = counted_while_nginx_changes_its_workers(&more) else { return };
    assert!(connections(&report) > 4);
}

/// A limit of nginx's, which ends a connection by a goodbye: what crosses it on its way was not looked at.
#[test]
fn a_connection_that_carries_few_requests_is_followed_by_another() {
    let Some(services) = Services::start(&["nginx-few-h2c"]) else { return };
    let url = services.url("nginx-few-h2c", "/ok");
    for streams in ["1", "5"] {
        let load =
            ["--http2", "--streams", streams, "-n", "2000", "-c", "10", "--threads", "1", &url];
        let report = report(0, &load);
        let refused = report.error("refused by the target: GOAWAY");
        assert_eq!(report.requests().ok + refused, 2000, "{streams} streams");
        assert!(connections(&report) >= 80, "{} connections", connections(&report));
        // One at a time, none is on its way.
        assert!(streams != "1" || refused == 0, "{refused}");
    }
}

#[test]
fn whoever_does_not_speak_it_is_named_before_the_load() {
    let Some(services) = Services::start(&["python", "nginx"]) else { return };
    for name in ["python", "nginx"] {
        let url = services.url(name, "/ok");
        let ended = loadgen(&["--http2", "-n", "10", &url]).exited(3);
        assert!(ended.stderr.contains("HTTP/2: "), "{}", ended.stderr);
        assert!(ended.stderr.contains("without --http2, requests go over HTTP/1.1"));
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
}
