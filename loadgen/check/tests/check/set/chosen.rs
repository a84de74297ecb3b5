//! Additions of which the set chose the element.

use fastrand::Rng;
use loadgen_check::AnomalyKind::{DuplicateValue, Phantom};
use loadgen_check::files;
use loadgen_check::history::{NIL, Op, Outcome};
use loadgen_check::{History, Model, Object, Operation, Verdict, verify};

use super::{judge, made_up};
use crate::sample::{done, read, unknown};

/// An addition that was answered with the element the set chose for it.
fn chosen(element: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: element, ..done(Op::Add, element, call_ns, return_ns) }
}

/// One whose answer never came.
fn unanswered(call_ns: u64) -> Operation {
    Operation { arg: NIL, ..unknown(Op::Add, call_ns) }
}

fn object(operations: Vec<Operation>, lists: &[&[i64]]) -> Object {
    let lists = lists.iter().collect();
    Object { operations, lists, ..Object::default() }
}

#[test]
fn an_element_that_was_chosen_twice_is_a_duplicate_value() {
    let operations = vec![
        chosen(1, 0, 10),
        chosen(2, 5, 20),
        chosen(1, 6, 30),
        chosen(1, 7, 40),
        read(0, 50, 60),
    ];
    let object = object(operations, &[&[1, 2]]);
    let judged = judge(&object).unwrap();
    assert_eq!(judged.verdict, Verdict::Invalid);
    let [anomaly] = &judged.anomalies[..] else { panic!("{judged:?}") };
    assert_eq!((anomaly.kind, anomaly.count), (DuplicateValue, 2));
    assert_eq!((&anomaly.times_ns[..], &anomaly.witness[..]), (&[30, 40][..], &[0, 2][..]));
    assert!(verify(&object, Model::Set, anomaly));
}

#[test]
fn an_element_that_was_given_twice_is_not() {
    let give = |call_ns| done(Op::Add, NIL, call_ns, call_ns + 10);
    let object = object(vec![give(0), give(5), read(0, 50, 60)], &[&[1]]);
    assert_eq!(judge(&object).unwrap().verdict, Verdict::Valid);
}

#[test]
fn who_chose_the_elements_changes_nothing_else() {
    let mut rng = Rng::with_seed(5);
    let mut valid = 0;
    for _ in 0..2000 {
        let mut object = made_up(&mut rng);
        let judged = judge(&object).unwrap();
        let mut seen = Vec::new();
        for add in object.operations.iter_mut().filter(|add| add.op == Op::Add) {
            if add.outcome == Outcome::Ok && !seen.contains(&add.arg) {
                seen.push(add.arg);
                add.result = add.arg;
            }
        }
        assert_eq!(judge(&object).unwrap(), judged, "{object:?}");
        valid += usize::from(judged.verdict == Verdict::Valid);
    }
    assert!((100..1900).contains(&valid), "{valid} of 2000 are valid");
}

#[test]
fn an_addition_without_an_answer_may_have_added_anything() {
    let lists: [&[i64]; 2] = [&[1, 7], &[1, 7, 8]];
    let operations = |list| vec![chosen(1, 0, 10), unanswered(5), read(list, 50, 60)];
    let explained = judge(&object(operations(0), &lists[..1])).unwrap();
    assert_eq!(explained.verdict, Verdict::Unknown, "{explained:?}");
    // One of the two can be its, and not both.
    let judged = judge(&object(operations(1), &lists)).unwrap();
    assert_eq!((judged.anomalies[0].kind, judged.anomalies[0].count), (Phantom, 2));
    // What it added, if it did, need not be there yet.
    let unseen = judge(&object(vec![chosen(1, 0, 10), unanswered(5), read(0, 50, 60)], &[&[1]]));
    assert_eq!(unseen.unwrap().verdict, Verdict::Valid);
}

#[test]
fn an_acknowledged_addition_of_who_knows_what_is_undecided() {
    let unread = Operation { arg: NIL, ..done(Op::Add, NIL, 5, 20) };
    let judged = judge(&object(vec![chosen(1, 0, 10), unread, read(0, 50, 60)], &[&[1, 7]]));
    assert_eq!(judged.unwrap().verdict, Verdict::Unknown);
}

#[test]
fn chosen_elements_are_written_and_read_again() {
    let operations =
        vec![chosen(1, 0, 10), unanswered(5), Operation { arg: NIL, ..read(0, 50, 60) }];
    let history =
        History { objects: vec![Object { key: "jobs".to_owned(), ..object(operations, &[&[1]]) }] };
    let mut bytes = Vec::new();
    files::write(&mut bytes, Model::Set, &history).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(r#""arg":1,"result":1,"outcome":"ok""#), "{text}");
    assert!(text.contains(r#""arg":null,"result":null,"outcome":"unknown""#), "{text}");
    let (model, again) = files::read(&bytes[..], None).unwrap();
    assert_eq!(
        (model, again.objects[0].operations.clone()),
        (Model::Set, history.objects[0].operations.clone())
    );

    let wrong = text.replace(r#""arg":1,"result":1"#, r#""arg":1,"result":2"#);
    let error = files::read(wrong.as_bytes(), None).unwrap_err().to_string();
    assert!(error.contains("expected the element that was added"), "{error}");
}
