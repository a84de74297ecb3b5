//! Redirects that are followed: what they lead to is counted, and judged by its last answer.

mod counts;
mod scenarios;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::thread;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::loadgen;
use crate::report::{Report, Requests, report};
use crate::sessions::asked;

/// A redirect with further lines in its head.
fn redirect_with(status: u16, location: &str, more: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Over there\r\nLocation: {location}\r\n{more}");
    format!("{head}Content-Length: 5\r\n\r\nmoved").into_bytes()
}

fn redirect(status: u16, location: &str) -> Reaction {
    Reaction::Answer(redirect_with(status, location, ""))
}

fn is_of(request: &[u8], method_and_path: &str) -> bool {
    request.starts_with(format!("{method_and_path} ").as_bytes())
}

/// A counter to which `POST /inc` adds one unless it is the turn of one that is lost; it answers with a
/// redirect to a page, which says nothing.
fn counter(lost: impl Fn(usize) -> bool + Send + Sync + 'static) -> ByteServer {
    let (value, turn) = (AtomicI64::new(0), AtomicUsize::new(0));
    ByteServer::start(move |_, request| match () {
        () if is_of(request, "GET /n") => {
            Reaction::Answer(answer(200, &value.load(Ordering::SeqCst).to_string()))
        }
        () if is_of(request, "GET /done") => Reaction::Answer(answer(200, "thanks")),
        () => {
            assert!(is_of(request, "POST /inc"), "{}", String::from_utf8_lossy(request));
            let turn = turn.fetch_add(1, Ordering::SeqCst) + 1;
            value.fetch_add(i64::from(!lost(turn)), Ordering::SeqCst);
            redirect(303, "/done")
        }
    })
}

const JUDGED: [&str; 7] = ["--model", "counter", "--read", "/n", "--data", "x", "--follow"];

/// Loads the counter, whose answers are followed so far.
#[track_caller]
fn counted(code: i32, server: &ByteServer, follow: &str, more: &[&str]) -> Report {
    let url = server.url("/inc");
    let load = ["-n", "40", "-c", "4", "--settle", "100ms", &url];
    report(code, &[&JUDGED[..], &[follow], &load, more].concat())
}

/// What came of 40 updates, each of which led to another request.
fn of_40(ok: u64, fail: u64, unknown: u64) -> Requests {
    Requests { sent: 80, ok: 40 + ok, fail, unknown }
}

#[test]
fn a_counter_behind_redirects_is_acknowledged_by_what_they_lead_to() {
    let (h1, reqwest) = (&["--client", "http1"][..], &["--client", "reqwest"][..]);
    // As many clients as requests: nothing is dropped, however busy the machine.
    let rate = ["--rate", "100/s", "-c", "40"];
    for more in
        [h1, reqwest, &["--no-keep-alive"], &["--client", "reqwest", "--no-keep-alive"], &rate]
    {
        let server = counter(|_| false);
        let report = counted(0, &server, "1", more);
        assert_eq!(report.at("/correctness/verdict"), "valid", "{more:?}");
        assert_eq!(report.count("/correctness/acknowledged"), 40);
        assert_eq!(report.requests(), of_40(40, 0, 0), "{more:?}");
        assert_eq!((report.status(303), report.status(200)), (40, 40));
        assert_eq!(report.count("/requests/followed"), 40);
        assert_eq!(report.count("/plan/follow"), 1);
        assert_eq!(report.at("/document/bytes"), 6, "that of the page");
        assert_eq!(*report.at("/document/varies"), false, "a redirect is no document");
        assert_eq!(report.count("/throughput/body_bytes_written"), 40, "a byte each, once");
        assert!(report.at("/partial").is_null(), "{:#}", report.json);

        let pages: Vec<_> =
            server.requests().into_iter().filter(|one| is_of(one, "GET /done")).collect();
        assert_eq!(pages.len(), 40);
        for page in &pages {
            let asked = asked(page);
            assert_eq!((asked.body.as_str(), asked.field("content-length")), ("", ""));
            assert_eq!(asked.field("content-type"), "");
        }
    }
}

/// A counter behind redirects that speaks HTTP/2, too, and loses every tenth update where it `loses`.
fn http2_counter(loses: bool) -> (SocketAddr, oneshot::Sender<()>) {
    let value = Arc::new(AtomicI64::new(0));
    let (counted, turn) = (Arc::clone(&value), AtomicI64::new(0));
    let add = move || {
        let turn = turn.fetch_add(1, Ordering::SeqCst) + 1;
        counted.fetch_add(i64::from(!loses || turn % 10 != 0), Ordering::SeqCst);
        async { Redirect::to("/done") }
    };
    let count = move || {
        let value = value.load(Ordering::SeqCst);
        async move { value.to_string() }
    };
    let app = Router::new()
        .route(
            "/inc",
            post({
                let add = Arc::new(add);
                move || add()
            }),
        )
        .route("/n", get(count))
        .route("/done", get(async || "thanks"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    thread::spawn(move || {
        let shutdown = async {
            let _ = stopped.await;
        };
        runtime.block_on(server::serve(listener, app, shutdown)).unwrap();
    });
    (address, stop)
}

#[test]
fn redirects_are_followed_over_http2() {
    for (loses, verdict) in [(false, "valid"), (true, "invalid")] {
        let (address, _stop) = http2_counter(loses);
        let url = format!("http://{address}/inc");
        let load = ["-n", "40", "-c", "8", "--settle", "100ms", "--http2", "--streams", "4", &url];
        let report = report(i32::from(loses), &[&JUDGED[..], &["1"], &load].concat());
        assert_eq!(report.at("/correctness/verdict"), verdict);
        assert_eq!(report.count("/correctness/acknowledged"), 40);
        assert_eq!(report.requests(), of_40(40, 0, 0));
        assert_eq!((report.status(303), report.status(200)), (40, 40));
    }
}

#[test]
fn what_a_counter_loses_behind_redirects_is_lost() {
    let server = counter(|turn| turn % 10 == 0);
    for limit in [&[][..], &["--history-limit", "0"]] {
        let report = counted(1, &server, "3", limit);
        assert_eq!(report.at("/correctness/verdict"), "invalid", "{limit:?}");
        assert_eq!(report.count("/correctness/lost/min"), 4);
        assert_eq!(report.count("/correctness/lost/max"), 4);
        assert_eq!(report.count("/correctness/acknowledged"), 40);
    }
}

#[test]
fn what_is_not_followed_counts_as_it_did() {
    let server = counter(|_| false);
    let plain = counted(3, &server, "0", &[]);
    assert_eq!(plain.requests(), Requests { sent: 40, ok: 0, fail: 0, unknown: 40 });
    assert_eq!(plain.at("/correctness/verdict"), "unknown");
    assert_eq!(plain.count("/requests/followed"), 0);
    // What the user declares wins.
    let declared = counted(0, &server, "5", &["--answers", "303=applied"]);
    assert_eq!(declared.requests(), Requests { sent: 40, ok: 40, fail: 0, unknown: 0 });
    assert_eq!(declared.at("/correctness/verdict"), "valid");
    let pages = server.requests().iter().filter(|one| is_of(one, "GET /done")).count();
    assert_eq!(pages, 0);
}

#[test]
fn what_is_done_elsewhere_is_done_once_and_the_same() {
    for client in [&["--client", "http1"], &["--client", "reqwest"]] {
        let value = AtomicI64::new(0);
        let server = ByteServer::start(move |_, request| match () {
            () if is_of(request, "GET /n") => {
                Reaction::Answer(answer(200, &value.load(Ordering::SeqCst).to_string()))
            }
            () if request.starts_with(b"POST /old") => redirect(307, "new?again"),
            () if request.starts_with(b"POST /new") => redirect(308, "/at-last"),
            () => {
                assert!(is_of(request, "POST /at-last"));
                let value = value.fetch_add(1, Ordering::SeqCst) + 1;
                Reaction::Answer(answer(200, &value.to_string()))
            }
        });
        let url = server.url("/old?a={{rand 1..9999}}");
        let load =
            ["-n", "30", "-c", "3", "-H", "X-Key: {{uuid}}", "--follow", "2", "--read", "/n"];
        let judged = ["--model", "fetch-and-add", "--data", "{{uuid}} {{rand 1..9999}} {{seq}}"];
        let report = report(0, &[&load[..], &judged, client, &[&url]].concat());
        assert_eq!(report.at("/correctness/verdict"), "valid", "{:#}", report.json);
        assert_eq!(report.count("/correctness/acknowledged"), 30);
        assert_eq!(report.requests(), Requests { sent: 90, ok: 90, fail: 0, unknown: 0 });

        let all: Vec<_> = server.requests().iter().map(|request| asked(request)).collect();
        let sent_to = |path: &str| {
            let of_path = all.iter().filter(|one| one.path.starts_with(path));
            let mut sent: Vec<_> =
                of_path.map(|one| (one.body.clone(), one.field("x-key").to_owned())).collect();
            sent.sort();
            sent
        };
        let first = sent_to("/old");
        assert_eq!(first.len(), 30);
        assert_eq!((sent_to("/new"), sent_to("/at-last")), (first.clone(), first), "{client:?}");
    }
}

#[test]
fn who_is_led_in_a_circle_comes_to_nothing() {
    let server = ByteServer::start(|number, request| match () {
        () if is_of(request, "GET /n") => Reaction::Answer(answer(200, "7")),
        () => redirect(302, &format!("/a?{number}")),
    });
    let url = server.url("/a");
    let load = ["-n", "10", "-c", "2", "--read", "/n", "--follow", "4", &url];
    let report = report(3, &load);
    assert_eq!(report.requests(), Requests { sent: 50, ok: 40, fail: 0, unknown: 10 });
    assert_eq!(report.count("/requests/followed"), 40);
    assert_eq!(report.count("/correctness/acknowledged"), 0);
    assert_eq!(report.at("/correctness/verdict"), "unknown");
    let ended = loadgen(&["--follow", "21", &url]).exited(2);
    assert!(ended.stderr.contains("expected a whole number up to 20"), "{}", ended.stderr);
}

#[test]
fn nobody_is_led_to_another_service() {
    let elsewhere = ByteServer::answering(answer(200, "welcome"));
    let other = elsewhere.url("/");
    let locations: Arc<[String]> = [
        other.clone(),
        other.replace("http://", "//"),
        other.replace("http://", "/\\"),
        other.replace("http:", "https:"),
    ]
    .into();
    for client in ["http1", "reqwest"] {
        let locations = Arc::clone(&locations);
        let own = ByteServer::start(move |number, _| redirect(302, &locations[number % 4]));
        let report = report(3, &["-n", "8", "--follow", "5", "--client", client, &own.url("/")]);
        assert_eq!(report.requests(), Requests { sent: 8, ok: 0, fail: 0, unknown: 8 });
        assert_eq!((report.status(302), report.count("/requests/followed")), (8, 0));
        assert_eq!(report.at("/requests/first_answers/302"), "moved");
    }
    assert_eq!(elsewhere.accepted(), 0);
}

/// A page that is missing, broken or never comes says nothing of what led to it: that was done.
#[test]
fn whatever_becomes_of_the_page_the_update_may_have_been_applied() {
    type Page = fn() -> Reaction;
    let pages: [(&str, Page); 6] = [
        ("404", || Reaction::Answer(answer(404, "no such page"))),
        ("409", || Reaction::Answer(answer(409, "a refusal of what?"))),
        ("500", || Reaction::Answer(answer(500, "sorry"))),
        ("reset", || Reaction::Reset),
        ("silence", || Reaction::Stall),
        ("elsewhere", || redirect(302, "http://other.example/")),
    ];
    for (name, page) in pages {
        let value = AtomicI64::new(0);
        let server = ByteServer::start(move |_, request| match () {
            () if is_of(request, "GET /n") => {
                Reaction::Answer(answer(200, &value.load(Ordering::SeqCst).to_string()))
            }
            () if is_of(request, "GET /done") => page(),
            () => {
                value.fetch_add(1, Ordering::SeqCst);
                redirect(303, "/done")
            }
        });
        for limit in [&[][..], &["--history-limit", "0"]] {
            let more = [limit, &["-s", "1s", "-r", "--exclusive", "-c", "20"]].concat();
            let report = counted(3, &server, "1", &more);
            assert_eq!(report.requests(), of_40(0, 0, 40), "{name}: {:#}", report.json);
            assert_eq!(report.at("/correctness/verdict"), "unknown", "{name}");
            assert_eq!(report.count("/correctness/unknown"), 40, "{name}");
        }
    }
}

/// Not even one that could not be sent says that nothing was done.
#[test]
fn a_page_that_cannot_be_reached_leaves_the_update_open() {
    let value = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&value);
    let server = ByteServer::taking(1, move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        let head = "Connection: close\r\n";
        Reaction::AnswerAndClose(redirect_with(303, "/done", head))
    });
    let url = server.url("/inc");
    let history = tempfile::NamedTempFile::new().unwrap();
    let kept = ["--model", "unique", "--result", "only", "--history"];
    let load = ["-n", "1", "--data", "x", "--follow", "1", "-s", "1s", &url];
    let file = history.path().to_str().unwrap();
    let report = report(3, &[&kept[..], &[file], &load].concat());
    assert_eq!(value.load(Ordering::SeqCst), 1);
    assert_eq!(report.requests(), Requests { sent: 2, ok: 1, fail: 0, unknown: 1 });
    let text = std::fs::read_to_string(file).unwrap();
    let operations: Vec<_> = text.lines().filter(|line| line.contains("\"call\"")).collect();
    assert_eq!(operations.len(), 1, "{text}");
    assert!(operations[0].contains("\"outcome\":\"unknown\""), "{text}");
}
