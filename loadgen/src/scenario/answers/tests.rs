use super::*;
use crate::extract::{Body, Steps};

fn heard(status: u16, content: &str) -> Heard<'_> {
    let limit = content.len();
    let body = Body { bytes: content.as_bytes(), is_whole: true, limit, ..Body::default() };
    Heard { status, head: b"", body, field: None, steps: Steps::default() }
}

fn told(rules: &str, status: u16, content: &str) -> Told {
    rules.parse::<Answers>().unwrap().told(&heard(status, content))
}

#[test]
fn without_a_rule_the_status_says_it() {
    for (status, expected) in [
        (200, Told::Declared(Word::Applied)),
        (204, Told::Declared(Word::Applied)),
        (304, Told::Declared(Word::Unknown)),
        (399, Told::Declared(Word::Unknown)),
        (400, Told::Assumed),
        (409, Told::Assumed),
        (429, Told::Assumed),
        (499, Told::Assumed),
        (500, Told::Declared(Word::Unknown)),
        (199, Told::Declared(Word::Unknown)),
    ] {
        assert_eq!(told("", status, ""), expected, "{status}");
    }
}

#[test]
fn the_first_rule_that_fits_counts() {
    let rules = "409=refused, 4xx = not-applied,503=not-applied,202=unknown";
    for (status, word) in [
        (409, Word::Refused),
        (400, Word::NotApplied),
        (499, Word::NotApplied),
        (503, Word::NotApplied),
        (202, Word::Unknown),
    ] {
        assert_eq!(told(rules, status, ""), Told::Declared(word), "{status}");
    }
    assert_eq!(told(rules, 200, ""), Told::Declared(Word::Applied));
    assert_eq!(told(rules, 500, ""), Told::Declared(Word::Unknown));
}

#[test]
fn a_rule_may_ask_for_content() {
    let rules = "200 json:/success=false = refused, 200 json:/errors=not-applied, \
                 2xx json:/code = \"A,b\" = same, 200 regex:sold, 1=2 out = empty";
    for (content, word) in [
        (r#"{"success":false}"#, Word::Refused),
        (r#"{"success":true}"#, Word::Applied),
        (r#"{"success":"false"}"#, Word::Applied),
        (r#"{"errors":[{"message":"no"}]}"#, Word::NotApplied),
        (r#"{"errors":null}"#, Word::Applied),
        (r#"{"code":"A,b"}"#, Word::Same),
        ("sold, 1=2 out", Word::Empty),
        // Which of both is meant cannot be known.
        (r#"{"success":false,"success":true}"#, Word::Unknown),
        ("done", Word::Applied),
    ] {
        assert_eq!(told(rules, 200, content), Told::Declared(word), "{content}");
    }
}

#[test]
fn what_depends_on_content_that_could_not_be_read_is_unknown() {
    let rules: Answers = "200 json:/ok=false=refused".parse().unwrap();
    let cut = |status| {
        let Heard { body, .. } = heard(status, "{");
        rules.told(&Heard { body: Body { is_whole: false, ..body }, ..heard(status, "{") })
    };
    assert_eq!(cut(200), Told::Declared(Word::Unknown));
    assert_eq!(cut(201), Told::Declared(Word::Applied));
    // Nothing at all can be read.
    assert_eq!(rules.told(&heard(200, "")), Told::Declared(Word::Applied));
}

#[test]
fn what_is_no_rule_is_refused_with_what_would_be() {
    for (text, expected) in [
        ("sold", "409=refused"),
        ("40=refused", "409=refused"),
        ("0xx=refused", "409=refused"),
        ("409", "409=refused"),
        ("409=", "after the last ="),
        ("409=yes", "applied, refused, empty, same, not-applied or unknown"),
        ("409=refused,", "after the last ="),
        ("200 json:success=false=refused", "json:/POINTER"),
        ("200 body=refused", "json:/POINTER"),
        ("200 regex:( = refused", "unclosed group"),
    ] {
        let error = text.parse::<Answers>().unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_rule_may_ask_for_a_header_or_a_word() {
    let rules: Answers = "200 header:X-Result=sold = refused, 200 header:x-late=unknown, \
                          200 contains:try again=empty"
        .parse()
        .unwrap();
    for (fields, content, word) in [
        ("X-Result: sold\r\n", "", Word::Refused),
        ("x-result: sold out\r\n", "", Word::Applied),
        ("X-Late: 1\r\n", "", Word::Unknown),
        ("", "please try again", Word::Empty),
        ("", "again", Word::Applied),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        let answer = Heard { head: head.as_bytes(), ..heard(200, content) };
        assert_eq!(rules.told(&answer), Told::Declared(word), "{fields}{content}");
    }
    assert!(rules.read_head() && rules.read_content());
    let heads: Answers = "200 header:a=b=same".parse().unwrap();
    assert!(heads.read_head() && !heads.read_content());
}

/// What is expected confirms what the status says, and acknowledges nothing by itself.
#[test]
fn an_answer_that_is_not_as_expected_is_unknown_unless_a_rule_says_more() {
    let expected = Answers::expecting("json:/ok=true").unwrap();
    let rules: Answers = "200 json:/code=7=refused".parse().unwrap();
    let both = rules.before(&expected);
    for (status, content, told) in [
        (200, r#"{"ok":true}"#, Told::Declared(Word::Applied)),
        (201, r#"{"ok":false}"#, Told::Declared(Word::Unknown)),
        (200, "{}", Told::Declared(Word::Unknown)),
        (200, r#"{"ok":false,"code":7}"#, Told::Declared(Word::Refused)),
        (404, r#"{"ok":true}"#, Told::Assumed),
        (500, r#"{"ok":true}"#, Told::Declared(Word::Unknown)),
        (304, r#"{"ok":true}"#, Told::Declared(Word::Unknown)),
    ] {
        assert_eq!(both.told(&heard(status, content)), told, "{status} {content}");
    }
    for text in ["", "ok", "json:ok=true", "status:200"] {
        let error = Answers::expecting(text).unwrap_err().to_string();
        assert!(error.contains("contains:TEXT"), "{text}: {error}");
    }
}
