//! Whole answers, and the number that is found in them or is not.

use check::Tokens;
use proptest::prelude::*;

use super::*;

/// The content of an answer with this Content-Type.
fn heard<'r>(body: &'r str, content_type: &'r str) -> Heard<'r> {
    let bytes = body.as_bytes();
    let body = Body { bytes, is_whole: true, limit: 1 << 20, content_type, encoding: "" };
    Heard { status: 200, head: b"", body, field: None, steps: Steps::default() }
}

/// What `rule` finds: a number, `nothing`, or `!` and why not.
fn find(rule: &str, heard: &Heard<'_>) -> String {
    match rule.parse::<Extract>().unwrap().number(heard) {
        Found::Value(number) => number.to_string(),
        Found::Nothing => "nothing".to_owned(),
        Found::Unreadable(reason) => format!("!{reason}"),
    }
}

fn only(body: &str) -> String {
    find("only", &heard(body, ""))
}

fn by(rule: &str, body: &str) -> String {
    find(rule, &heard(body, ""))
}

#[test]
fn without_a_rule_there_is_exactly_one_number() {
    for (body, expected) in [
        ("x: 19998", "19998"),
        ("x: 19998\n", "19998"),
        (r#"{"name":"i","value":41}"#, "41"),
        ("41", "41"),
        ("1e3", "1000"),
        ("20.0", "20"),
        (r#"{"v2":[{"count":-7}],"at":"2026-11-26"}"#, "-7"),
        ("<h1>Counter: 41</h1>", "41"),
        ("<?xml version=\"1.0\"?><count>41</count>", "41"),
        ("# TYPE hits counter\nhits{path=\"/7\"} 1.2e+01\n", "12"),
    ] {
        assert_eq!(only(body), expected, "{body}");
    }
}

/// Each of these was read as a number once.
#[test]
fn where_there_is_not_exactly_one_nothing_is_guessed() {
    for body in [
        r#"{"visits":47,"requests_served":500}"#,
        r#"{"count":20,"at":1795000000}"#,
        "41 visits (request 7)",
        "<h1>Counter: 41</h1><footer>© 2026</footer>",
        "<h1>Counter</h1><footer>© 2026</footer>",
        "1,010 visits",
        r#"{"balance":"12.50"}"#,
        "1.010",
        "1e3 visits",
        "# TYPE hits counter\nhits 1\nhits_created 2\n",
        "none",
        "",
        "9223372036854775808",
        r#"{"n":1,"n":"x"}"#,
        "<input value=\"41\"> page 1",
        "<p>4<b>1</b></p>",
        "<p>&#52;1</p>",
        "[]",
        r#"{"error":null,"status":"busy"}"#,
        r#"{"error":{"code":-32000}}"#,
    ] {
        assert!(only(body).starts_with('!'), "{body}: {}", only(body));
    }
    assert!(find("only", &heard("41,", "application/json")).contains("not JSON"));
}

#[test]
fn only_null_and_what_is_left_out_are_nothing() {
    for (rule, body) in [
        ("only", "{}"),
        ("only", r#"{"visits":null}"#),
        ("json:/visits", "{}"),
        ("json:/a/visits", r#"{"a":{}}"#),
        ("json:/a", r#"{"a":null}"#),
        ("json:", "null"),
    ] {
        assert_eq!(by(rule, body), "nothing", "{rule} in {body}");
    }
    assert_eq!(find("only", &heard("null", "application/json")), "nothing");
    for (rule, body) in [
        ("json:/a/b", r#"{"a":null}"#),
        ("json:/a", "busy"),
        ("json:/a", ""),
        ("json:/0", "[]"),
        ("json:/a", r#"{"a":{}}"#),
        ("only", "null"),
        ("json:/result", r#"{"error":"busy"}"#),
        ("json:/data/n", r#"{"data":{"n":null},"errors":[{"message":"busy"}]}"#),
        ("json:/a/b", "{}"),
        ("last", "null"),
    ] {
        assert!(by(rule, body).starts_with('!'), "{rule} in {body}");
    }
}

#[test]
fn each_rule_finds_the_whole_number_or_none() {
    for (rule, body, expected) in [
        ("json:/b", r#"{"a":1,"b":"12.50"}"#, "12.5"),
        ("json:/list/1", r#"{"list":[1,2]}"#, "2"),
        ("json:/n", r#"{"n":20.0}"#, "20"),
        (r"regex:total=(\d+)", "id=4 total=5 n=6", "5"),
        (r"regex:([\d,]+) visits", "1,010 visits", "1010"),
        (r"regex:([\d.]+) visits", "1.234.567 visits", "!no number is there"),
        (r"regex:(\S+) visits", "1e3 visits", "1000"),
        (r"regex:total=(\w+)", "total=x", "!no number is there"),
        (r"regex:x(\d)", "y", "!the pattern does not match"),
        (r"regex:(\d+)", "1,010", "!the rule takes only part of a number: `1`"),
        (r"regex:(\d+)", "-5", "!the rule takes only part of a number: `5`"),
        (r"regex:(\d+)", "20.0", "!the rule takes only part of a number: `20`"),
        (r"regex:hits (\d)", "hits 1e+06", "!the rule takes only part of a number: `1`"),
        (r"regex:(\d)$", "47", "!the rule takes only part of a number: `7`"),
        ("last", "v2: 7, done at 10:33", "7"),
        ("last", "7 of 1,010", "!`1,010` may be a number or not"),
        ("last", r#"{"value":41,"text":"see 5"}"#, "41"),
        (r#"prom:hits{path="/"}"#, "hits{path=\"/\"} 3\nhits{path=\"/a\"} 4\n", "3"),
        (
            "prom:hits",
            "hits{path=\"/\"} 3\nhits{path=\"/a\"} 4\n",
            "!2 numbers are there, and nothing says which one counts",
        ),
    ] {
        assert_eq!(by(rule, body), expected, "{rule} in {body}");
    }
    let field = |value| Heard { field: Some(value), ..heard("5", "") };
    assert_eq!(find("header:x-total", &field(" 8 ")), "8");
    assert_eq!(find("header:x-total", &field("8; 9")), "!no number is there");
    assert_eq!(by("header:x-total", "8"), "!the answer has no such header");
}

#[test]
fn a_value_of_a_history_is_above_the_fraction_of_the_first_state() {
    let half = Steps::from(0, Decimal::parse("0.5").number().unwrap());
    let integer = |body| Heard { steps: half, ..heard(body, "") }.integer(&Extract::Only);
    assert_eq!(integer("12.50"), Found::Value(12));
    assert_eq!(integer("12.25"), Found::Unreadable(Reason::Fraction));
    assert_eq!(heard("12.50", "").integer(&Extract::Only), Found::Unreadable(Reason::Fraction));
}

#[test]
fn what_is_no_rule_is_refused_with_what_would_be() {
    for (text, expected) in [
        ("total", "json:/POINTER"),
        ("jsn:/a", "json:/POINTER"),
        ("json:a", "json:/data"),
        ("regex:(", "unclosed group"),
        (r"regex:\d+", "group"),
        ("header:a b", "header's name"),
        ("prom:", "whole metric"),
        ("prom:a{b}", "whole metric"),
    ] {
        let error = text.parse::<Extract>().unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_refusal_offers_the_rules_that_name_a_number_each() {
    let refusal = |body: &str| {
        let heard = heard(body, "");
        let Found::Unreadable(reason) = Extract::Only.number(&heard) else { panic!("{body}") };
        let refusal = NotFound::new(&Extract::Only, &heard, reason, false);
        format!("{refusal}{}", refusal.offers())
    };
    let text = refusal(r#"{"visits":47,"requests_served":500,"id":"12"}"#);
    for rule in ["json:/visits = 47", "json:/requests_served = 500", "json:/id = 12"] {
        assert!(text.contains(&format!("\n  --extract {rule}")), "{text}");
    }
    let text = refusal("# TYPE hits counter\nhits{path=\"/\"} 12\nhits{path=\"/a\"} 5\n");
    assert!(text.contains("\n  --extract 'prom:hits{path=\"/\"}' = 12"), "{text}");
    let text = refusal("<h1>Counter: 41</h1>\n<footer>© 2026</footer>");
    assert!(text.contains("= 41") && text.contains("= 2026"), "{text}");
    let text = refusal("1,010 visits");
    assert!(text.contains(" = 1010"), "{text}");
    let many: Vec<_> = (0..25).collect();
    let text = refusal(&format!("{many:?}"));
    assert!(text.ends_with("\n  and 15 more"), "{text}");
    let lines = |body: &str| refusal(body).lines().count();
    assert_eq!(lines("no number"), 1);
}

#[test]
fn a_refusal_of_a_list_offers_lists() {
    let heard = heard(r#"{"a":[1,2],"b":[{"id":7},{"id":8}]}"#, "");
    let text = NotFound::new(&Extract::Only, &heard, Reason::SeveralLists(2), true);
    let text = text.offers().to_string();
    assert!(text.contains("--extract json:/a = [1, 2]"), "{text}");
    assert!(text.contains("--extract 'json:/b[*]/id' = [7, 8]"), "{text}");
}

/// Pieces that answers are made of.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<!-- x -->",
        "\n",
        " ",
        "visits: ",
        "© ",
        "&nbsp;",
        "1,010",
        "20.0",
        "1e3",
        "12,50",
        "{\"a\":",
        "{\"n\":7,",
        "\"b/~\":",
        "}",
        "[",
        "]",
        ",",
        "\"5\"",
        "# TYPE hits counter\n",
        "hits{a=\"b\"} ",
        "hits ",
        "v2",
        "10:33",
        "-",
        "(",
        ")",
        "\"",
        "é",
    ]);
    prop_oneof![
        3 => fixed.prop_map(str::to_owned),
        1 => any::<i16>().prop_map(|number| number.to_string()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    /// Whatever is offered can be taken: by that rule, that number is found.
    #[test]
    fn each_rule_that_is_offered_finds_the_number_that_is_shown(
        pieces in prop::collection::vec(piece(), 0..12), of_list: bool,
    ) {
        let body = pieces.concat();
        let heard = heard(&body, "");
        let offers = NotFound::new(&Extract::Only, &heard, Reason::NoNumber, of_list);
        for line in offers.offers().to_string().lines() {
            let Some(line) = line.strip_prefix("  --extract ") else { continue };
            let (rule, shown) = line.rsplit_once(" = ").unwrap();
            let words = shell_words::split(rule).unwrap();
            let rule: Extract = words.concat().parse().unwrap();
            prop_assert_eq!(words.len(), 1);
            if of_list {
                let found = rule.elements(&heard, &mut Tokens::default()).value();
                let found = found.map(|list| list.len());
                let more = shown.split_once("… ").map_or(0, |(_, more)| {
                    more.split(' ').next().unwrap().parse::<usize>().unwrap() + 4
                });
                let count = if more > 0 { more } else { shown.matches(char::is_numeric).count().min(1) };
                prop_assert!(found.is_some_and(|found| found >= count), "{} {}", line, body);
            } else {
                let found = rule.number(&heard).value().map(|number| number.to_string());
                prop_assert_eq!(found.as_deref(), Some(shown), "{}", body);
            }
        }
    }

    /// A body with one number more is not read as if it had one.
    #[test]
    fn what_is_found_is_the_only_number(pieces in prop::collection::vec(piece(), 0..8), more: u16) {
        let body = pieces.concat();
        let plain = |body: &str| Extract::Only.number(&heard(body, "text/plain")).value();
        if plain(&body).is_some() {
            let longer = format!("{body}\nand {more} more");
            prop_assert_eq!(plain(&longer), None, "{}", longer);
        }
    }

    #[test]
    fn no_answer_and_no_rule_are_too_much(
        bytes: Vec<u8>, text in "\\PC{0,40}", rule in "(json|regex|header|prom):\\PC{0,20}",
        content_type in "[a-z/+;=0-9. -]{0,30}", field in proptest::option::of("\\PC{0,20}"),
    ) {
        let rules = [Some(Extract::Only), Some(Extract::Last), rule.parse().ok()];
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let body = Body { bytes, is_whole: true, limit: 1 << 20, content_type: &content_type, encoding: "" };
            let heard = Heard { body, field: field.as_deref(), ..heard("", "") };
            for rule in rules.iter().flatten() {
                let reason = match rule.number(&heard) {
                    Found::Unreadable(reason) => reason,
                    _ => Reason::NoNumber,
                };
                rule.elements(&heard, &mut Tokens::default());
                rule.element(&heard, &mut Tokens::default());
                NotFound::new(rule, &heard, reason, false).offers().to_string();
            }
        }
    }
}
