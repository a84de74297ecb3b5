//! States that are lists in pages: each answer says where the next is.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json as of};

use crate::byte_server::{ByteServer, Reaction};
use crate::program::{Ended, loadgen};
use crate::report::{Report, report};
use crate::sessions::{asked, json, run};

/// So many elements are on a page.
const SIZE: usize = 7;

/// How a list says where its next page is.
#[derive(Clone, Copy)]
enum Style {
    /// By a Link field.
    Link,
    /// By a link in the content.
    Url,
    /// By what a parameter of the query is to be.
    Cursor,
    /// By a link to where the list begins.
    Around,
}

/// One page of `all`, as `path` asks for it.
fn page(style: Style, path: &str, all: &[Value]) -> Reaction {
    let from = path.rsplit_once("from=").map_or(0, |(_, from)| from.parse().unwrap());
    let shown: Vec<_> = all.iter().skip(from).take(SIZE).collect();
    let behind = Some(from + SIZE).filter(|from| *from < all.len());
    let url = behind.map(|from| format!("/users?of=all&from={from}"));
    match style {
        Style::Link => {
            let first = "</users>; rel=\"first\"".to_owned();
            let next = url.map(|url| format!("<{url}>; rel=\"next\""));
            let links: Vec<_> = [Some(first), next].into_iter().flatten().collect();
            json(200, &of!({ "users": shown }), &format!("Link: {}\r\n", links.join(", ")))
        }
        Style::Url => json(200, &of!({ "users": shown, "next": url }), ""),
        Style::Cursor => {
            let next = of!({ "users": shown, "next_cursor": behind.map(|from| from.to_string()) });
            json(200, &next, "")
        }
        Style::Around => json(200, &of!({ "users": shown, "next": "/users?from=0" }), ""),
    }
}

/// Takes users. One that is broken acknowledges every ninth, and does not keep it; one that `stirs` takes one
/// more whenever a page is read.
fn users(style: Style, is_broken: bool, stirs: bool) -> ByteServer {
    let all = Mutex::new(Vec::new());
    ByteServer::start(move |number, request| {
        let asked = asked(request);
        let mut all = all.lock().unwrap();
        if !asked.body.is_empty() {
            let user = asked.json();
            if !(is_broken && number % 9 == 0) {
                all.push(user.clone());
            }
            return json(201, &user, "");
        }
        if stirs {
            all.push(of!({ "name": format!("another {number}") }));
        }
        page(style, &asked.path, &all)
    })
}

fn scenario(state: &str) -> String {
    format!(
        "\
load: {{ clients: 6, requests: 60 }}
state: {{ users: {{ get: /users, {state} }} }}
steps:
  join:
    pick: {{ name: uuid }}
    post: /users
    json: {{ name: '{{{{name}}}}' }}
    does: {{ add: users, value: '{{{{name}}}}' }}
judge: {{ users: set }}
exclusive: true
invariants: [ size(users) == size(before.users) + join.ok ]
"
    )
}

const STYLES: [(Style, &str); 3] =
    [(Style::Link, "link"), (Style::Url, "json:/next"), (Style::Cursor, "from=json:/next_cursor")];

fn verdict(ended: Ended, code: i32) -> Report {
    Report::of(ended.exited(code))
}

#[test]
fn a_list_in_pages_is_read_to_its_end() {
    for (style, rule) in STYLES {
        let scenario =
            scenario(&format!("value: 'json:/users[*]/name', settle: 100ms, next: '{rule}'"));
        let report = verdict(run(&scenario, &users(style, false, false), &[]), 0);
        assert_eq!(report.at("/correctness/verdict"), "valid", "{rule}");
        assert_eq!(report.count("/correctness/after"), 60, "{rule}");

        let report = verdict(run(&scenario, &users(style, true, false), &[]), 1);
        assert_eq!(report.at("/correctness/verdict"), "invalid", "{rule}");
        let kinds = report.at("/correctness/anomalies").to_string();
        assert!(kinds.contains("missing-element"), "{kinds}");
        let kept = report.count("/correctness/after");
        assert!((50..60).contains(&kept), "{kept} of 60 are there, {rule}");
        assert_eq!(report.at("/correctness/invariants")[0]["holds"], false);
    }
}

/// What is on the other pages was not lost.
#[test]
fn a_list_of_which_one_page_is_read_accuses_nobody() {
    let scenario = scenario("value: 'json:/users[*]/name', settle: 100ms");
    for (style, rule) in STYLES {
        let says = format!("as {} says", rule.trim_start_matches("from="));
        let server = users(style, false, false);
        let report = verdict(run(&scenario, &server, &[]), 1);
        assert_eq!(report.at("/correctness/verdict"), "unknown", "{rule}");
        let reason = report.at("/correctness/reason").as_str().unwrap();
        assert!(reason.contains("one page of several") && reason.contains(&says), "{reason}");
        // Next time there are several pages before the load, too.
        let ended = run(&scenario, &server, &[]).exited(2);
        assert!(ended.stderr.contains(&says), "{}", ended.stderr);
    }
}

#[test]
fn one_page_that_is_read_during_the_load_accuses_nobody() {
    for (style, rule) in STYLES {
        let state = format!("value: 'json:/users[*]/name', settle: 100ms, next: '{rule}'");
        let look = "  look: { share: 30%, get: /users, \
                    does: { read: users, result: 'json:/users[*]/name' } }\njudge:";
        let scenario = scenario(&state).replace("judge:", look);
        let report = verdict(run(&scenario, &users(style, false, false), &["-n", "200"]), 0);
        assert_eq!(report.at("/correctness/verdict"), "valid", "{rule}");
    }
}

#[test]
fn a_list_without_an_end_or_that_moves_is_not_read() {
    let scenario = scenario("value: 'json:/users[*]/name', next: json:/next, settle: 0s");
    let ended = run(&scenario, &users(Style::Around, false, false), &[]);
    // The first page leads to another URL, and that to itself.
    let ended = ended.exited(3);
    assert!(ended.stderr.contains("page 3: it would be"), "{}", ended.stderr);
    assert!(ended.stderr.contains("which was read before"), "{}", ended.stderr);

    let report = verdict(run(&scenario, &users(Style::Url, false, true), &[]), 1);
    assert_eq!(report.at("/correctness/verdict"), "unknown");
    let reason = report.at("/correctness/reason").as_str().unwrap();
    assert!(reason.contains("its pages changed while they were read"), "{reason}");
}

#[test]
fn the_states_of_many_objects_may_be_in_pages() {
    for (is_broken, code, expected) in [(false, 0, "valid"), (true, 1, "invalid")] {
        let counts = Mutex::new((0..20).map(|sku| (sku, 0)).collect::<BTreeMap<_, _>>());
        let server = ByteServer::start(move |number, request| {
            let asked = asked(request);
            let mut counts = counts.lock().unwrap();
            if let Some(sku) = asked.path.strip_prefix("/add/") {
                let step = i32::from(!(is_broken && number % 9 == 0));
                *counts.get_mut(&sku.parse::<i32>().unwrap()).unwrap() += step;
                return json(200, &Value::Null, "");
            }
            let count = |(sku, count): (&i32, &i32)| of!({ "sku": sku, "count": count });
            page(Style::Url, &asked.path, &counts.iter().map(count).collect::<Vec<_>>())
        });
        let scenario = "\
load: { clients: 6, requests: 200 }
state: { counts: { get: /counts, each: { of: json:/users, key: json:/sku, value: json:/count }, next: json:/next, settle: 50ms } }
steps:
  add: { pick: { sku: 0..19 }, post: '/add/{{sku}}', does: { add: counts, of: '{{sku}}' } }
judge: { counts: counter }
exclusive: true
invariants: [ sum(counts) == sum(before.counts) + add.ok, size(counts) == 20 ]
";
        let report = verdict(run(scenario, &server, &[]), code);
        assert_eq!(report.at("/correctness/verdict"), expected);
        assert_eq!(report.at("/correctness/invariants")[1]["holds"], true);
    }
}

#[test]
fn one_request_on_the_command_line_has_pages_too() {
    let run = |is_broken, code| {
        let url = users(Style::Link, is_broken, false);
        let load = ["-n", "40", "-c", "4", "--json", r#"{"name":"n{{value}}"}"#, "--exclusive"];
        let state = ["--read", "/users", "--extract", "json:/users[*]/name", "--next-page", "link"];
        let judging = ["--model", "set", "--result", "json:/name", "--settle", "50ms"];
        report(code, &[&load[..], &state, &judging, &[&url.url("/users")]].concat())
    };
    assert_eq!(run(false, 0).at("/correctness/verdict"), "valid");
    assert_eq!(run(true, 1).at("/correctness/verdict"), "invalid");
}

#[test]
fn pages_are_of_lists_that_nobody_reads_at_one_moment() {
    let refused = |arguments: &[&str], why: &str| {
        let ended = loadgen(&[arguments, &["http://127.0.0.1:9/users"]].concat()).exited(2);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    };
    let set = ["--model", "set", "--result", "last", "--read", "/all"];
    refused(&["--next-page", "link"], "--next-page is for the list");
    refused(&["--read", "/n", "--next-page", "link"], "--next-page is for the list");
    refused(&[&set[..], &["--next-page", "next"]].concat(), "expected link, json:/POINTER");
    refused(
        &[&set[..], &["--next-page", "link", "--reads", "5%"]].concat(),
        "do not show one moment",
    );

    let server = users(Style::Link, false, false);
    let refused = |scenario: &str, why: &str| {
        let ended = run(scenario, &server, &["--check"]).exited(2);
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    };
    let list = scenario("value: 'json:/users[*]/name', next: link");
    refused(
        &list.replace("judge:", "  look: { share: 5%, read: users }\njudge:"),
        "this state is read in pages, which do not show one moment",
    );
    refused(&list.replace("next: link", "next: nxt"), "`nxt`: expected link, json:/POINTER");
    let counter = "\
state: { hits: { get: /hits, value: json:/n, next: link } }
steps: { hit: { post: /hit, does: { add: hits } } }
judge: { hits: counter }
";
    refused(counter, "its state is one value: expected each, or no next");
}
