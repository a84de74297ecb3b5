//! Services that are right in ways that a load tester might not expect: none is accused.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::loadgen;
use crate::report::{Report, Requests, report};

fn is_read(request: &[u8]) -> bool {
    request.starts_with(b"GET /n")
}

/// A number, begun at 100, which `update` changes, given its turn; it says what is answered.
fn number(update: impl Fn(usize, &AtomicI64) -> Vec<u8> + Send + Sync + 'static) -> ByteServer {
    let (value, turn) = (AtomicI64::new(100), Mutex::new(0));
    ByteServer::start(move |_, request| {
        if is_read(request) {
            return Reaction::Answer(answer(200, &value.load(Ordering::SeqCst).to_string()));
        }
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        Reaction::Answer(update(*turn, &value))
    })
}

#[track_caller]
fn judged(code: i32, server: &ByteServer, options: &[&str]) -> Report {
    let url = server.url("/update");
    let load = ["-n", "40", "-c", "4", "--settle", "100ms", "--read", "/n", &url];
    report(code, &[&load, options].concat())
}

/// The verdict is unknown, for a reason that says this.
#[track_caller]
fn is_undecided(report: &Report, reason: &str) {
    assert_eq!(report.at("/correctness/verdict"), "unknown");
    let told = report.at("/correctness/reason").as_str().unwrap();
    assert!(told.contains(reason), "{told}");
    assert_eq!(report.at("/correctness/anomalies").as_array().unwrap().len(), 0);
}

const COUNTER: [&str; 2] = ["--model", "counter"];
const TOTALS: [&str; 4] = ["--model", "counter", "--history-limit", "0"];

#[test]
fn a_number_that_falls_or_rises_by_steps_is_not_accused() {
    let by = |step: i64| {
        number(move |_, value| {
            value.fetch_add(step, Ordering::SeqCst);
            answer(200, "ok")
        })
    };
    is_undecided(&judged(1, &by(-1), &[]), "say so with --model bounded");
    is_undecided(&judged(1, &by(2), &[]), "--model counter says that each adds one");
    // With two lost and steps of two there is an excess still, behind which they hide.
    let hidden = number(|turn, value| {
        value.fetch_add(if turn < 3 { 0 } else { 2 }, Ordering::SeqCst);
        answer(200, "ok")
    });
    is_undecided(&judged(1, &hidden, &["--exclusive"]), "does each add more than one");
    judged(0, &by(-1), &["--model", "bounded:100"]);
    judged(0, &by(-1), &["--model", "bounded"]);
}

/// Every tenth update is applied and refused all the same, as proxies and locks do it.
fn applied_and_refused(status: u16) -> ByteServer {
    number(move |turn, value| {
        value.fetch_add(1, Ordering::SeqCst);
        answer(if turn % 10 == 0 { status } else { 200 }, "?")
    })
}

#[test]
fn a_refusal_that_was_applied_is_no_excess() {
    for status in [400, 408, 409, 423, 425, 429, 499] {
        for options in [&COUNTER[..], &TOTALS] {
            let options = [options, &["--exclusive"]].concat();
            let report = judged(1, &applied_and_refused(status), &options);
            is_undecided(&report, "4 refusals may have been applied");
            assert_eq!(report.count("/correctness/undeclared"), 4);
        }
    }
    // On its user's word it was not: then the excess is the service's.
    for options in [&COUNTER[..], &TOTALS] {
        let options = [options, &["--exclusive", "--answers", "429=not-applied"]].concat();
        let report = judged(1, &applied_and_refused(429), &options);
        assert_eq!(report.at("/correctness/verdict"), "invalid");
        assert_eq!(report.count("/correctness/undeclared"), 0);
    }
    // And on its word that it was, everything is there.
    let options = [&COUNTER[..], &["--answers", "429=applied"]].concat();
    let report = judged(0, &applied_and_refused(429), &options);
    assert_eq!(report.count("/correctness/acknowledged"), 40);
    assert_eq!(report.requests().fail, 0);
}

#[test]
fn what_refusals_leave_open_does_not_hide_what_is_lost() {
    let server = number(|turn, value| {
        value.fetch_add(i64::from(turn % 4 > 0), Ordering::SeqCst);
        answer(if turn % 10 == 1 { 409 } else { 200 }, "?")
    });
    for options in [&COUNTER[..], &TOTALS, &[]] {
        let report = judged(1, &server, options);
        assert_eq!(report.at("/correctness/verdict"), "invalid", "{options:?}");
    }
}

#[test]
fn a_success_may_say_in_its_content_that_it_is_none() {
    let server = || {
        number(|turn, value| {
            let is_done = turn % 5 > 0;
            value.fetch_add(i64::from(is_done), Ordering::SeqCst);
            answer(200, &format!(r#"{{"success":{is_done}}}"#))
        })
    };
    let report = judged(1, &server(), &COUNTER);
    assert_eq!(report.at("/correctness/verdict"), "invalid");
    let declared = ["--answers", "200 json:/success=false = not-applied"];
    for options in [&COUNTER[..], &TOTALS, &[]] {
        let report = judged(0, &server(), &[options, &declared].concat());
        assert_eq!(report.count("/correctness/acknowledged"), 32, "{options:?}");
        assert_eq!((report.requests().ok, report.requests().fail), (32, 8));
    }
}

#[test]
fn a_state_that_moves_by_itself_is_somebody_elses() {
    let value = AtomicI64::new(0);
    let server = ByteServer::start(move |_, _| {
        let visits = value.fetch_add(1, Ordering::SeqCst);
        Reaction::Answer(answer(200, &visits.to_string()))
    });
    for options in [&[][..], &["--exclusive"], &COUNTER] {
        let report = judged(1, &server, options);
        is_undecided(&report, "by itself: somebody else writes");
    }
    // It cannot be read where it is written.
    let url = server.url("/");
    let ended = loadgen(&["-n", "9", "--read", "/", &url]).exited(2);
    assert!(ended.stderr.contains("each read would be an update"), "{}", ended.stderr);
    assert_eq!(server.request_count(), 3 * (40 + 3));
}

#[test]
fn nothing_acknowledged_is_no_verdict() {
    let server = number(|turn, _| answer(if turn == 1 { 204 } else { 401 }, ""));
    // The first answer is the warm-up's: from then on each is refused.
    loadgen(&[&server.url("/update")]).exited(0);
    for options in [&["--model", "bounded:100"][..], &COUNTER, &TOTALS, &[]] {
        let report = judged(3, &server, options);
        is_undecided(&report, "nothing was acknowledged");
    }
}

/// A queue of three elements that answers 204 when it is empty.
#[test]
fn an_element_that_is_not_there_was_not_added() {
    let left = Mutex::new(vec![7, 8, 9]);
    let taken = Mutex::new(Vec::new());
    let server = ByteServer::start(move |_, request| {
        if is_read(request) {
            let taken: Vec<i64> = taken.lock().unwrap().clone();
            return Reaction::Answer(answer(200, &serde_json::to_string(&taken).unwrap()));
        }
        Reaction::Answer(match left.lock().unwrap().pop() {
            Some(element) => {
                taken.lock().unwrap().push(element);
                answer(200, &element.to_string())
            }
            None => answer(204, ""),
        })
    });
    let options = ["--model", "set", "--result", "last", "--extract", "json:"];
    let report = judged(0, &server, &options);
    assert_eq!(report.count("/correctness/acknowledged"), 3);
    assert_eq!(report.count("/correctness/unreadable"), 37);
    assert_eq!(report.at("/correctness/lost/min"), 0);
}

#[test]
fn an_answer_that_cannot_be_read_leaves_the_rest_to_be_judged() {
    let server = number(|turn, value| {
        let value = value.fetch_add(1, Ordering::SeqCst) + 1;
        answer(200, &if turn % 8 == 0 { "busy".to_owned() } else { value.to_string() })
    });
    let options = ["--model", "fetch-and-add", "--exclusive"];
    let report = judged(0, &server, &options);
    assert_eq!(report.count("/correctness/unreadable"), 5);
    assert_eq!(report.count("/correctness/acknowledged"), 40);
}

/// However it is judged: during the run, or from its file.
#[test]
fn a_history_has_one_verdict() {
    let refusing = || applied_and_refused(429);
    let twice = || {
        number(|turn, value| {
            value.fetch_add(if turn == 7 { 2 } else { 1 }, Ordering::SeqCst);
            answer(200, "ok")
        })
    };
    let denied = || number(|_, _| answer(401, ""));
    let busy = || {
        number(|turn, value| {
            let value = value.fetch_add(1, Ordering::SeqCst) + 1;
            answer(200, &if turn % 8 == 0 { "busy".to_owned() } else { value.to_string() })
        })
    };
    let exclusive = ["--exclusive"];
    let declared = ["--exclusive", "--answers", "4xx=not-applied"];
    for (server, model, options, verdict) in [
        (refusing(), "counter", &exclusive[..], "unknown"),
        (refusing(), "counter", &[], "unknown"),
        (refusing(), "counter", &declared, "invalid"),
        (twice(), "counter", &exclusive, "invalid"),
        (twice(), "counter", &[], "unknown"),
        (denied(), "counter", &exclusive, "unknown"),
        (denied(), "bounded:100", &declared, "unknown"),
        (busy(), "fetch-and-add", &exclusive, "valid"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history");
        let file = file.to_str().unwrap();
        let url = server.url("/update");
        let load = ["-n", "40", "-c", "4", "--settle", "0", "--read", "/n", "--model", model, &url];
        let run = loadgen(&[&load, options, &["--history", file, "--output", "-"]].concat());
        assert_eq!(run.json()["correctness"]["verdict"], verdict, "{model} {options:?}");
        let again = loadgen(&["check", "--json", file]).json();
        assert_eq!(again["verdict"], verdict, "{model} {options:?}: {again:#}");
    }
}

/// A service that says no with a 200: what is expected of an answer keeps it from being acknowledged.
#[test]
fn a_success_that_is_not_as_expected_acknowledges_nothing() {
    let stock = || {
        let left = AtomicI64::new(25);
        ByteServer::start(move |_, request| {
            if is_read(request) {
                return Reaction::Answer(answer(200, &left.load(Ordering::SeqCst).to_string()));
            }
            let took =
                left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n > 0).then(|| n - 1));
            Reaction::Answer(answer(200, &format!("{{\"ok\":{}}}", took.is_ok())))
        })
    };
    let run = |code, more: &[&str]| {
        let server = stock();
        let load =
            ["-n", "40", "-c", "4", "--settle", "0", "--read", "/n", "--model", "bounded:25"];
        let url = server.url("/take");
        report(code, &[&load[..], more, &[&url]].concat())
    };
    // By the status alone, forty were taken of twenty-five.
    let by_status = run(1, &[]);
    assert_eq!(by_status.requests().ok, 40);
    let expecting = run(0, &["--expect", "json:/ok=true"]);
    let Requests { ok, unknown, .. } = expecting.requests();
    assert_eq!((ok, unknown, expecting.count("/requests/unconfirmed")), (25, 15, 15));
    assert_eq!(expecting.status(200), 40);
    assert_eq!(expecting.at("/correctness/verdict"), "valid");
    // What is told to be a refusal is one.
    let told = run(0, &["--expect", "json:/ok=true", "--answers", "200 json:/ok=false=refused"]);
    assert_eq!((told.requests().ok, told.requests().fail), (25, 15));
    assert_eq!(told.at("/correctness/verdict"), "valid");
}
