//! Redirects in scenarios: logins, steps of their own, and what is said of them.

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;

use super::{is_of, redirect, redirect_with};
use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::loadgen;
use crate::report::Report;
use crate::sessions::{asked, json, run};

const SHOP: &str = "\
cookies: true
follow: 2
session:
  - post: /login
    form: { user: 'user {{client}}' }
load: { clients: 3, requests: 30 }
steps:
  order:
    post: /orders
    json: { key: '{{uuid}}' }
    does: { add: orders }
  ping: { get: /ping, share: 20%, follow: 0 }
state: { orders: { get: /orders, value: only } }
judge: { orders: counter }
exclusive: true
";

/// Orders are for those who have logged in; the page that an order leads to is for those who have one.
fn shop() -> ByteServer {
    let orders = AtomicI64::new(0);
    ByteServer::start(move |number, request| {
        let asked = asked(request);
        let cookies: Vec<_> = asked.field("cookie").split("; ").collect();
        let has = |name: &str| cookies.iter().any(|cookie| cookie.starts_with(name));
        let is_post = request.starts_with(b"POST");
        match (asked.path.as_str(), is_post) {
            ("/login", true) => {
                let head = "Set-Cookie: sid=1; Path=/\r\n";
                Reaction::Answer(redirect_with(302, "/account/", head))
            }
            ("/account/", false) if has("sid=") => {
                let head = "Set-Cookie: seen=1; Path=/\r\n";
                Reaction::Answer(redirect_with(301, "home", head))
            }
            ("/account/home", false) if has("sid=") && has("seen=") => {
                json(200, &Value::Null, "Set-Cookie: at-home=1\r\n")
            }
            ("/orders", false) if has("sid=") => {
                Reaction::Answer(answer(200, &orders.load(Ordering::SeqCst).to_string()))
            }
            ("/orders", true) if has("sid=") && has("seen=") && !has("at-home=") => {
                orders.fetch_add(1, Ordering::SeqCst);
                let head = format!("Set-Cookie: order={number}; Path=/\r\n");
                Reaction::Answer(redirect_with(303, &format!("/orders/{number}"), &head))
            }
            ("/ping", false) if !has("on-page=") => redirect(302, "/ping/pong"),
            (page, false)
                if page.strip_prefix("/orders/").is_some_and(|n| has(&format!("order={n}"))) =>
            {
                // It is the page's own, and nothing's beside that.
                json(200, &Value::Null, "Set-Cookie: on-page=1\r\n")
            }
            _ => Reaction::Answer(answer(401, "who are you?")),
        }
    })
}

#[test]
fn a_login_that_leads_elsewhere_opens_a_session_whose_orders_are_judged() {
    let server = shop();
    let report = Report::of(run(SHOP, &server, &[]).exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid", "{:#}", report.json);
    let of_step = |index: usize| {
        let count = |key: &str| report.count(&format!("/steps/{index}/{key}"));
        let name = report.at(&format!("/steps/{index}/name")).as_str().unwrap().to_owned();
        (name, count("sent"), count("ok"), count("unknown"))
    };
    let (_, orders, ..) = of_step(0);
    assert_eq!(of_step(0), ("order".into(), orders, orders, 0));
    assert_eq!(of_step(1), ("ping".into(), 30 - orders, 0, 30 - orders));
    assert_eq!(of_step(2), ("redirects".into(), orders, orders, 0));
    assert_eq!(report.requests().sent, 30 + orders);
    assert_eq!(report.count("/correctness/acknowledged"), orders);
    assert_eq!(report.count("/plan/follow"), 2);
    let homes = server.requests().iter().filter(|one| is_of(one, "GET /account/home")).count();
    assert_eq!(homes, 3, "each client's");
    // An option says it for all that say nothing themselves.
    let none = run(SHOP, &server, &["--follow", "0"]).exited(3);
    let expected = "it answered 302 (a redirect; `follow: 1` would follow it)";
    assert!(none.stderr.contains(expected), "{}", none.stderr);
    let one = run(SHOP, &server, &["--follow", "1"]).exited(3);
    let expected = "it answered 301 (a redirect, and no more are followed)";
    assert!(one.stderr.contains(expected), "{}", one.stderr);
}

#[test]
fn it_is_said_before_and_where_it_cannot_be() {
    let server = shop();
    let dry = run(SHOP, &server, &["--dry-run"]).exited(0);
    assert_eq!(dry.stdout.matches("up to 2 are followed").count(), 2, "{}", dry.stdout);
    let url = server.url("/");
    let dry = loadgen(&["--dry-run", "--follow", "3", &url]).exited(0);
    assert_eq!(dry.stdout.matches("up to 3 are followed").count(), 1, "{}", dry.stdout);
    for (more, expected) in [
        ("  order:\n    follow: 99\n", "expected a whole number up to 20"),
        ("  look: { read: orders, follow: 1 }\n  order:\n", "read without following redirects"),
    ] {
        let ended = run(&SHOP.replace("  order:\n", more), &server, &[]).exited(2);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
    let ended = run(&SHOP.replace("follow: 2", "follow: many"), &server, &[]).exited(2);
    assert!(ended.stderr.contains("`many`: expected a whole number up to 20"), "{}", ended.stderr);
}

/// Redirects that were followed are no acknowledgement, where invariants alone are judged, too.
#[test]
fn invariants_rest_on_what_redirects_lead_to() {
    const INVARIANTS: &str = "\
follow: 2
load: { clients: 2, requests: 10 }
steps: { go: { post: /go } }
state: { n: { get: /n, value: only } }
invariants: [ n == before.n, go.sent == 10, go.ok == 0 ]
";
    let server = ByteServer::start(|_, request| match () {
        () if is_of(request, "GET /n") => Reaction::Answer(answer(200, "7")),
        () => redirect(307, "/go"),
    });
    let report = Report::of(run(INVARIANTS, &server, &[]).exited(3));
    assert_eq!(report.at("/correctness/verdict"), "unknown", "{:#}", report.json);
    assert_eq!(report.count("/correctness/acknowledged"), 0);
    let holds = report.at("/correctness/invariants").as_array().unwrap();
    assert!(holds.iter().all(|one| one["holds"] == true), "{holds:?}");
}
