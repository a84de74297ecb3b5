//! Rules that find a number, over answers of any kind.

use std::fmt::Write as _;
use std::time::Duration;

use check::{Model, Tokens};
use http::Method;

use super::token::{is_whole, normal};
use crate::extract::{Decimal, Extract, Found, Heard, Json, Next, NotFound, Pointed, Reason};
use crate::reply::Reply;
use crate::scenario::{Call, Place, Step};
use crate::wire::Listener;

/// Looks for a number by a rule: it is found in pieces as in the whole, it is a whole number of the
/// answer, a JSON pointer leads to it in a library as well, each rule that is offered instead finds what
/// it is shown with, and where the next page is does not depend on the pieces either.
///
/// The first three lines are the rule, as on the command line, Content-Type and Content-Encoding;
/// the rest is the content, and the value of the header where the rule names one.
///
/// # Panics
/// When any of that does not hold.
pub fn extract(bytes: &[u8]) {
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let [rule, content_type, encoding] = [line(), line(), line()].map(String::from_utf8_lossy);
    let content = line();
    let Ok(rule) = rule.parse::<Extract>() else { return };
    let mut head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Encoding: {encoding}\r\n"
    );
    if let Some(name) = rule.header() {
        let value = String::from_utf8_lossy(content);
        let value = value.lines().next().unwrap_or_default();
        write!(head, "{name}: {value}\r\n").expect("memory takes all");
    }
    head.push_str("\r\n");
    let step = step(&rule);
    let (mut whole, mut in_pieces) = (Reply::of_state(), Reply::of_state());
    hear(&mut whole, &step, &head, [content]);
    hear(&mut in_pieces, &step, &head, content.chunks(1 + content.len() % 7));
    let answer = whole.heard();
    let found = rule.number(&answer);
    assert_eq!(in_pieces.heard().body.bytes, answer.body.bytes);
    assert_eq!(rule.number(&in_pieces.heard()), found);
    let elements = |rule: &Extract, heard: &Heard<'_>| {
        let mut tokens = Tokens::default();
        (rule.elements(heard, &mut tokens), tokens)
    };
    assert_eq!(elements(&rule, &in_pieces.heard()), elements(&rule, &answer));
    let at = rule.clone();
    for next in [Next::Link, Next::At(at.clone()), Next::Parameter("page".to_owned(), at)] {
        assert_eq!(next.of(&in_pieces.heard()), next.of(&answer));
    }
    assert_eq!(in_pieces.heard().goes_on(), answer.goes_on());
    match found {
        Found::Value(number) => hold(&rule, &answer, number),
        Found::Nothing => {}
        Found::Unreadable(reason) => {
            hold_offers(&NotFound::new(&rule, &answer, reason, false), &answer);
        }
    }
    for rule in NotFound::new(&rule, &answer, Reason::NoList, true).rules() {
        let rule: Extract = rule.parse().expect("it is a rule");
        let (found, tokens) = elements(&rule, &answer);
        let Found::Value(found) = found else { panic!("{rule}: {found:?}") };
        for element in found {
            let written = tokens.value(element).to_string();
            assert_eq!(tokens.clone().of(&written), element, "{rule}: {written}");
        }
    }
}

fn step(rule: &Extract) -> Step {
    let call = Call::new(Method::GET, None);
    Step::reading(Place::Path("/".into()), call, Some(Model::Counter), (rule, None), Duration::ZERO)
}

fn hear<'p>(
    reply: &mut Reply,
    step: &Step,
    head: &str,
    pieces: impl IntoIterator<Item = &'p [u8]>,
) {
    let mut listening = reply.listen_to_all(step);
    listening.head(200, head.as_bytes());
    for piece in pieces {
        listening.content(piece);
    }
}

/// Holds a number that was found against the answer.
fn hold(rule: &Extract, heard: &Heard<'_>, number: Decimal) {
    let number = number.to_string();
    if let (Extract::Header(_), Some(field)) = (rule, heard.field) {
        assert_eq!(normal(field.trim()).as_deref(), Some(&*number), "{field}");
        return;
    }
    let text = heard.body.text().expect("a number was found in it");
    match (rule, Json::parse(&text)) {
        (Extract::Json(pointer), Some(json)) => {
            let Pointed::To(ours) = json.pointer(pointer) else { panic!("{pointer}: {text}") };
            let written = match ours {
                Json::Number(written) => written,
                Json::String(written) => written.trim(),
                other => panic!("{other:?} is no number"),
            };
            assert_eq!(normal(written).as_deref(), Some(&*number), "{written}");
            agree_with_library(&text, pointer, written);
        }
        (Extract::Only | Extract::Last, Some(_)) => {}
        _ => assert!(is_whole(&text, &number), "{rule}: {number} in {text:?}"),
    }
}

/// A library finds the same text at `pointer`, unless there are numbers in it that are none to it.
fn agree_with_library(text: &str, pointer: &str, written: &str) {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else { return };
    let theirs = match value.pointer(pointer) {
        Some(serde_json::Value::String(theirs)) => theirs.trim().to_owned(),
        Some(serde_json::Value::Number(theirs)) => theirs.to_string(),
        other => panic!("{pointer} leads to {other:?} of {text}"),
    };
    // Of what does not fit into 64 bits the library makes a float.
    let floats = [written, &theirs].map(|text| text.parse::<f64>().ok());
    let [Some(ours), Some(theirs)] = floats else { panic!("{written}, not {theirs}") };
    assert!((ours - theirs).abs() <= ours.abs() * 1e-15, "{ours}, not {theirs}");
}

/// Each rule that is offered finds the number that it is shown with.
pub(super) fn hold_offers(offers: &NotFound, heard: &Heard<'_>) {
    for (rule, shown) in offered(&offers.offers().to_string()) {
        let found = rule.number(heard).value().map(|number| number.to_string());
        assert_eq!(found.as_deref(), Some(&*shown), "{rule}");
    }
}

/// The rules that `offers` are of, and what each is shown with.
fn offered(offers: &str) -> impl Iterator<Item = (Extract, String)> {
    let lines = offers.lines().filter_map(|line| line.strip_prefix("  --extract "));
    lines.map(|line| {
        let (rule, shown) = line.rsplit_once(" = ").expect("what it finds is shown");
        let words = shell_words::split(rule).expect("a shell takes it");
        let [rule] = words.as_slice() else { panic!("{words:?} are no single word") };
        (rule.parse().expect("it is a rule"), shown.to_owned())
    })
}
