//! `loadgen run`: what a file and the options say together, and what is said of a file that is wrong.

use super::shop::{self, run};
use crate::byte_server::{ByteServer, Reaction, answer};
use crate::report::Report;

/// A scenario of two steps, which names no service.
const TWO_STEPS: &str = "\
variables: { tenant: blue }
headers: { x-tenant: '{{tenant}}', x-api-key: T0P }
load: { clients: 2, requests: 30 }
steps:
  add:
    post: /items
    json: { n: 1 }
    answers: [ { status: 200, means: applied } ]
  look: { share: 20%, get: /items }
";

/// A file with this text, and where it is.
struct Page(tempfile::TempDir);

impl Page {
    fn of(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("page.yaml"), text).unwrap();
        Self(folder)
    }

    fn path(&self) -> String {
        self.0.path().join("page.yaml").to_str().unwrap().to_owned()
    }
}

fn service() -> ByteServer {
    ByteServer::answering(answer(200, "{}"))
}

/// Each is told with its place, as compilers do, and nothing is sent.
#[test]
fn what_is_wrong_is_told_with_its_place() {
    let service = service();
    for (good, bad, place, expected) in [
        ("steps:", "stesp:", ":4:1: ", "there is no key `stesp`: expected"),
        ("post:", "psot:", ":6:5: ", "did you mean `post`?"),
        ("/items\n    json", "items\n    json", ":6:11: ", "expected a path, as in /orders"),
        ("applied", "aplied", ":8:38: ", "did you mean `applied`?"),
        ("{{tenant}}", "{{tenat}}", ":2:22: ", "there is no variable {{tenat}}"),
        ("30", "many", ":3:31: ", "`many`: "),
    ] {
        let page = Page::of(&TWO_STEPS.replacen(good, bad, 1));
        let ended = run(&[&page.path(), &service.url("")]).exited(2);
        let said = format!("{}{place}", page.path());
        assert!(ended.stderr.contains(&said), "{said}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{bad}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    assert_eq!(service.accepted(), 0);
}

#[test]
fn a_file_is_checked_and_nothing_is_sent() {
    let service = service();
    let page = Page::of(TWO_STEPS);
    let ended = run(&[&page.path(), &service.url(""), "--check"]).exited(0);
    assert_eq!(ended.stdout, format!("{}: right\n", page.path()));
    assert_eq!((ended.stderr.as_str(), service.accepted()), ("", 0));
    for one in super::ALL {
        run(&[&shop::file(one.name), "--check"]).exited(0);
    }
}

#[test]
fn a_dry_run_shows_each_step_and_no_secret() {
    let service = service();
    let ended = run(&[&shop::file("checkout"), &service.url(""), "--dry-run"]).exited(0);
    for expected in [
        "Requests:               600\n",
        "Judged as:              bounded\n",
        "login, once for each client, before the load:\n",
        "POST /correct/login HTTP/1.1\n",
        "Keeps:               token from json:/token\n",
        "authorization: ***\n",
        "POST /correct/checkout/{{cart}} HTTP/1.1\n",
        "Does:                takes stock\n",
        "409 refused",
    ] {
        assert!(ended.stdout.contains(expected), "{expected}: {}", ended.stdout);
    }
    assert!(!ended.stdout.contains(shop::PASSWORD), "{}", ended.stdout);
    assert_eq!(service.accepted(), 0);
}

#[test]
fn a_variable_has_the_text_that_is_set() {
    let service = service();
    let page = Page::of(TWO_STEPS);
    let sent = |more: &[&str], tenant: &str| {
        let before = service.request_count();
        run(&[&[&page.path(), &service.url(""), "-q"], more].concat()).exited(0);
        let field = format!("x-tenant: {tenant}\r\n");
        let has = |request: &Vec<u8>| String::from_utf8_lossy(request).contains(&field);
        let requests = service.requests();
        requests[before..].iter().filter(|request| has(request)).count()
    };
    assert_eq!(sent(&[], "blue"), 30);
    assert_eq!(sent(&["--set", "tenant=red"], "red"), 30);
    let ended = run(&[&page.path(), &service.url(""), "--set", "tenat=red"]).exited(2);
    assert!(ended.stderr.contains("did you mean `tenant`?"), "{}", ended.stderr);
}

#[test]
fn options_win_over_the_file() {
    let service = service();
    let page = Page::of(TWO_STEPS);
    let options = ["-n", "50", "-H", "x-tenant: green", "-q", "--output", "-"];
    let (path, url) = (page.path(), service.url(""));
    let report = Report::of(run(&[&[&path[..], &url], &options[..]].concat()).exited(0));
    assert_eq!((report.requests().sent, service.request_count()), (50, 50));
    for request in service.requests() {
        let request = String::from_utf8(request).unwrap();
        assert!(request.contains("x-tenant: green\r\n"), "{request}");
        assert!(!request.contains("blue"), "{request}");
    }
    let ended = run(&[&page.path(), &service.url(""), "--model", "counter"]).exited(2);
    assert!(ended.stderr.contains("--model: the file says what is"), "{}", ended.stderr);
}

/// In the text a line each, in JSON an object.
#[test]
fn what_came_of_each_step_is_shown() {
    let service = ByteServer::start(|_, request| {
        let is_read = request.starts_with(b"GET ");
        Reaction::Answer(answer(if is_read { 404 } else { 200 }, "{}"))
    });
    let page = Page::of(TWO_STEPS);
    let ended = run(&[&page.path(), &service.url(""), "--output", "-", "-q"]).exited(0);
    let steps = Report::of(ended).at("/steps").clone();
    let gets = service.requests().iter().filter(|one| one.starts_with(b"GET ")).count();
    assert!((1..30).contains(&gets), "{gets}");
    let counts = |index: usize, name: &str| steps[index][name].as_u64().unwrap();
    assert_eq!((&steps[0]["name"], &steps[1]["name"]), (&"add".into(), &"look".into()));
    assert_eq!((counts(0, "ok"), counts(0, "fail")), (30 - gets as u64, 0));
    assert_eq!((counts(1, "ok"), counts(1, "fail")), (0, gets as u64));
    let ended = run(&[&page.path(), &service.url("")]).exited(0);
    let line = |name: &str| {
        let mut lines = ended.stdout.lines();
        let line =
            lines.find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{}", ended.stdout));
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("step ")[..5], ["step", "requests", "ok", "fail", "unknown"]);
    let add = line("add ");
    assert_eq!((&add[1], &add[3]), (&add[2], &"0".to_owned()));
    let look = line("look ");
    assert_eq!((&look[1], &look[2]), (&look[3], &"0".to_owned()));
}

#[test]
fn the_service_stands_in_the_file_or_on_the_command_line() {
    let service = service();
    let page = Page::of(TWO_STEPS);
    let ended = run(&[&page.path()]).exited(2);
    assert!(ended.stderr.contains("target is missing"), "{}", ended.stderr);
    let named = Page::of(&format!("target: {}\n{TWO_STEPS}", service.url("/api")));
    run(&[&named.path(), "-q"]).exited(0);
    let begins = |with: &str| {
        let is_so = |request: &Vec<u8>| String::from_utf8_lossy(request).contains(with);
        service.requests().iter().filter(|request| is_so(request)).count()
    };
    assert_eq!(begins(" /api/items HTTP/1.1\r\n"), 30);
    let elsewhere = Page::of(&format!("target: http://127.0.0.1:1\n{TWO_STEPS}"));
    run(&[&elsewhere.path(), &service.url(""), "-q"]).exited(0);
    assert_eq!(begins(" /items HTTP/1.1\r\n"), 30);
}
