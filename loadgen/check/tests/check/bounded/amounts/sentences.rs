//! What is said of takes and gives of several; and files of them.

use loadgen_check::{explain, files};

use super::examples::{give, take};
use super::*;
use crate::sample::{object, read};

fn said(initial: i64, operations: &[Operation]) -> String {
    let mut object = object(initial, operations);
    for (client, operation) in (1..).zip(&mut object.operations) {
        operation.client = client;
    }
    let anomaly = judge(&object).anomalies.remove(0);
    explain(&object, MODEL, &anomaly, &|ns| ns.to_string()).sentence
}

#[test]
fn a_sentence_says_how_many_there_were() {
    let lost = |op, amount| Operation { arg: amount, ..sample::unknown(op, 0) };
    for (initial, operations, expected) in [
        (
            4,
            vec![take(3, YES, 0, 10), take(3, YES, 0, 20), give(1, 0, 30)],
            "2 takes of 6 in all were answered yes, but there were 5 at most.",
        ),
        (
            5,
            vec![lost(Op::Take, 2), read(3, 5, 10), take(2, YES, 11, 20), take(2, YES, 11, 30)],
            "Client 2's read returned 3; but 2 takes of 4 in all that began after it was over were \
             answered yes, though there were 3 at most.",
        ),
        (
            5,
            vec![take(3, NO, 0, 10), lost(Op::Take, 3), take(3, YES, 11, 20)],
            "Client 1's take asked for 3 and was answered no; but 1 take of 3 in all that began \
             after it was over were answered yes, though there were 2 at most.",
        ),
        (
            1,
            vec![lost(Op::Take, 2), read(-1, 0, 10)],
            "Client 2's read returned -1, and less than nothing cannot be left.",
        ),
        (
            2,
            vec![take(3, NO, 10, 20), give(1, 0, 9)],
            "Client 1's take asked for 3 and was answered no, but at least 3 were left.",
        ),
        (
            0,
            vec![lost(Op::Give, 5), read(5, 5, 10), take(5, NO, 20, 30)],
            "Client 2's read returned 5 and was over before client 3's take began; client 3's take \
             asked for 5 and was answered no, but at least 5 were left.",
        ),
        (
            0,
            vec![read(0, 10, 20), give(1, 0, 9)],
            "Client 1's read returned 0, but at least 1 was left.",
        ),
        (
            5,
            vec![take(2, YES, 0, 10), read(5, 11, 20), read(3, 21, 30)],
            "Client 2's read returned 5, but no more than 3 can have been left.",
        ),
        (
            5,
            vec![take(2, YES, 0, 10), read(5, 11, 20)],
            "Client 2's read returned 5, but no more than 3 can have been left, and every later read \
             returned too much as well.",
        ),
    ] {
        assert_eq!(said(initial, &operations), expected);
    }
}

#[test]
fn a_file_of_amounts_is_read_and_written_again() {
    let text = r#"{"schema":"loadgen/history/2","model":"bounded:3","initial":{}}
{"client":0,"call":0,"return":10,"op":"take","key":"sku","arg":2,"result":true,"outcome":"ok"}
{"client":1,"call":0,"return":20,"op":"take","key":"sku","arg":null,"result":true,"outcome":"ok"}
{"client":1,"call":30,"return":40,"op":"take","key":"sku","arg":2,"result":true,"outcome":"ok"}
{"client":2,"call":50,"return":60,"op":"give","key":"sku","arg":2,"result":null,"outcome":"ok"}
{"client":2,"call":70,"return":80,"op":"give","key":"sku","arg":null,"result":null,"outcome":"unknown"}
"#;
    let (model, history) = files::read(text.as_bytes(), None).unwrap();
    let judgement = loadgen_check::judge(&history, model, &LIMITS).remove(0);
    assert_eq!(judgement.anomalies, [sample::anomaly(Oversell, &[40], &[0, 2])]);
    let mut written = Vec::new();
    files::write(&mut written, model, &history).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), text);
    // With takes of one alone it is one of the first version.
    let one: String = text.split_inclusive('\n').filter(|line| !line.contains(":2,")).collect();
    let (model, history) = files::read(one.as_bytes(), None).unwrap();
    let mut written = Vec::new();
    files::write(&mut written, model, &history).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), one.replace("history/2", "history/1"));
    // That several are taken is of the second.
    let several: String =
        text.split_inclusive('\n').filter(|line| !line.contains("give")).collect();
    let (model, history) = files::read(several.as_bytes(), None).unwrap();
    let mut written = Vec::new();
    files::write(&mut written, model, &history).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), several);
    for arg in ["0", "-1", "1.5", "\"2\"", "true"] {
        let wrong = text.replace("\"arg\":2", &format!("\"arg\":{arg}"));
        let error = files::read(wrong.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains("\"arg\" is"), "{error}");
    }
}
