use proptest::prelude::*;

use super::super::{Body, Steps};
use super::*;

fn heard<'r>(head: &'r str, body: &'r str) -> Heard<'r> {
    let bytes = body.as_bytes();
    let body = Body { bytes, is_whole: true, limit: 1 << 20, content_type: "", encoding: "" };
    Heard { status: 200, head: head.as_bytes(), body, field: None, steps: Steps::default() }
}

/// Where `rule` says that an answer goes on; `-` where it does not.
fn next(rule: &str, head: &str, body: &str) -> String {
    match rule.parse::<Next>().unwrap().of(&heard(head, body)) {
        Found::Value(Leads::To(link)) => link,
        Found::Value(Leads::With(name, value)) => format!("{name} {value}"),
        Found::Nothing => "-".to_owned(),
        Found::Unreadable(reason) => {
            let reason = reason.to_string();
            format!("!{}", reason.split(": ").next().unwrap())
        }
    }
}

#[test]
fn a_link_field_names_the_next_page_by_its_relation() {
    let of = |fields: &str| next("link", &format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n"), "[]");
    for (fields, expected) in [
        (r#"Link: </a?page=2>; rel="next""#, "/a?page=2"),
        ("link: </a?page=2>;rel=next", "/a?page=2"),
        (r#"Link: </a?page=9>; rel="last", </a?page=2>; rel="next""#, "/a?page=2"),
        (r#"Link: </a?x=1,2>; title="a, b; rel=next"; rel=prev, <b>; REL="last NEXT""#, "b"),
        (r#"Link: </p>; title="a \" , <no>; rel=next"; rel=prev"#, "-"),
        ("Link: </a>; rel=last\r\nX: 1\r\nLink: </b>; rel=next", "/b"),
        ("Link: </a>; rel=last,\r\n </b>; rel=next", "/b"),
        (r#"Link: </a>; rel="prev"; rel="next""#, "-"),
        (r#"Link: </a>; rel="nextish""#, "-"),
        ("Link: </a; rel=next", "-"),
        ("Link: ", "-"),
        ("X-Link: </a>; rel=next", "-"),
    ] {
        assert_eq!(of(fields), expected, "{fields}");
    }
}

#[test]
fn a_rule_finds_a_link_or_what_a_parameter_is_to_be() {
    for (rule, body, expected) in [
        ("json:/next", r#"{"next":"/a?page=2"}"#, "/a?page=2"),
        ("json:/next", r#"{"next":"https://x/a"}"#, "https://x/a"),
        ("json:/_links/next/href", r#"{"_links":{"next":{"href":"?p=2"}}}"#, "?p=2"),
        ("json:/_links/next/href", r#"{"_links":{}}"#, "-"),
        ("json:/next", r#"{"next":null}"#, "-"),
        ("json:/next", r#"{"next":""}"#, "-"),
        ("json:/next", r#"{"next":false}"#, "-"),
        ("json:/next", "{}", "-"),
        ("regex:next: (.*)", "next: /a", "/a"),
        ("regex:next: (.*)", "1 2 3", "-"),
        ("page=json:/next", r#"{"next":3}"#, "page 3"),
        ("after=json:/cursor", r#"{"cursor":"b2s="}"#, "after b2s="),
        ("after=json:/cursor", r#"{"cursor":null}"#, "-"),
        // What is no link leads nowhere, whatever a URL's parser would make of it.
        ("json:/next", r#"{"next":3}"#, "!`3` is not a link"),
        ("json:/next", r#"{"next":"b2s="}"#, "!`b2s=` is not a link"),
        ("json:/next", r#"{"next":["/a"]}"#, "!no text or number is there"),
        ("json:/next", r#"{"next":"/a","next":"/b"}"#, "!the answer has two members `next`"),
        ("json:/next", "<html>", "!the answer is not JSON"),
        ("json:/next", "", "!the answer is empty"),
    ] {
        assert_eq!(next(rule, "", body), expected, "{rule} in {body}");
    }
    let head = "HTTP/1.1 200 OK\r\nX-Next: 7\r\n\r\n";
    assert_eq!(next("page=header:x-next", head, "[]"), "page 7");
    assert_eq!(next("page=header:x-other", head, "[]"), "-");
}

#[test]
fn a_rule_is_written_as_it_is_read() {
    for rule in ["link", "json:/next", "after=json:/a=b", "regex:n=(.)", "page=header:x-next"] {
        assert_eq!(rule.parse::<Next>().unwrap().to_string(), rule);
    }
    assert!("after=".parse::<Next>().is_err() && "=json:/a".parse::<Next>().is_err());
    assert!("links".parse::<Next>().is_err());
}

#[test]
fn a_list_that_is_one_of_several_pages_says_so() {
    let place = |head: &str, body: &str| match heard(head, body).goes_on() {
        Some(Reason::GoesOn(place)) => place.into_string(),
        Some(other) => panic!("{other}"),
        None => "-".to_owned(),
    };
    for (body, expected) in [
        (r#"{"items":[1],"next":"/a?page=2"}"#, "json:/next"),
        (r#"{"items":[1],"Links":{"next":{"href":"/a"}}}"#, "json:/Links/next/href"),
        (r#"{"data":[1],"has_more":true}"#, "/has_more"),
        (r#"{"data":[1],"pageInfo":{"hasNextPage":true}}"#, "/pageInfo/hasNextPage"),
        (r#"{"data":[1],"nextPageToken":"x"}"#, "json:/nextPageToken"),
        (r#"{"value":[1],"@odata.nextLink":"http://x/a"}"#, "json:/@odata.nextLink"),
        // The last page, and what is no page at all.
        (r#"{"items":[1],"next":null}"#, "-"),
        (r#"{"items":[1],"next":""}"#, "-"),
        (r#"{"items":[1],"next":2}"#, "-"),
        (r#"{"items":[1],"next":"ann"}"#, "-"),
        (r#"{"data":[1],"has_more":false,"next_cursor":""}"#, "-"),
        (r#"["next","/a","more"]"#, "-"),
        (r#"[{"next":"/a"}]"#, "-"),
        (r#"{"items":[{"next":"/a","has_more":true}]}"#, "-"),
        ("next more", "-"),
    ] {
        assert_eq!(place("", body), expected, "{body}");
    }
    let head = "HTTP/1.1 200 OK\r\nLink: </a?page=2>; rel=next\r\n\r\n";
    assert_eq!(place(head, "[1]"), "link");
    assert_eq!(place("HTTP/1.1 200 OK\r\nLink: </a>; rel=prev\r\n\r\n", "[1]"), "-");
}

proptest! {
    #[test]
    fn whatever_a_link_field_has_is_read(field in "[ -~]{0,60}", rule in "link|json:/next|p=last") {
        let head = format!("HTTP/1.1 200 OK\r\nLink: {field}\r\n\r\n");
        next(&rule, &head, &field);
        heard(&head, &field).goes_on();
    }

    #[test]
    fn a_link_is_found_among_others(
        others in prop::collection::vec(("[a-z/?=,;]{1,9}", "prev|last|item|\"next-door\""), 0..4),
        at in 0..4_usize,
    ) {
        let mut all: Vec<_> =
            others.iter().map(|(to, relation)| format!("<{to}>; rel={relation}")).collect();
        all.insert(at.min(all.len()), "</found>; title=\"<a>, b\"; rel=\"item next\"".to_owned());
        let head = format!("HTTP/1.1 200 OK\r\nLink: {}\r\n\r\n", all.join(", "));
        prop_assert_eq!(next("link", &head, ""), "/found");
    }
}
