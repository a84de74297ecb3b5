//! Targets that stop doing anything while their process lives, and those that only seem to.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::sys::socket::{Backlog, listen};
use regex::Regex;
use serde_json::json;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::hanging::Hanging;
use crate::mortal::Mortal;
use crate::program::{PROMPTLY, loadgen};
use crate::report::{Report, Requests, report};
use crate::text::{blanked, replaced, same_as_stored};

/// Counts, and says how far it is, until `increments` were answered; then it does so no more. Its
/// state can be read for as long, or in any case.
fn hanging_after(increments: u64, is_readable: bool) -> ByteServer {
    let count = Mutex::new(0);
    ByteServer::start(move |_, request| {
        let is_read = request.starts_with(b"GET /get");
        let mut count = count.lock().unwrap();
        match *count {
            value if is_read && (is_readable || value < increments) => {
                Reaction::Answer(answer(200, &value.to_string()))
            }
            value if !is_read && value < increments => {
                *count += 1;
                Reaction::Answer(answer(200, &count.to_string()))
            }
            _ => Reaction::Stall,
        }
    })
}

/// The report of up to 1000 increments, four at a time, that are judged.
#[track_caller]
fn judged(server: &ByteServer, options: &[&str]) -> Report {
    let url = server.url("/inc");
    let load = ["-n", "1000", "-c", "4", "--read", "/get", "--stall", "300ms"];
    let report = report(1, &[&load, options, &[&url]].concat());
    // Far less than the time limit of a request.
    assert!(report.ended.took < PROMPTLY, "{:?}", report.ended.took);
    assert_eq!(report.at("/partial"), "the target has stalled");
    assert_eq!(*report.at("/stall/ended_run"), true);
    assert_eq!(*report.at("/stall/recovered"), false);
    assert_eq!(report.count("/stall/count"), 1);
    assert!(report.at("/stall/for_s").as_f64().unwrap() >= 0.3);
    report
}

#[test]
fn a_judged_run_ends_with_the_stall() {
    let report = judged(&hanging_after(40, false), &["--model", "fetch-and-add"]);
    let Requests { ok, unknown, .. } = report.requests();
    assert_eq!((ok, unknown, report.count("/stall/in_flight")), (40, 4, 4));
    assert_eq!(report.at("/correctness/verdict"), "unknown");
    let reason = report.at("/correctness/reason").as_str().unwrap();
    assert!(reason.contains("the target has stalled"), "{reason}");

    // The latest first: the last answer is the stall's beginning.
    let completed = report.at("/stall/last_completed").as_array().unwrap();
    assert_eq!(completed.len(), 5);
    let return_ns = |n: usize| completed[n]["return_ns"].as_u64().unwrap();
    assert!((0..4).all(|n| return_ns(n) >= return_ns(n + 1)), "{completed:?}");
    let at_s = report.at("/stall/at_s").as_f64().unwrap();
    let last = Duration::from_nanos(return_ns(0)).as_secs_f64();
    assert!((last - at_s).abs() < 1e-6, "{last} {at_s}");
    for one in completed {
        assert_eq!((&one["op"], &one["arg"]), (&json!("add"), &json!(1)), "{one}");
        // On a busy machine a client may sleep while the others have dozens of answers.
        assert!((1..=40).contains(&one["result"].as_i64().unwrap()), "{one}");
        assert!(one["call_ns"].as_u64().unwrap() < one["return_ns"].as_u64().unwrap());
    }
    assert!(report.at("/stall/locks").is_null(), "nobody tells");
}

#[test]
fn a_stall_is_1_even_where_every_answer_was_right() {
    for (options, completed) in
        [(&["--model", "fetch-and-add"][..], true), (&["--history-limit", "0"], false)]
    {
        let report = judged(&hanging_after(40, true), options);
        assert_eq!(report.at("/correctness/verdict"), "valid");
        assert_eq!(*report.at("/correctness/after"), 40);
        assert_eq!(report.at("/stall/last_completed").is_array(), completed);
    }
}

#[test]
fn a_target_that_never_answers_has_stalled_and_not_only_failed() {
    let report = judged(&hanging_after(0, true), &["--model", "fetch-and-add"]);
    assert_eq!(report.requests(), Requests { sent: 4, ok: 0, fail: 0, unknown: 4 });
    assert_eq!(*report.at("/stall/last_completed"), json!([]));
}

#[test]
fn requests_that_are_given_up_are_no_sign_of_life() {
    let report = judged(&hanging_after(40, true), &["-s", "0.1", "--threads", "1"]);
    assert!(report.error("timeout") > 4, "{:#}", report.json);
    // One client of a thread at a time has given up a request and is about to send the next.
    assert!((3..=4).contains(&report.count("/stall/in_flight")), "{:#}", report.json);
}

#[test]
fn a_stall_has_a_block_in_the_text() {
    let server = hanging_after(3, true);
    let url = server.url("/inc");
    let load = ["-n", "10", "--read", "/get", "--model", "fetch-and-add", "--stall", "300ms", "-q"];
    let ended = loadgen(&[&load[..], &[&url]].concat()).exited(1);
    let warning = Regex::new(
        r"^loadgen: the target has stalled: no answer for \d+\.\d s, with 1 request in flight\nloadgen: the target has stalled \(exit 1\)\n$",
    );
    assert!(warning.unwrap().is_match(&ended.stderr), "{}", ended.stderr);
    let text = replaced(&blanked(&ended.stdout), &[(r"for \d+\.\d s", "for TIME s")]);
    let (_, ours) = text.split_once("\nStalled:").unwrap();
    same_as_stored("stalled", &format!("Stalled:{ours}"));
}

#[test]
fn a_run_that_is_only_measured_goes_on() {
    let server = hanging_after(40, true);
    let url = server.url("/inc");
    // With one thread the last four are in flight together.
    let load = ["-n", "44", "-c", "4", "--threads", "1", "-s", "1", "--stall", "300ms", &url];
    let report = report(0, &load);
    assert_eq!(report.requests(), Requests { sent: 44, ok: 40, fail: 0, unknown: 4 });
    assert_eq!(report.error("timeout"), 4);
    assert!(report.at("/partial").is_null());
    let stall = report.at("/stall");
    assert_eq!((&stall["count"], &stall["in_flight"]), (&json!(1), &json!(4)));
    assert_eq!((&stall["recovered"], &stall["ended_run"]), (&json!(false), &json!(false)));
    assert!(stall["last_completed"].is_null(), "no history says");
    assert!(stall["for_s"].as_f64().unwrap() >= 0.9, "{stall}");
    assert!(report.ended.stderr.contains("the target has stalled"), "{}", report.ended.stderr);
}

#[test]
fn a_pause_that_was_too_long_is_told_with_its_end() {
    // Nobody else is answered either.
    let (turn, count) = (Mutex::new(()), AtomicU64::new(0));
    let server = ByteServer::start(move |_, _| {
        let _turn = turn.lock().unwrap();
        if count.fetch_add(1, Ordering::Relaxed) == 10 {
            std::thread::sleep(Duration::from_millis(900));
        }
        Reaction::Answer(answer(200, "ok"))
    });
    let report = report(0, &["-n", "20", "--stall", "300ms", &server.url("/")]);
    assert_eq!(report.requests().ok, 20);
    let stall = report.at("/stall");
    assert_eq!((&stall["recovered"], &stall["in_flight"]), (&json!(true), &json!(1)));
    assert_eq!((&stall["asked"], &stall["asked_answered"]), (&json!("request"), &json!(false)));
    assert!(stall["longest_s"].as_f64().unwrap() >= 0.85, "{stall}");
    assert!(
        report.ended.stderr.contains("the target answers again after"),
        "{}",
        report.ended.stderr
    );
}

/// Whoever is answered by a probe is slow, and is waited for.
#[test]
fn a_few_slow_requests_are_no_stall() {
    let count = AtomicU64::new(0);
    let server = ByteServer::start(move |_, request| {
        if request.starts_with(b"GET /get") {
            return Reaction::Answer(answer(200, &count.load(Ordering::SeqCst).to_string()));
        }
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        if number == 2 {
            std::thread::sleep(Duration::from_millis(1200));
        }
        Reaction::Answer(answer(200, &number.to_string()))
    });
    let url = server.url("/inc");
    let load = ["-n", "100", "-c", "2", "--read", "/get", "--stall", "400ms", "-m", "POST", &url];
    let report = report(0, &load);
    assert!(report.at("/stall").is_null(), "{:#}", report.at("/stall"));
    assert_eq!(report.requests().ok, 100);
}

#[test]
fn a_service_whose_every_answer_takes_longer_than_a_stall_has_none() {
    let count = AtomicU64::new(0);
    let server = ByteServer::start(move |_, request| {
        std::thread::sleep(Duration::from_millis(900));
        let is_read = request.starts_with(b"GET /get");
        let number = count.fetch_add(u64::from(!is_read), Ordering::SeqCst) + u64::from(!is_read);
        Reaction::Answer(answer(200, &number.to_string()))
    });
    let url = server.url("/inc");
    // Also in the drain of a run that ends by the clock.
    for end in [["-n", "8"], ["--duration", "500ms"]] {
        let options = ["-c", "4", "--read", "/get", "--stall", "300ms", &url];
        let report = report(0, &[&end[..], &options].concat());
        assert!(report.at("/stall").is_null(), "{:#}", report.at("/stall"));
        assert_eq!(report.requests().ok, report.requests().sent);
    }
}

/// Some requests hang for good, on one connection each; others and the state are answered.
fn hanging_on(hanging: impl Fn(u64) -> bool + Send + Sync + 'static) -> ByteServer {
    let (count, number) = (AtomicU64::new(0), AtomicU64::new(0));
    ByteServer::start(move |_, request| {
        if request.starts_with(b"GET /get") {
            return Reaction::Answer(answer(200, &count.load(Ordering::SeqCst).to_string()));
        }
        if hanging(number.fetch_add(1, Ordering::SeqCst)) {
            return Reaction::Stall;
        }
        std::thread::sleep(Duration::from_millis(10));
        Reaction::Answer(answer(200, &(count.fetch_add(1, Ordering::SeqCst) + 1).to_string()))
    })
}

#[test]
fn single_requests_that_hang_are_named_and_end_the_run_when_they_are_half_of_the_clients() {
    let load = ["-n", "1000", "-c", "6", "--read", "/get", "--stall", "200ms", "-s", "3"];
    let of = |exit, hanging: u64| {
        let server = hanging_on(move |number| number < hanging);
        report(exit, &[&load[..], &["-m", "POST", &server.url("/inc")]].concat())
    };
    // One of six hangs until its own time is up; the others do what there is to do.
    let report = of(0, 1);
    let stall = report.at("/stall");
    assert_eq!((&stall["others_answered"], &stall["in_flight"]), (&json!(true), &json!(1)));
    assert!(stall["for_s"].as_f64().unwrap() >= 1.0, "{stall}");
    assert_eq!((report.requests().ok, report.error("timeout")), (999, 1));
    // Of half of them it is the end.
    let report = of(1, 3);
    let stall = report.at("/stall");
    assert_eq!((&stall["others_answered"], &stall["in_flight"]), (&json!(true), &json!(3)));
    assert_eq!((&stall["ended_run"], report.requests().unknown), (&json!(true), 3));
    let warning = "3 requests have waited for 1.";
    assert!(report.ended.stderr.contains(warning), "{}", report.ended.stderr);
}

/// Nothing can be asked where each request is an update.
#[test]
fn a_probe_adds_nothing_to_what_is_counted() {
    let server = hanging_after(40, true);
    let url = server.url("/inc");
    let load = ["-n", "44", "-c", "4", "-s", "2", "--stall", "200ms", "-m", "POST", &url];
    let report = report(0, &load);
    assert!(report.at("/stall/asked").is_null(), "{:#}", report.at("/stall"));
    assert!(report.at("/stall/for_s").as_f64().unwrap() >= 1.0, "{:#}", report.at("/stall"));
    assert_eq!(server.request_count() as u64, report.requests().sent);
}

/// One at a time, so that each request takes longer than a stall.
#[test]
fn a_target_that_is_slow_has_not_stalled() {
    let turn = Mutex::new(0);
    let server = ByteServer::start(move |_, request| {
        let mut turn = turn.lock().unwrap();
        if !request.starts_with(b"GET /get") {
            std::thread::sleep(Duration::from_millis(300));
            *turn += 1;
        }
        Reaction::Answer(answer(200, &turn.to_string()))
    });
    let url = server.url("/inc");
    let load = ["-n", "10", "-c", "5", "--read", "/get", "--stall", "1s", &url];
    let report = report(0, &load);
    assert!(report.at("/stall").is_null(), "{:#}", report.at("/stall"));
    assert!(report.count("/latency_us/max") > 1_000_000);
}

#[test]
fn a_target_that_dies_has_not_stalled() {
    let server = Mortal::dying_at(20, Signal::SIGKILL);
    let load = ["-n", "1000", "-c", "4", "-r", "--stall", "300ms", "--read", "/get?name=i"];
    let exec = ["--exec", server.command.as_str(), &server.url];
    let died = report(3, &[&load[..], &exec].concat());
    assert!(died.at("/stall").is_null(), "{:#}", died.json);

    // It refuses every connection.
    let server = ByteServer::start(|number, _| match number {
        ..=20 => Reaction::Answer(answer(200, "1")),
        _ => Reaction::Die,
    });
    let url = server.url("/");
    let load = ["-n", "100000", "-c", "4", "-r", "--stall", "300ms", "--read", "/n", &url];
    let died = report(3, &load);
    assert!(died.at("/stall").is_null(), "{:#}", died.json);
}

#[test]
fn a_target_that_was_never_reached_has_not_stalled() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listen(&listener, Backlog::new(0).unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    // The queue of a listener that accepts nothing is full after one or two.
    let filling = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200));
    let queued: Vec<_> = std::iter::from_fn(|| filling().ok()).take(16).collect();
    assert!(queued.len() < 16, "the queue took all of them");
    let load = ["-q", "-n", "10", "-c", "2", "-s", "1", "--stall", "100ms", &address.to_string()];
    let ended = loadgen(&load).exited(3);
    assert!(!ended.stderr.contains("stalled"), "{}", ended.stderr);
}

/// The report of a run against a server that hangs after 20 increments.
#[track_caller]
fn hung(server: &Hanging, options: &[&str]) -> Report {
    let exec = ["--exec", server.command.as_str(), &server.url];
    let load = ["-n", "1000", "-c", "4", "--read", "/get", "--stall", "300ms"];
    let report = report(1, &[&load[..], options, &exec].concat());
    assert_eq!(report.count("/stall/in_flight"), 4);
    // It lived to the end.
    assert_eq!(report.at("/server/ended/how"), "running");
    assert!(report.ended.took < PROMPTLY, "{:?}", report.ended.took);
    report
}

const HELD: &str = r#"{"lock":"jobs","held_by":{"thread":7,"operation":"add","for_ms":2100}}"#;
const WAITS: &str = r#"{"lock":"jobs","waiting":{"thread":9,"operation":"list","for_ms":2000}}"#;

/// What a server under test may say of its locks.
fn locks() -> String {
    format!("{HELD}\n{WAITS}\n{{\"locks_told\":2}}")
}

fn told(lines: &[&str]) -> serde_json::Value {
    lines.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect()
}

#[test]
fn a_server_that_tells_is_asked_who_holds_which_lock() {
    let report = hung(&Hanging::that_tells(&locks()), &[]);
    assert_eq!(*report.at("/stall/locks"), told(&[HELD, WAITS]));
    // What else it said is searched as ever.
    assert_eq!(report.at("/server/findings/0/kind"), "go-race");
    let server = Hanging::that_tells(r#"{"locks_told":0}"#);
    assert_eq!(*hung(&server, &[]).at("/stall/locks"), json!([]));
}

/// The text and the page of a run against a server that says this of its locks.
fn shown(locks: &str) -> (String, String) {
    let server = Hanging::that_tells(locks);
    let exec = ["--exec", server.command.as_str(), &server.url];
    let load = ["-q", "-n", "1000", "-c", "4", "--read", "/get", "--stall", "300ms"];
    let page = tempfile::NamedTempFile::new().unwrap();
    let html = ["--model", "counter", "--html", page.path().to_str().unwrap()];
    let text = loadgen(&[&load[..], &html, &exec].concat()).exited(1).stdout;
    (text, std::fs::read_to_string(page.path()).unwrap())
}

#[test]
fn the_locks_are_shown_in_sentences() {
    let (text, page) = shown(r#"{"locks_told":0}"#);
    assert!(text.contains("\n   Locks:               no named lock is held\n"), "{text}");
    assert!(page.contains("<li>The target stalled: nothing completed for "));
    assert!(page.contains("<li>no named lock is held</li>"));
    let (text, page) = shown(&locks());
    for line in [
        "lock `jobs`: held by thread 7 in add, for 2.1 s",
        "lock `jobs`: thread 9 in list waits, for 2.0 s",
    ] {
        assert!(text.contains(&format!(" {line}\n")), "{text}");
        assert!(page.contains(&format!("<li>{line}</li>")), "{page}");
    }
}

/// What comes in time counts, and lines that are not as agreed are output like any other.
#[test]
fn an_answer_about_locks_that_is_not_as_agreed_does_no_harm() {
    let no_lock = r#"{"lock":"jobs"}"#;
    let huge = format!("[{}", r#"{"lock":"#.repeat(2000));
    let server =
        Hanging::that_tells(&[no_lock, HELD, "fatal error: torn", &huge, WAITS].join("\n"));
    let report = hung(&server, &[]);
    assert_eq!(*report.at("/stall/locks"), told(&[HELD, WAITS]));
    assert_eq!(report.at("/server/findings/0/line"), "fatal error: torn");
    let silent = hung(&Hanging::that_tells(no_lock), &[]);
    assert!(silent.at("/stall/locks").is_null(), "{:#}", silent.json);
}

#[test]
fn a_server_that_does_not_tell_is_not_asked() {
    let report = hung(&Hanging::mute(), &[]);
    assert!(report.at("/stall/locks").is_null(), "{:#}", report.json);
}

/// The announcement is the server's, and the signal would end the shell.
#[test]
fn a_shell_before_a_server_that_tells_is_spared() {
    let server = Hanging::that_tells(&locks());
    let command = format!("sh -c \"{}; true\"", server.command.replace('"', "\\\""));
    let report = hung(&Hanging { command, ..server }, &[]);
    assert!(report.at("/stall/locks").is_null(), "{:#}", report.json);
}

#[test]
fn a_server_that_hangs_is_not_waited_for() {
    let server = Hanging::mute();
    // Nor is a child of it that does not end either.
    let trap = "trap \"\" TERM; sleep 600 &";
    let command = format!("sh -c '{trap} exec {}'", server.command.replace('\'', ""));
    hung(&Hanging { command, ..server }, &["--grace", "10m"]);
}
