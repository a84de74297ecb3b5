use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::super::hostile::{self, Hostile, lost};
use super::*;

fn written(sections: &[Section<'_>], missing: Option<&str>) -> String {
    let mut file = Vec::new();
    write_markdown(sections, missing, &mut file).unwrap();
    String::from_utf8(file).unwrap()
}

/// With everything that a dialect may know.
fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(text, Options::all() - Options::ENABLE_SMART_PUNCTUATION)
}

/// What of a summary does not depend on what is said in it.
fn structure(text: &str) -> Vec<String> {
    let shown = |event: Event<'_>| match event {
        Event::Text(_) => None,
        Event::Start(Tag::Heading { level, .. }) => Some(format!("{level}")),
        other => Some(format!("{other:?}")),
    };
    events(text).filter_map(shown).collect()
}

/// The rows of the tables, as a reader sees them.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut is_in_cell = false;
    for event in events(text) {
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => {
                is_in_cell = true;
                rows.last_mut().unwrap().push(String::new());
            }
            Event::End(TagEnd::TableCell) => is_in_cell = false,
            Event::Text(text) if is_in_cell => {
                *rows.last_mut().unwrap().last_mut().unwrap() += &text;
            }
            _ => {}
        }
    }
    rows
}

#[test]
fn a_summary_has_the_verdict_the_figures_and_the_command() {
    let report = lost("a|b `c` <d>");
    let text = written(&[Section::of(&report)], None);
    assert!(text.contains("✗ **INVALID: 2 updates lost**\n"), "{text}");
    let rows = rows(&text);
    let row = |label: &str| {
        let found = rows.iter().find(|row| row[0] == label);
        found.unwrap_or_else(|| panic!("no {label}: {text}"))[1].as_str()
    };
    assert_eq!(row("Complete requests"), "10");
    assert_eq!(row("Partial run"), "a|b `c` <d>");
    assert_eq!(row("Lost updates"), "2 (20.0% of acknowledged)");
    assert!(text.contains("Command:\n\n```text\na|b `c` <d>\n```\n"), "{text}");
}

#[test]
fn several_runs_are_in_a_table_and_a_witness_is_a_block_of_code() {
    let hostile = Hostile::new("i");
    let text = written(&hostile.sections(), None);
    let rows = rows(&text);
    assert_eq!(rows[0], ["run", "verdict", "requests/s", "p50 ms", "p99 ms", "max ms"]);
    assert_eq!(rows[2][..2], ["i", "✗ INVALID: 2 duplicate values"]);
    assert_eq!(rows[3][1], "✗ INVALID: 2 updates lost (NOT as expected)");
    assert!(text.contains("```text\nFirst duplicate value, of "), "{text}");
}

#[test]
fn a_fence_is_longer_than_any_in_what_it_holds() {
    for (text, fence) in [("a", "```"), ("`", "```"), ("```\nb", "````"), ("a\n`````", "``````")] {
        assert_eq!(fenced(text), format!("{fence}text\n{text}\n{fence}\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_is_said_the_structure_is_the_same(text in hostile::text()) {
        let of = |text: &str| {
            let hostile = Hostile::new(text);
            structure(&written(&hostile.sections(), Some(text)))
        };
        prop_assert_eq!(of(&text), of("plain"));
    }

    #[test]
    fn what_is_said_is_what_is_read(text in hostile::text()) {
        let table = format!("| a |\n| --- |\n| x{}x |\n", markdown(&text));
        prop_assert_eq!(&rows(&table)[1][0], &format!("x{}x", crate::escape::line(&text)));
    }
}
