use super::*;
use crate::extract::{Body, Steps};

const NUMBER: fn() -> Extract = || Extract::Json("/n".to_owned());

fn heard(content: Option<&str>) -> Heard<'_> {
    let bytes = content.unwrap_or_default().as_bytes();
    let body = Body { bytes, is_whole: content.is_some(), limit: 1000, ..Body::default() };
    Heard { status: 200, head: b"", body, field: None, steps: Steps::default() }
}

fn entry(meaning: &Meaning, op: Op, told: Told, content: &str) -> Entry {
    meaning.interpret(op, told, heard(Some(content)), &mut Pool::default())
}

const APPLIED: Told = Told::Declared(Word::Applied);

fn of(outcome: Outcome, result: i64) -> Entry {
    Entry::Of { outcome, result }
}

#[test]
fn an_answer_that_cannot_be_read_carries_no_result() {
    for (meaning, op) in [
        (Meaning::Number(NUMBER()), Op::Add),
        (Meaning::Number(NUMBER()), Op::Read),
        (Meaning::Chosen(NUMBER()), Op::Add),
        (Meaning::Taken(Some(NUMBER())), Op::Take),
        (Meaning::Elements(NUMBER()), Op::Read),
    ] {
        let many_digits = r#"{"n":9223372036854775808}"#;
        for content in [None, Some(""), Some("busy"), Some(many_digits)] {
            // An id may have any number of digits.
            if matches!(meaning, Meaning::Chosen(_)) && content == Some(many_digits) {
                continue;
            }
            let mut pool = Pool::default();
            let entry = meaning.interpret(op, APPLIED, heard(content), &mut pool);
            assert_eq!(entry, Entry::Unreadable, "{meaning:?} {content:?}");
            assert_eq!(pool, Pool::default());
        }
    }
}

#[test]
fn what_is_refused_is_an_observation_where_something_is_taken() {
    let take = Meaning::Taken(None);
    for (told, expected) in [
        (APPLIED, of(Outcome::Ok, YES)),
        (Told::Declared(Word::Refused), of(Outcome::Ok, NO)),
        (Told::Declared(Word::Empty), of(Outcome::Ok, NO)),
        (Told::Declared(Word::Same), Entry::None),
        (Told::Declared(Word::NotApplied), Entry::None),
        (Told::Declared(Word::Unknown), of(Outcome::Unknown, NIL)),
        // Not even 409: a lock that is held may be meant as well.
        (Told::Assumed, of(Outcome::Fail, NIL)),
    ] {
        assert_eq!(entry(&take, Op::Take, told, ""), expected, "{told:?}");
    }
    let by_result = Meaning::Taken(Some(NUMBER()));
    for (number, expected) in [(0, NO), (1, YES), (7, YES), (-1, YES)] {
        let content = format!(r#"{{"n":{number}}}"#);
        let entry = entry(&by_result, Op::Take, APPLIED, &content);
        assert_eq!(entry, of(Outcome::Ok, expected), "{number}");
    }
}

#[test]
fn what_is_refused_says_nothing_of_other_updates() {
    for (meaning, op) in [
        (Meaning::Nothing, Op::Add),
        (Meaning::Number(NUMBER()), Op::Add),
        (Meaning::Nothing, Op::Write),
    ] {
        for word in [Word::Refused, Word::Empty, Word::Same, Word::NotApplied] {
            assert_eq!(entry(&meaning, op, Told::Declared(word), r#"{"n":3}"#), Entry::None);
        }
        assert_eq!(entry(&meaning, op, Told::Assumed, r#"{"n":3}"#), of(Outcome::Fail, NIL));
        let unknown = entry(&meaning, op, Told::Declared(Word::Unknown), r#"{"n":3}"#);
        assert_eq!(unknown, of(Outcome::Unknown, NIL));
    }
}

#[test]
fn results_are_read_where_they_stand() {
    let mut pool = Pool { lists: [[1]].into_iter().collect(), ..Pool::default() };
    let list = Meaning::Elements(Extract::Json("/l".to_owned()));
    let read = list.interpret(Op::Read, APPLIED, heard(Some(r#"{"l":[4,5]}"#)), &mut pool);
    assert_eq!(read, of(Outcome::Ok, 1));
    assert!(pool.lists.get(1).unwrap().elements().eq([4, 5]));
    let texts = heard(Some(r#"{"l":["a@x",4,"a@x"]}"#));
    assert_eq!(list.interpret(Op::Read, APPLIED, texts, &mut pool), of(Outcome::Ok, 2));
    let user = pool.tokens.of("a@x");
    assert!(pool.lists.get(2).unwrap().elements().eq([4, user, user]));
    // What the service chose to add, and what is taken, are told as they stand in lists.
    let text = |content| heard(Some(content));
    for content in [r#"{"n":"a@x"}"#, r#"{"n":" a@x"}"#] {
        let chosen = Meaning::Chosen(NUMBER());
        let chosen = chosen.interpret(Op::Add, APPLIED, text(content), &mut pool);
        assert_eq!(chosen, Entry::Chosen { element: user });
        let taken = Meaning::Value(NUMBER());
        let taken = taken.interpret(Op::Take, APPLIED, text(content), &mut pool);
        assert_eq!(taken, of(Outcome::Ok, user));
    }
    let taken = Meaning::Value(NUMBER());
    let whole = taken.interpret(Op::Take, APPLIED, text(r#"{"n":4.0}"#), &mut pool);
    assert_eq!(whole, of(Outcome::Ok, 4));
    let number = Meaning::Number(NUMBER());
    assert_eq!(entry(&number, Op::Add, APPLIED, r#"{"n":3}"#), of(Outcome::Ok, 3));
    let header = Meaning::Number(Extract::Header(http::HeaderName::from_static("x-total")));
    let heard = Heard { field: Some("8"), ..heard(None) };
    assert_eq!(header.interpret(Op::Add, APPLIED, heard, &mut pool), of(Outcome::Ok, 8));
}

/// The result of what is done once is none of what was asked for.
#[test]
fn only_an_element_that_the_service_chose_is_what_was_added() {
    let added = |meaning: &Meaning| entry(meaning, Op::Add, APPLIED, r#"{"n":3}"#);
    assert_eq!(added(&Meaning::Chosen(NUMBER())), Entry::Chosen { element: 3 });
    for meaning in [Meaning::Effect(NUMBER()), Meaning::Value(NUMBER())] {
        assert!(matches!(added(&meaning), Entry::Of { outcome: Outcome::Ok, .. }), "{meaning:?}");
    }
}

#[test]
fn a_value_is_a_text_or_an_integer_and_the_same_each_time() {
    let mut pool = Pool::default();
    let header = Meaning::Value(Extract::Header(http::HeaderName::from_static("etag")));
    let pattern = Meaning::Value("regex:<(.*)>".parse().unwrap());
    let mut value =
        |meaning: &Meaning, heard| match meaning.interpret(Op::Add, APPLIED, heard, &mut pool) {
            Entry::Of { outcome: Outcome::Ok, result } => pool.tokens.value(result).to_string(),
            entry => format!("{entry:?}"),
        };
    let json = Meaning::Value(NUMBER());
    for (content, expected) in [
        (r#"{"n":"ord-17"}"#, "ord-17"),
        (r#"{"n":17}"#, "17"),
        (r#"{"n":" 17 "}"#, "17"),
        (r#"{"n":1.50}"#, "1.50"),
        (r#"{"n":18446744073709551616}"#, "18446744073709551616"),
        (r#"{"n":""}"#, "Unreadable"),
        (r#"{"n":[1]}"#, "Unreadable"),
        (r#"{"n":true}"#, "Unreadable"),
        (r#"{"n":null}"#, "nothing"),
        ("busy", "Unreadable"),
    ] {
        assert_eq!(value(&json, heard(Some(content))), expected, "{content}");
    }
    assert_eq!(value(&pattern, heard(Some("order <a b>, 20.5"))), "a b");
    assert_eq!(value(&header, Heard { field: Some("\"x\""), ..heard(None) }), "\"x\"");
    assert_eq!(value(&header, Heard { field: Some(" "), ..heard(None) }), "Unreadable");
    assert_eq!(pool.tokens.texts().count(), 5);
}
