use std::cell::Cell;

use super::*;
use crate::extract::{Body, Steps};

fn heard(body: &str) -> Heard<'_> {
    let bytes = body.as_bytes();
    let body = Body { bytes, is_whole: true, limit: 1 << 20, content_type: "", encoding: "" };
    Heard { status: 200, head: b"", body, field: None, steps: Steps::default() }
}

/// Where the pages lead that have these bodies, one after the other; at last why there is none.
fn led(rule: &str, bodies: &[&str]) -> Vec<String> {
    let next = rule.parse().unwrap();
    let mut pages = Pages::new(&next, "http://shop:8080/v1/items?size=2&page=1".parse().unwrap());
    let mut all = Vec::new();
    for body in bodies {
        match pages.behind(&heard(body)) {
            Ok(Some(url)) => all.push(url.to_string()),
            Ok(None) => return all,
            Err(error) => {
                all.push(format!("!{error}"));
                return all;
            }
        }
    }
    all
}

#[test]
fn a_page_is_where_the_one_before_it_says() {
    assert_eq!(
        led(
            "json:/next",
            &[
                r#"{"next":"?page=2"}"#,
                r#"{"next":"http://shop:8080/v2/items?page={3}#end"}"#,
                r#"{"next":null}"#,
            ]
        ),
        ["http://shop:8080/v1/items?page=2", "http://shop:8080/v2/items?page=%7b3}"]
    );
    assert_eq!(
        led("page=json:/next", &[r#"{"next":2}"#, r#"{"next":"a&b"}"#, "{}"]),
        ["http://shop:8080/v1/items?size=2&page=2", "http://shop:8080/v1/items?size=2&page=a%26b"]
    );
}

#[test]
fn a_page_that_is_elsewhere_or_known_is_not_asked_for() {
    for (rule, body, expected) in [
        (
            "json:/next",
            r#"{"next":"http://other:8080/v1/items"}"#,
            "!page 2: it would be at `http://other:8080/v1/items`, which is of another scheme, host or port",
        ),
        (
            "json:/next",
            r#"{"next":"http://a:b@shop:8080/v1/items"}"#,
            "!page 2: it would be at `http://a:b@shop:8080/v1/items`, which is a URL with credentials",
        ),
        (
            "json:/next",
            r#"{"next":"?size=2&page=1"}"#,
            "!page 2: it would be http://shop:8080/v1/items?size=2&page=1, which was read before",
        ),
        (
            "json:/next",
            r#"{"next":7}"#,
            "!page 2: json:/next does not say where it is: `7` is not a link: NAME=RULE would make \
             it the parameter NAME of the query",
        ),
    ] {
        assert_eq!(led(rule, &[body]), [expected]);
    }
}

#[test]
fn pages_without_an_end_end() {
    let next = "page=json:/next".parse().unwrap();
    let mut pages = Pages::new(&next, "http://shop/items".parse().unwrap());
    let mut number = 1;
    let error = loop {
        number += 1;
        match pages.behind(&heard(&format!(r#"{{"next":{number}}}"#))) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("there is a next page"),
            Err(error) => break error.to_string(),
        }
    };
    assert_eq!(error, "page 10001: lists of more than 10000 pages are not read");

    let mut pages = Pages::new(&next, "http://shop/items".parse().unwrap());
    let body = format!(r#"{{"next":2,"items":"{}"}}"#, "x".repeat(MAX_STATE_BYTES));
    let error = pages.behind(&heard(&body)).unwrap_err().to_string();
    assert_eq!(error, "page 2: with it the list would be longer than 16 MiB");
}

/// What comes of reading `all`, each a state and how many pages it has.
async fn read(all: &[(i32, usize)]) -> (Option<i32>, usize) {
    let count = Cell::new(0);
    let next = async || {
        count.set(count.get() + 1);
        Ok(all[(count.get() - 1).min(all.len() - 1)])
    };
    let seen = steady(next).await;
    assert!(matches!(seen, Ok(_) | Err(ReadError::Unsteady(TRIES))));
    (seen.ok(), count.get())
}

#[tokio::test]
async fn several_pages_are_to_be_the_same_twice() {
    assert_eq!(read(&[(1, 1)]).await, (Some(1), 1));
    assert_eq!(read(&[(1, 2)]).await, (Some(1), 2));
    assert_eq!(read(&[(1, 2), (2, 2), (2, 2)]).await, (Some(2), 3));
    assert_eq!(read(&[(1, 2), (2, 1), (1, 2), (2, 2), (1, 2), (1, 2)]).await, (None, 5));
}
