//! What is said, and what files say.

use loadgen_check::history::{NEVER, NIL, NO, Outcome};
use loadgen_check::{Model, Operation, explain, files, verify};

use super::examples::{add, object, read};
use super::judge;

/// The sentences about the anomalies of `operations`, whose clients are numbered from 1.
fn sentences(operations: &[Operation]) -> Vec<String> {
    let mut object = object(operations);
    for (client, operation) in (1..).zip(&mut object.operations) {
        operation.client = client;
    }
    let time = |time_ns: u64| format!("{time_ns} ns");
    let anomalies = judge(&object).unwrap().anomalies;
    anomalies.iter().map(|one| explain(&object, Model::Once, one, &time).sentence).collect()
}

#[test]
fn about_effects_and_payloads() {
    assert_eq!(
        sentences(&[add(5, 7, 0, 10), add(5, 8, 0, 20)]),
        ["Client 1's add of 5 returned 7 and client 2's add of 5 returned 8; one key has one \
          effect, so it was done twice."]
    );
    assert_eq!(
        sentences(&[add(5, 7, 0, 10), add(6, 7, 0, 20)]),
        [
            "Client 1's add of 5 was accepted, and client 2's add of 6 was accepted; but a key holds \
          one payload."
        ]
    );
    assert_eq!(
        sentences(&[add(NIL, 7, 0, 10), read(6, 7, 0, 20)]),
        ["Client 1's add was accepted, and client 2's read of 6 returned 7; but a key holds one \
          payload."]
    );
    assert_eq!(
        sentences(&[add(5, 7, 0, 10), add(5, NO, 0, 20)]),
        ["Client 1's add of 5 was accepted; but client 2's add of 5 was refused, as if the key \
          held another payload."]
    );
}

#[test]
fn about_what_is_not_there() {
    let lost = [add(5, 7, 0, 10), read(NIL, NIL, 20, 30)];
    assert_eq!(
        sentences(&lost),
        ["Client 1's add of 5 was accepted and was over before client 2's read began; but client \
          2's returned nothing, and no later answer shows what was there: it was lost."]
    );
    assert_eq!(
        sentences(&[&lost[..], &[read(NIL, 7, 40, 50)]].concat()),
        ["Client 1's add of 5 was accepted and was over before client 2's read began; but client \
          2's returned nothing."]
    );
}

#[test]
fn about_what_was_there_too_early() {
    let failed = |arg| Operation { outcome: Outcome::Fail, ..add(arg, NIL, 0, 5) };
    let unknown = |arg, call_ns| add(arg, NIL, call_ns, NEVER);
    for (operations, sentence) in [
        (vec![read(NIL, 7, 0, 10)], "Client 1's read returned 7; but there was no add."),
        (
            vec![read(5, 7, 0, 10), unknown(6, 0)],
            "Client 1's read of 5 returned 7; but there was no add of 5.",
        ),
        (
            vec![read(5, 7, 0, 10), failed(5), unknown(6, 0)],
            "Client 1's read of 5 returned 7; but every add of 5 had failed.",
        ),
        (
            vec![read(NIL, 7, 0, 10), unknown(6, 11)],
            "Client 1's read returned 7; but no add had begun when it was over.",
        ),
        (
            vec![add(5, NO, 0, 10), unknown(5, 0)],
            "Client 1's add of 5 was refused; but no add of another payload had begun when it was \
             over.",
        ),
        (
            vec![unknown(6, 0), add(5, NO, 0, 10), add(8, 7, 20, 30)],
            "Client 2's add of 5 was refused; but no payload that can have come first by then is \
             the key's: client 3's add of 8 was accepted.",
        ),
        (
            vec![unknown(5, 0), unknown(6, 0), add(5, NO, 0, 10), add(6, NO, 0, 20)],
            "Client 3's add of 5 was refused; but no payload that can have come first by then is \
             the key's: client 4's add of 6 was refused.",
        ),
        (
            vec![unknown(5, 0), read(NIL, 7, 0, 10), read(6, 7, 0, 20)],
            "Client 2's read returned 7; but no payload that was added is the key's: client 3's \
             read of 6 returned 7.",
        ),
    ] {
        assert_eq!(sentences(&operations), [sentence]);
    }
}

const PAYMENT: &str = r#"{"schema":"loadgen/history/2","model":"once","initial":{}}
{"client":1,"call":0,"return":10,"op":"add","key":"k-1","arg":"10 EUR","result":"pay-1","outcome":"ok"}
{"client":2,"call":0,"return":12,"op":"add","key":"k-1","arg":"20 EUR","result":false,"outcome":"ok"}
{"client":3,"call":5,"return":15,"op":"read","key":"k-1","arg":"10 EUR","result":"pay-1","outcome":"ok"}
{"client":4,"call":0,"return":3,"op":"read","key":"k-1","arg":null,"result":null,"outcome":"ok"}
{"client":1,"call":20,"return":30,"op":"add","key":"k-1","arg":"10 EUR","result":"pay-2","outcome":"ok"}
"#;

#[test]
fn a_file_of_texts_is_read_judged_explained_and_written() {
    let (model, history) = files::read(PAYMENT.as_bytes(), None).unwrap();
    let mut again = Vec::new();
    files::write(&mut again, model, &history).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), PAYMENT);
    let object = &history.objects[0];
    let [double] = &judge(object).unwrap().anomalies[..] else { panic!("{history:?}") };
    assert!(verify(object, model, double));
    assert_eq!(
        explain(object, model, double, &|time_ns| format!("{time_ns} ns")).sentence,
        "Client 1's add at 0 ns of 10 EUR returned pay-1 and client 1's add at 20 ns of 10 EUR \
         returned pay-2; one key has one effect, so it was done twice."
    );
}

#[test]
fn what_only_an_addition_is_answered_with_is_refused_of_a_read() {
    let read = PAYMENT.replace("\"arg\":null,\"result\":null", "\"arg\":null,\"result\":false");
    let error = files::read(read.as_bytes(), None).unwrap_err().to_string();
    assert!(error.contains("\"result\" is false: expected a value or null"), "{error}");
}
