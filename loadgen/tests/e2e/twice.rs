//! Answers that come twice on a kept connection, so that every later one is another's.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{sleep, spawn};
use std::time::Duration;

use serde_json::json;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{Ended, loadgen, until_seen};
use crate::report::{Report, report};

/// A server that has one count, and serves each connection on a thread of its own.
fn listening(serve: impl Fn(&TcpStream, &AtomicU64) + Copy + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicU64::new(0));
    spawn(move || {
        for stream in listener.incoming() {
            let count = Arc::clone(&count);
            spawn(move || serve(&stream.unwrap(), &count));
        }
    });
    address
}

/// A correct counter that says how far it is, and says twice when it comes to `twice`: the second time
/// by and by.
fn counter_that_repeats(twice: u64) -> SocketAddr {
    listening(move |stream, count| serve(stream, count, twice))
}

fn serve(mut stream: &TcpStream, count: &AtomicU64, twice: u64) {
    stream.set_nodelay(true).unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut request = lines.next();
    while let Some(Ok(line)) = request {
        // To the empty line.
        lines.by_ref().find(|line| line.as_ref().is_ok_and(String::is_empty));
        sleep(Duration::from_millis(2));
        let adds = u64::from(line.starts_with("POST"));
        let number = count.fetch_add(adds, Ordering::SeqCst) + adds;
        let text = answer(200, &number.to_string());
        stream.write_all(&text).unwrap();
        if adds > 0 && number == twice {
            sleep(Duration::from_millis(5));
            stream.write_all(&text).unwrap();
        }
        request = lines.next();
    }
}

/// Whether it is found as the run ends or before, no answer of that connection proves anything.
#[test]
fn answers_that_are_shifted_accuse_nobody() {
    for clients in ["1", "3"] {
        let url = format!("http://{}/inc", counter_that_repeats(4));
        let load = ["-n", "40", "-c", clients, "--read", "/get", "--model", "fetch-and-add"];
        let ended = loadgen(&[&load[..], &["-m", "POST", "--output", "-", &url]].concat());
        let json: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(json["requests"]["unasked"], 1, "{json:#}");
        assert!(json["requests"]["doubtful"].as_u64().unwrap() > 0, "{json:#}");
        assert_eq!(json["correctness"]["anomalies"], json!([]), "{json:#}");
        assert_ne!(json["correctness"]["verdict"], "invalid");
    }
}

/// They look like a duplicate at first, and a run that ends for one says that it was none.
#[test]
fn a_run_that_ended_for_a_shifted_answer_says_that_it_proves_nothing() {
    let load = ["-n", "400", "-c", "1", "--read", "/get", "--model", "fetch-and-add", "--first"];
    let run = || {
        let url = format!("http://{}/inc", counter_that_repeats(4));
        loadgen(&[&["-q", "--output", "-"], &load[..], &["-m", "POST", &url]].concat())
    };
    // On a busy machine the second answer may come together with the next, and is known for what it is
    // at once.
    let is_ended = |ended: &Ended| ended.code() == 3;
    let report = Report::of(until_seen(10, run, is_ended, "a run that ended too early").exited(3));
    assert_ne!(report.at("/correctness/verdict"), "invalid");
    let partial = report.at("/partial").as_str().unwrap();
    assert!(partial.contains("but the whole run does not confirm it"), "{partial}");
    assert!(report.at("/ended_at").is_null());
}

#[test]
fn it_is_said_where_answers_came_that_nobody_asked_for() {
    let server = ByteServer::start(|number, _| {
        let text = answer(200, &number.to_string());
        Reaction::Answer(if number == 3 { text.repeat(2) } else { text })
    });
    let url = server.url("/");
    let text = loadgen(&["-n", "10", "-q", &url]).exited(0).stdout;
    let line = "Unasked answers:        on 1 connection; 1 answer in doubt";
    assert!(text.contains(line), "{text}");
    let none = report(0, &["-n", "10", &ByteServer::answering(answer(200, "ok")).url("/")]);
    assert_eq!((none.count("/requests/unasked"), none.count("/requests/doubtful")), (0, 0));
}

/// A correct counter that leads to a page with its number. Behind the first redirect it says by and by
/// what nobody has asked for.
fn redirects_with_something_behind() -> SocketAddr {
    listening(serve_pages)
}

fn serve_pages(mut stream: &TcpStream, count: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let mut lines = BufReader::new(stream).lines();
    while let Some(Ok(line)) = lines.next() {
        lines.by_ref().find(|line| line.as_ref().is_ok_and(String::is_empty));
        // What comes in between is read by itself.
        sleep(Duration::from_millis(10));
        let path = line.split(' ').nth(1).unwrap();
        if line.starts_with("GET") {
            let now = count.load(Ordering::SeqCst).to_string();
            let number = path.strip_prefix("/page/").unwrap_or(&now);
            stream.write_all(&answer(200, number)).unwrap();
            continue;
        }
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        let head =
            format!("HTTP/1.1 303 X\r\nLocation: /page/{number}\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        if number == 1 {
            sleep(Duration::from_millis(20));
            stream.write_all(&answer(200, "7")).unwrap();
        }
    }
}

/// Not even the first operation on a connection is sure of its answer, where that is not the first.
#[test]
fn pages_that_are_shifted_accuse_nobody() {
    let url = format!("http://{}/inc", redirects_with_something_behind());
    let load = ["-n", "20", "-c", "1", "--read", "/get", "--model", "fetch-and-add", "--exclusive"];
    let more = ["-m", "POST", "--follow", "1", "-q", "--output", "-", &url];
    let ended = loadgen(&[&load[..], &more].concat());
    let json: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(json["requests"]["unasked"], 1, "{json:#}");
    assert_eq!(json["correctness"]["anomalies"], json!([]), "{json:#}");
    assert_ne!(json["correctness"]["verdict"], "invalid");
}
