use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::hostile::{self, Hostile, lost};
use super::super::section::Expected;
use super::*;

fn written(sections: &[Section<'_>], missing: Option<&str>) -> String {
    let mut file = Vec::new();
    write_junit(sections, missing, &mut file).unwrap();
    String::from_utf8(file).unwrap()
}

/// An element: its path, its attributes, and the text in it.
struct Element {
    path: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The elements in the order in which they begin; fails where it is no XML.
fn elements(xml: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(xml);
    let (mut open, mut elements) = (Vec::<usize>::new(), Vec::<Element>::new());
    let element = |start: &BytesStart<'_>, open: &[usize], elements: &[Element]| {
        let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
        let within = open.last().map_or("", |at| elements[*at].path.as_str());
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let name = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
            (
                name,
                attribute
                    .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                    .unwrap()
                    .into_owned(),
            )
        });
        Element {
            path: format!("{within}/{name}"),
            attributes: attributes.collect(),
            text: String::new(),
        }
    };
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                elements.push(element(&start, &open, &elements));
                open.push(elements.len() - 1);
            }
            Event::Empty(start) => elements.push(element(&start, &open, &elements)),
            Event::End(_) => _ = open.pop().unwrap(),
            Event::Text(text) => {
                if let Some(at) = open.last() {
                    elements[*at].text += &text.decode().unwrap();
                }
            }
            Event::GeneralRef(name) => {
                let name = name.decode().unwrap();
                let text = match &*name {
                    "lt" => "<",
                    "gt" => ">",
                    "amp" => "&",
                    "quot" => "\"",
                    "apos" => "'",
                    other => panic!("&{other};"),
                };
                elements[*open.last().unwrap()].text += text;
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty());
    elements
}

/// What of a report does not depend on what is said in it.
fn structure(elements: &[Element]) -> Vec<(String, Vec<String>)> {
    let names =
        |element: &Element| element.attributes.iter().map(|(name, _)| name.clone()).collect();
    elements.iter().map(|element| (element.path.clone(), names(element))).collect()
}

/// Cases by name: what they came to, and what they say of it.
fn cases(xml: &str) -> Vec<(String, String)> {
    let mut cases = Vec::new();
    for element in elements(xml) {
        if let Some(name) =
            element.attribute("name").filter(|_| element.path.ends_with("/testcase"))
        {
            cases.push((name.to_owned(), "passed".to_owned()));
        } else if let Some(message) = element.attribute("message") {
            let (_, kind) = element.path.rsplit_once('/').unwrap();
            cases.last_mut().unwrap().1 = format!("{kind}: {message}");
        }
    }
    cases
}

#[test]
fn a_run_has_a_case_for_itself_one_for_the_verdict_and_one_for_each_finding() {
    let report = lost("oh");
    let section = Section::of(&report);
    let case = |name: &str, what: &str| (name.to_owned(), what.to_owned());
    let xml = written(std::slice::from_ref(&section), None);
    assert_eq!(
        cases(&xml),
        [
            case("run", "error: interrupted"),
            case("verdict", "failure: INVALID: 2 updates lost"),
            case("lost updates, by the totals", "failure: 2 lost updates"),
            case("cut short", "error: interrupted"),
            case("panic", "failure: oh"),
        ]
    );
    let elements = elements(&xml);
    let of = |element: &Element| {
        ["tests", "failures", "errors"].map(|name| element.attribute(name).map(str::to_owned))
    };
    let counts = ["5", "3", "2"].map(|count| Some(count.to_owned()));
    assert_eq!((of(&elements[0]), of(&elements[1])), (counts.clone(), counts));
    // What a specimen is expected to do is no failure.
    let expected = Expected { is_met: true, sentence: "racy: lost some (as expected)".to_owned() };
    let section = Section { expected: Some(expected), ..section };
    assert!(cases(&written(&[section], None)).iter().all(|(_, what)| what == "passed"));
}

#[test]
fn a_verdict_has_its_witness_and_a_history_of_several_objects_names_them() {
    let hostile = Hostile::new("i");
    let xml = written(&hostile.sections()[1..2], None);
    let names: Vec<_> = cases(&xml).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["verdict", "duplicate values of i", "duplicate values of other"]);
    let elements = elements(&xml);
    let texts: Vec<_> =
        elements.iter().filter(|element| element.path.ends_with("/system-out")).collect();
    assert_eq!(texts.len(), 3);
    for text in texts {
        assert!(text.text.contains("First duplicate value, of "), "{}", text.text);
        assert!(text.text.contains("client 0") && text.text.contains("add 1 → 1"), "{}", text.text);
    }
}

#[test]
fn what_is_missing_is_an_error_and_what_was_not_judged_is_skipped() {
    let xml = written(&[], Some("not run: mutex (interrupted)"));
    let error = "error: not run: mutex (interrupted)";
    assert_eq!(cases(&xml), [("complete".to_owned(), error.to_owned())]);
    let mut report = lost("oh");
    report.correctness = None;
    let xml = written(&[Section::of(&report)], None);
    let (_, what) = cases(&xml).into_iter().find(|(name, _)| name == "verdict").unwrap();
    assert!(what.starts_with("skipped: nothing was judged"), "{what}");
}

#[test]
fn there_are_no_more_cases_than_anybody_reads() {
    let mut report = lost("oh");
    let one = report.judgement.findings[0].clone();
    report.judgement.findings = vec![one; 1000];
    let cases = cases(&written(&[Section::of(&report)], None));
    assert_eq!(cases.len(), 2 + MOST_FINDINGS + 1);
    assert_eq!(cases.last().unwrap().0, "900 more findings");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_said_the_structure_is_the_same(text in hostile::text()) {
        let of = |text: &str| {
            let hostile = Hostile::new(text);
            structure(&elements(&written(&hostile.sections(), Some(text))))
        };
        prop_assert_eq!(of(&text), of("plain"));
    }
}
