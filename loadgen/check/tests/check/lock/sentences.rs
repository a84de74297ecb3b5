//! What is said of locks; and files of them.

use loadgen_check::{explain, files};

use super::examples::{anomalies, give, lock, take};
use super::*;
use crate::sample::anomaly;

#[test]
fn a_sentence_says_who_held_it() {
    let said = |operations: &[Operation]| {
        let object = lock(operations);
        let anomaly = judge(&object).anomalies.remove(0);
        explain(&object, Model::Lock, &anomaly, &|ns| format!("{ns} ns")).sentence
    };
    for (operations, expected) in [
        (
            vec![take(1, YES, 0, 10), give(1, YES, 30, 40), take(2, YES, 15, 20)],
            "Client 1 was granted the lock by 10 ns and held it until client 1's give began; but by \
             20 ns it was granted to client 2 as well.",
        ),
        (
            vec![take(1, YES, 0, 10), take(2, YES, 15, 20)],
            "Client 1 was granted the lock by 10 ns and never gave it back; but by 20 ns it was \
             granted to client 2 as well.",
        ),
        (
            vec![take(1, YES, 0, 10), give(1, NO, 15, 20)],
            "Client 1's take was granted and was over before client 1's give began, and it had not \
             given the lock back since; but that was answered no.",
        ),
        (
            vec![give(1, YES, 15, 20)],
            "Client 1's give was answered as done, but the lock had never been granted to it.",
        ),
        (
            vec![give(1, NO, 5, 10), give(1, YES, 15, 20)],
            "Client 1's give at 15 ns was answered as done, but the lock had not been granted to it \
             since client 1's give at 5 ns.",
        ),
        (
            vec![take(1, NO, 0, 10)],
            "Client 1's take was refused, but the lock was free: nobody had taken it before, and \
             nobody held it later.",
        ),
        (
            vec![
                take(1, YES, 0, 10),
                give(1, YES, 11, 20),
                take(2, NO, 21, 30),
                take(3, YES, 31, 40),
            ],
            "Client 2's take was refused, but the lock was free: client 1 had given it back before, \
             and the next to hold it was client 3, which asked for it later.",
        ),
    ] {
        assert_eq!(said(&operations), expected);
    }
}

#[test]
fn a_file_says_the_same_again() {
    let text = r#"{"schema":"loadgen/history/2","model":"lock","initial":{}}
{"client":0,"call":0,"return":10,"op":"take","key":"a \"b\"","arg":null,"result":true,"outcome":"ok"}
{"client":1,"call":0,"return":20,"op":"take","key":"a \"b\"","arg":null,"result":true,"outcome":"ok"}
{"client":1,"call":30,"return":40,"op":"give","key":"a \"b\"","arg":null,"result":null,"outcome":"ok"}
{"client":2,"call":30,"return":40,"op":"give","key":"a \"b\"","arg":null,"result":false,"outcome":"ok"}
"#;
    let (model, history) = files::read(text.as_bytes(), None).unwrap();
    assert_eq!(anomalies(&history.objects[0].operations), [anomaly(TwoHolders, &[20], &[0, 1])]);
    let mut written = Vec::new();
    files::write(&mut written, model, &history).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), text);
}
