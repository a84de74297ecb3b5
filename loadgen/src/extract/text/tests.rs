//! What of a text is a number, may be one, or is none.

use proptest::prelude::*;

use super::*;

/// The numbers of a text; `?` for what may be one.
fn found(text: &str) -> Vec<String> {
    let shown = |token: &Token| {
        token.number.map_or_else(|| format!("?{}", &text[token.at.clone()]), |n| n.to_string())
    };
    tokens(text).iter().map(shown).collect()
}

#[test]
fn a_number_is_a_whole_token() {
    for (text, expected) in [
        ("x: 19998", &["19998"][..]),
        ("-5", &["-5"]),
        ("balance: -5 EUR", &["-5"]),
        ("v2: 7, done.", &["7"]),
        ("größe 3 ±", &["3"]),
        ("(41) [42] \"43\"", &["41", "42", "43"]),
        ("$12.50, 7€ and #8", &["12.5", "7", "8"]),
        ("hits=41 total=-2.5", &["41", "-2.5"]),
        ("alice,41", &["41"]),
        ("$-5", &["-5"]),
        (r#"{"name":"i","value":41}"#, &["41"]),
        ("00042", &["42"]),
        ("41!", &["41"]),
        ("41\u{a0}visits", &["41"]),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn what_only_has_digits_is_none() {
    for text in [
        "v2",
        "x1",
        "h1",
        "2026-11",
        "2026-11-26T10:33:07Z",
        "10:33",
        "10:33:07.250",
        "1.2.3",
        "26.11.2026",
        "11/26/2026",
        "10.0.0.1",
        "3f2a9c",
        "0x1F",
        "%20%41",
        "a%20b",
        "9b2e4c1a-7f30-4b5e-8a6d-0c1d2e3f4a5b",
        "12345678-1234-1234-1234-123456789012",
        "/items/41",
        "http://h:8080/x?n=5",
        "3rd",
        "12ms",
        "utf-8",
        "none",
        "",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}

#[test]
fn what_may_be_a_number_is_not_passed_over() {
    for text in [
        "1,010",
        "12,50",
        "1.010",
        "1.234.567",
        "1'010",
        "1_010",
        "1\u{a0}010",
        "1e3",
        "1.5E+06",
        "5k",
        "1.2M",
        "41%",
        "41/100",
        "2026-11-26,41",
        "~41",
        "+41",
        "−5",
        "5+",
        "visits:41",
        "web-1:8080",
        "访问41次",
        "9223372036854775808",
        "٤١",
        "½",
        "4\u{200b}1",
        "1\u{1}2",
        "12\u{1}.50",
        "4\u{2}1",
        "-$5",
        "hits=1,010",
        "a=1&b=2",
        ".5",
    ] {
        let found = found(text);
        assert!(found.len() == 1 && found[0].starts_with('?'), "{text}: {found:?}");
    }
    assert_eq!(found("balance: - 5"), ["?5"]);
    assert_eq!(found("© 2026"), ["?2026"]);
    assert_eq!(found("Copyright Example 2020-2026, 2026"), ["?2026"]);
    // A tag that parts nothing parts nothing here.
    assert_eq!(found("Count:\u{1}\u{1}41"), ["41"]);
    assert_eq!(found("$\u{1}41\u{1}."), ["41"]);
}

#[test]
fn a_list_has_nothing_else_in_it() {
    for (text, expected) in [
        ("[3,-1, 20]", Some(vec![3, -1, 20])),
        ("1\n2\n3\n", Some(vec![1, 2, 3])),
        ("7", Some(vec![7])),
        ("1, 2", Some(vec![1, 2])),
        (
            "1764121921000001,1764121921000002",
            Some(vec![1_764_121_921_000_001, 1_764_121_921_000_002]),
        ),
        ("1,010", None),
        ("100,200,300", None),
        ("ids: 1 2", None),
        ("1.5 2", None),
        ("9223372036854775808", None),
    ] {
        assert_eq!(list(text), expected, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whatever is called a number is one by a rule that looks at nothing but its ends.
    #[test]
    fn no_number_is_part_of_a_longer_word(text in "[-0-9a-z.,:/%_ \\n\"é€(){}=+']{0,40}") {
        for token in tokens(&text) {
            let Some(number) = token.number else { continue };
            let written = &text[token.at.clone()];
            prop_assert_eq!(Decimal::parse(written).number(), Some(number));
            let before = text[..token.at.start].chars().next_back().unwrap_or(' ');
            let after = text[token.at.end..].chars().next().unwrap_or(' ');
            prop_assert!(!before.is_alphanumeric() && !"-+.%_/".contains(before), "{}", text);
            prop_assert!(!after.is_alphanumeric() && !"-+%_/".contains(after), "{}", text);
        }
    }

    /// A number between blanks is found, whatever is around it.
    #[test]
    fn a_number_between_blanks_is_found(before in "[a-z1-9.:/ -]{0,20}[a-z]", number: i64) {
        let text = format!("{before} {number} visits");
        prop_assert!(found(&text).contains(&number.to_string()), "{}", text);
    }

    #[test]
    fn no_text_is_too_much(text in "\\PC{0,60}") {
        for token in tokens(&text) {
            prop_assert!(text.get(token.at).is_some());
        }
        list(&text);
    }
}
