use proptest::prelude::*;

use super::*;
use crate::extract::{Body, Steps};

fn heard(body: &str) -> Heard<'_> {
    let bytes = body.as_bytes();
    let body = Body { bytes, is_whole: true, limit: 1 << 20, content_type: "", encoding: "" };
    Heard { status: 200, head: b"", body, field: None, steps: Steps::default() }
}

/// What `rule` finds in `heard`: elements, a text among them in quotes; `nothing`; or `!` and why not.
fn all_in(rule: &str, heard: &Heard<'_>) -> String {
    let mut tokens = Tokens::default();
    match rule.parse::<Extract>().unwrap().elements(heard, &mut tokens) {
        Found::Value(all) => {
            let shown = all.iter().map(|element| shown(*element, &tokens));
            format!("[{}]", shown.collect::<Vec<_>>().join(", "))
        }
        Found::Nothing => "nothing".to_owned(),
        Found::Unreadable(reason) => format!("!{reason}"),
    }
}

fn shown(element: i64, tokens: &Tokens) -> String {
    match tokens.value(element) {
        check::Value::Text(text) => format!("{text:?}"),
        value => value.to_string(),
    }
}

fn all(rule: &str, body: &str) -> String {
    all_in(rule, &heard(body))
}

fn one(rule: &str, body: &str) -> String {
    let mut tokens = Tokens::default();
    match rule.parse::<Extract>().unwrap().element(&heard(body), &mut tokens) {
        Found::Value(element) => shown(element, &tokens),
        Found::Nothing => "nothing".to_owned(),
        Found::Unreadable(reason) => format!("!{reason}"),
    }
}

#[test]
fn lists_are_found_by_the_same_rules_as_numbers() {
    for (rule, body, expected) in [
        ("only", "[3,-1, 20]", "[3, -1, 20]"),
        ("only", r#"{"ids":[1,2.0],"name":"x"}"#, "[1, 2]"),
        ("only", "1\n2\n", "[1, 2]"),
        ("only", "{}", "nothing"),
        ("only", r#"{"ids":[]}"#, "[]"),
        ("only", r#"["a@x","7"]"#, r#"["a@x", 7]"#),
        ("last", "7, 8 done", "[7, 8]"),
        ("last", r#"{"ids":[4,"5"],"at":"2026-11"}"#, "[4, 5]"),
        ("last", "", "[]"),
        ("json:/ids", r#"{"ids":[4,"5"],"n":2}"#, "[4, 5]"),
        ("json:/ids", "{}", "nothing"),
        ("json:", "[]", "[]"),
        (r"regex:id=(\d+)", "id=4 n=9 id=5", "[4, 5]"),
        (r"regex:(\d+,\d+)", "1,010 2,020", "[1010, 2020]"),
        (r#"regex:"email":"([^"]*)""#, r#"[{"email":"a@x"},{"email":" 7 "}]"#, r#"["a@x", 7]"#),
    ] {
        assert_eq!(all(rule, body), expected, "{rule} {body}");
    }
    for body in [
        r#"{"ids":[1],"n":[2]}"#,
        r#"{"items":[{"id":1}],"errors":[]}"#,
        r#"{"items":[{"id":1}]}"#,
        r#"{"error":"x","ids":["a"]}"#,
        "seats: 2026-11",
        "1,010",
        "",
        "[true]",
    ] {
        assert!(all("only", body).starts_with('!'), "{body}");
    }
    assert!(all("json:/n", r#"{"n":2}"#).starts_with("!no list"));
    assert!(all(r"regex:(\d)", "12 3").contains("part of a number"));
    let field = Heard { field: Some("1, 2"), ..heard("") };
    assert_eq!(all_in("header:x", &field), "[1, 2]");
}

#[test]
fn what_stands_in_each_element_of_a_list_is_one_of_another() {
    let users = r#"{"users":[{"email":"a@x","id":7},{"email":"b@x","id":8}]}"#;
    assert_eq!(all("json:/users[*]/email", users), r#"["a@x", "b@x"]"#);
    assert_eq!(all("json:/users[*]/id", users), "[7, 8]");
    assert_eq!(all("json:/users[*]", r#"{"users":["a","b"]}"#), r#"["a", "b"]"#);
    assert_eq!(all("json:[*]/id", r#"[{"id":"a"},{"id":2}]"#), r#"["a", 2]"#);
    let orders = r#"{"o":[{"l":[{"s":"a"},{"s":"b"}]},{"l":[]},{"l":[{"s":"c"}]}]}"#;
    assert_eq!(all("json:/o[*]/l[*]/s", orders), r#"["a", "b", "c"]"#);
    assert_eq!(all("json:/users[*]/email", "{}"), "nothing");
    for (body, expected) in [
        (r#"{"users":[{"email":"a"},{}]}"#, "!/users/1/email is nothing: expected a text or a"),
        (r#"{"users":[{"email":null}]}"#, "!/users/0/email is nothing"),
        (r#"{"users":[{"email":1.5}]}"#, "!/users/0/email is `1.5`"),
        (r#"{"users":[{"email":["a"]}]}"#, "!/users/0/email is a list"),
        (r#"{"users":[{"email":" "}]}"#, "!/users/0/email is an empty text"),
        (r#"{"users":[7]}"#, "!/users/0/email is nothing"),
        (r#"{"users":{"a":1}}"#, "!no list"),
        (r#"{"users":[{"email":"a","email":"b"}]}"#, "!the answer has two members `email`"),
    ] {
        let found = all("json:/users[*]/email", body);
        assert!(found.starts_with(expected), "{body}: {found}");
    }
    assert_eq!(one("json:/users[*]/id", users), "![*] names many values, and one is wanted");
    let rule: Extract = "json:/o[*]/l[*]/s".parse().unwrap();
    assert_eq!(rule.to_string(), "json:/o[*]/l[*]/s");
    assert!("json:/o[*]l".parse::<Extract>().is_err());
}

/// As what a request adds is written.
#[test]
fn an_element_is_a_number_where_it_is_written_as_one_and_otherwise_a_text() {
    let (number, text) = (i64::MIN.to_string(), "18446744073709551616".to_owned());
    for (written, expected) in [
        ("7", "7"),
        ("7.0", "7"),
        ("1e3", "1000"),
        (r#""7""#, "7"),
        (r#"" 7""#, "7"),
        (r#""007""#, r#""007""#),
        (r#""7.0""#, r#""7.0""#),
        (r#""1e3""#, r#""1e3""#),
        (r#""a b ""#, r#""a b""#),
        ("18446744073709551616", &format!("{text:?}")),
        // It stands for something else.
        (&number, &format!("{number:?}")),
    ] {
        assert_eq!(all("json:", &format!("[{written}]")), format!("[{expected}]"));
        assert_eq!(one("json:", written), expected);
    }
    for written in ["1.5", "1e400", "true", "[1]", "{}", r#""""#] {
        assert!(all("json:", &format!("[{written}]")).starts_with("!/0 is "), "{written}");
        assert!(one("json:", written).starts_with("!the content is "), "{written}");
    }
    for (written, expected) in
        [("7", "7"), ("007", r#""007""#), ("1e3", r#""1e3""#), ("12.0", "12"), ("a", r#""a""#)]
    {
        assert_eq!(one("regex:<(.*)>", &format!("<{written}>")), expected, "{written}");
        assert_eq!(all("regex:<(.*)>", &format!("<{written}>")), format!("[{expected}]"));
    }
    assert!(one("regex:<(.*)>", "<1.5>").starts_with("!an element is not a whole number"));
    let field = Heard { field: Some(" a "), ..heard("") };
    let mut tokens = Tokens::default();
    let rule: Extract = "header:x".parse().unwrap();
    let found = rule.element(&field, &mut tokens);
    assert_eq!(found.map(|element| shown(element, &tokens)), Found::Value(r#""a""#.to_owned()));
}

/// A service may mean two by them.
#[test]
fn texts_that_differ_in_space_alone_are_not_called_one() {
    assert!(
        all("json:", r#"["a","b","a "]"#).starts_with("!two elements differ only in the space")
    );
    assert!(all("only", r#"["a ","a"]"#).contains("`a`"));
    assert_eq!(all("json:", r#"["a ","b"]"#), r#"["a", "b"]"#);
    assert_eq!(all("json:", r#"["a","a"]"#), r#"["a", "a"]"#);
}

/// An answer of a number is told from the one before by that number alone.
#[test]
fn an_element_is_the_same_whatever_was_read_before() {
    for _ in 0..3 {
        for (body, expected) in [
            (r#"{"id":17}"#, "17"),
            (r#"{"id":18}"#, "18"),
            (r#"{"id":"18"}"#, "18"),
            (r#"{"id":"x"}"#, r#""x""#),
            (r#"{"id":1.5}"#, "!/id is `1.5`: expected a text or a whole number"),
            ("{}", "nothing"),
        ] {
            assert_eq!(one("json:/id", body), expected);
        }
    }
}

proptest! {
    /// A twin that knows no tokens finds the same texts.
    #[test]
    fn what_is_in_a_list_is_found_in_it(texts in prop::collection::vec("[ a-c0-9.-]{0,4}", 0..6)) {
        let written = serde_json::to_string(&texts).unwrap();
        let trimmed: Vec<_> = texts.iter().map(|text| text.trim()).collect();
        let is_alike = (0..texts.len()).any(|at| {
            texts[at] != trimmed[at] && trimmed.iter().filter(|one| **one == trimmed[at]).count() > 1
        });
        let mut tokens = Tokens::default();
        let found = "json:".parse::<Extract>().unwrap().elements(&heard(&written), &mut tokens);
        if trimmed.contains(&"") || is_alike {
            prop_assert!(matches!(found, Found::Unreadable(_)), "{}: {:?}", written, found);
        } else {
            let found = found.value().unwrap_or_default();
            let found: Vec<_> = found.iter().map(|one| tokens.value(*one).to_string()).collect();
            prop_assert_eq!(found, trimmed);
        }
    }
}
