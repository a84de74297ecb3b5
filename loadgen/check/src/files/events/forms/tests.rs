//! Where forms begin and end.

use super::*;

fn forms(text: &str) -> Result<Vec<(u64, String)>, String> {
    let memory = Memory::new(usize::MAX);
    // A byte at a time, so that nothing hangs on how they arrive.
    let mut forms = Forms::new(std::io::BufReader::with_capacity(1, text.as_bytes()), 1, memory);
    let mut found = Vec::new();
    while let Some((line, form)) = forms.next().map_err(|error| error.to_string())? {
        found.push((line, form.trim().to_owned()));
    }
    Ok(found)
}

fn texts(text: &str) -> Vec<String> {
    forms(text).unwrap().into_iter().map(|(_, text)| text).collect()
}

#[test]
fn forms_end_where_their_brackets_do() {
    assert_eq!(texts("{:a [1 (2)]} , {:b #{3}}7 x"), ["{:a [1 (2)]}", "{:b #{3}}", "7", "x"]);
    assert_eq!(texts("[{:a [1]} 7]"), ["{:a [1]}", "7"]);
    assert_eq!(texts("; c\n ({:a 1}\n)\n; d"), ["{:a 1}"]);
    assert_eq!(texts("[]"), [""; 0]);
    assert_eq!(texts(""), [""; 0]);
    let lines = forms("\n{:a\n1}\r\n\n{:b 2}").unwrap();
    assert_eq!(lines, [(2, "{:a\n1}".to_owned()), (5, "{:b 2}".to_owned())]);
}

#[test]
fn brackets_in_strings_characters_and_comments_are_none() {
    for form in [r#"{:a "}\"}"}"#, r"{:a \} :b \{}", "{:a \"\n;\" :b 1}"] {
        assert_eq!(texts(&format!("{form} 7")), [form, "7"]);
    }
    assert_eq!(texts("{:a ; }\\\n 1}\n7"), ["{:a \n 1}", "7"]);
    assert_eq!(texts("; \\\r[1 2]"), ["1", "2"]);
}

#[test]
fn numbers_that_the_parser_does_not_know_are_written_as_it_does() {
    assert_eq!(
        texts("{:a 1N :b -2N :c 1.5M :d [##NaN ##-Inf]} :N aN 0x1N"),
        ["{:a 1 :b -2 :c 1.5 :d [NaN -Inf]}", ":N", "aN", "0x1"]
    );
}

#[test]
fn what_is_discarded_is_no_form() {
    assert_eq!(texts("#_{:a 1} 2 #_ 3"), ["2"]);
    assert_eq!(texts("[1 #_2]"), ["1"]);
    assert_eq!(texts("#_ #_ 1 2 3"), ["3"]);
    assert_eq!(texts("#_ #x #_ 1 2 3"), ["3"]);
    assert_eq!(texts("#x{:a #_ 1 2}"), ["#x{:a #_ 1 2}"]);
    assert_eq!(
        forms("1 #_").unwrap_err(),
        "line 1: the file ends: expected a form after the tag or discard"
    );
    assert_eq!(forms("[1 #_]").unwrap_err(), "line 1: `]`: expected an event");
}

#[test]
fn brackets_that_do_not_match_are_refused() {
    for (text, expected) in [
        ("{:a\n[1}", "line 2: `}`: expected `]` to close what line 2 opens"),
        ("{:a\n[1\n", "line 3: the file ends: expected `]` to close what line 2 opens"),
        ("[1\n2", "line 2: the file ends: expected `]`"),
        ("1\n)", "line 2: `)`: expected an event"),
        ("[1)", "line 1: `)`: expected an event"),
        ("[1] 2", "line 1: `2`: expected nothing after the last event"),
        ("{:a \"x\n", "line 2: the file ends: expected `\"` to close what line 1 opens"),
    ] {
        assert_eq!(forms(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn nesting_has_a_bound() {
    assert!(forms(&format!("7 {}{}", "[".repeat(64), "]".repeat(64))).is_ok());
    for text in ["7 ".to_owned() + &"[".repeat(65), "#x ".repeat(65), "#_".repeat(65)] {
        assert!(forms(&text).unwrap_err().contains("nested too deeply"), "{text}");
    }
}
