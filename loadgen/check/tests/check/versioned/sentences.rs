//! The sentences, about the smallest documents that are wrong in each way; and a file of one.

use std::sync::Arc;

use loadgen_check::history::{Initial, NIL, NO, Op, Outcome};
use loadgen_check::{Object, Operation, Tokens, Verdict, explain, files};

use super::{MODEL, judge};

/// The versions that they are about, in the order of their names.
fn versions() -> (Tokens, [i64; 4]) {
    let mut tokens = Tokens::default();
    let versions = ["\"a\"", "\"b\"", "\"c\"", "\"d\""].map(|version| tokens.of(version));
    (tokens, versions)
}

fn operation(client: u32, op: Op, arg: i64, result: i64, times_ns: (u64, u64)) -> Operation {
    let (call_ns, return_ns) = times_ns;
    Operation { call_ns, return_ns, arg, new: NIL, result, client, op, outcome: Outcome::Ok }
}

fn write(client: u32, expected: i64, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    operation(client, Op::Write, expected, result, (call_ns, return_ns))
}

fn read(client: u32, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    operation(client, Op::Read, NIL, result, (call_ns, return_ns))
}

/// The sentence about the one anomaly.
#[track_caller]
fn sentence(operations: Vec<Operation>) -> String {
    let (tokens, [a, ..]) = versions();
    let (initial, tokens) = (Initial::Value(a), Arc::new(tokens));
    let object = Object { initial, operations, tokens, ..Object::default() };
    let judgement = judge(&object).unwrap();
    let [anomaly] = &judgement.anomalies[..] else { panic!("{judgement:?}") };
    explain(&object, MODEL, anomaly, &|time_ns| format!("{time_ns} ns")).sentence
}

#[test]
fn about_writes() {
    let (_, [a, b, c, d]) = versions();
    assert_eq!(
        sentence(vec![write(3, a, b, 0, 10), write(5, a, c, 0, 20)]),
        "Client 3's write expected version \"a\" and was acknowledged, and so was client 5's; but \
         only one of them can have replaced it, so the other was lost."
    );
    assert_eq!(
        sentence(vec![write(3, a, b, 0, 10), write(4, NIL, c, 11, 20), write(5, b, d, 21, 30)]),
        "Client 3's write from version \"a\" to version \"b\" was over before client 4's write to \
         version \"c\" began, and that was over before client 5's write began; but client 5's write \
         expected version \"b\" and was acknowledged, which had been replaced by then."
    );
    assert_eq!(
        sentence(vec![write(3, b, c, 0, 10), write(4, a, b, 11, 20)]),
        "Client 3's write expected version \"b\" and was acknowledged and was over before client \
         4's write made that version."
    );
}

#[test]
fn about_reads() {
    let (_, [a, b, c, d]) = versions();
    assert_eq!(
        sentence(vec![read(3, d, 0, 10)]),
        "Client 3's read returned version \"d\", which nobody made and which was not there at first."
    );
    let unknown = Operation { outcome: Outcome::Unknown, ..write(1, NIL, NIL, 0, 10) };
    assert_eq!(
        sentence(vec![unknown, read(3, c, 0, 10), read(4, d, 0, 20)]),
        "Client 4's read returned version \"d\", which nobody is known to have made, like 1 others \
         by then; but no more than 1 write of unknown version had begun."
    );
    assert_eq!(
        sentence(vec![write(3, a, b, 0, 99), read(4, b, 0, 10), read(5, a, 11, 20)]),
        "Client 3's write replaced version \"a\", and client 4's read of version \"b\" shows that \
         it was done before client 5's read began; but client 5's read returned version \"a\", \
         which had been replaced by then."
    );
}

#[test]
fn about_refusals() {
    let (_, [a, b, ..]) = versions();
    assert_eq!(
        sentence(vec![write(3, a, NO, 0, 10)]),
        "Client 3's write expected version \"a\" and was refused; but that version was there at \
         first, and no write can have replaced it by then."
    );
    assert_eq!(
        sentence(vec![write(3, a, b, 0, 10), write(4, b, NO, 11, 20), read(5, b, 21, 30)]),
        "Client 4's write expected version \"b\" and was refused; but that version was there before \
         it, as client 3's write from version \"a\" to version \"b\" shows, and was still there \
         after it, as client 5's read of version \"b\" shows."
    );
    assert_eq!(
        sentence(vec![write(3, NIL, NO, 0, 10)]),
        "Client 3's write expected no version, but was refused."
    );
}

#[test]
fn about_orders() {
    let (_, [_, b, c, d]) = versions();
    let operations = vec![
        write(1, NIL, b, 0, 99),
        write(2, b, c, 20, 90),
        write(3, c, d, 5, 90),
        read(4, d, 5, 10),
    ];
    assert_eq!(
        sentence(operations),
        "Client 4's read of version \"d\" was over before client 2's write from version \"b\" to \
         version \"c\" began; but what they replaced shows that the version of the second came \
         first: a contradiction."
    );
    assert_eq!(
        sentence(vec![write(1, c, b, 0, 10), write(2, b, c, 0, 20)]),
        "Client 1's write from version \"c\" to version \"b\", client 2's write from version \"b\" \
         to version \"c\": each expected what came after it."
    );
    let operations = vec![
        write(1, NIL, b, 0, 90),
        write(2, NIL, c, 0, 90),
        read(3, b, 5, 10),
        read(4, c, 11, 20),
        read(3, b, 21, 30),
    ];
    assert_eq!(
        sentence(operations),
        "Client 3's read at 5 ns of version \"b\" was over before client 4's read of version \"c\" \
         began, so its version comes first; but client 4's read of version \"c\" was over before \
         client 3's read at 21 ns of version \"b\" began, so it comes second: a contradiction."
    );
}

#[test]
fn a_file_is_read_judged_and_written_again() {
    let text = "\
{\"schema\":\"loadgen/history/2\",\"model\":\"versioned\",\"initial\":{\"i\":\"\\\"a\\\"\"}}
{\"client\":1,\"call\":0,\"return\":10,\"op\":\"write\",\"key\":\"i\",\"arg\":\"\\\"a\\\"\",\"result\":\"\\\"b\\\"\",\"outcome\":\"ok\"}
{\"client\":2,\"call\":5,\"return\":12,\"op\":\"write\",\"key\":\"i\",\"arg\":\"\\\"a\\\"\",\"result\":false,\"outcome\":\"ok\"}
{\"client\":2,\"call\":13,\"return\":null,\"op\":\"write\",\"key\":\"i\",\"arg\":\"\\\"b\\\"\",\"result\":null,\"outcome\":\"unknown\"}
{\"client\":1,\"call\":20,\"return\":30,\"op\":\"read\",\"key\":\"i\",\"arg\":null,\"result\":\"7f\",\"outcome\":\"ok\"}
";
    let (model, history) = files::read(text.as_bytes(), None).unwrap();
    assert_eq!(model, MODEL);
    let judgement = judge(&history.objects[0]).unwrap();
    assert_eq!((judgement.verdict, judgement.order), (Verdict::Valid, Some(vec![0, 1, 2, 3])));
    let mut written = Vec::new();
    files::write(&mut written, model, &history).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), text);
    // The first schema does not have the model, whatever its versions are.
    let mut written = Vec::new();
    files::write(&mut written, model, &loadgen_check::History::default()).unwrap();
    assert!(written.starts_with(b"{\"schema\":\"loadgen/history/2\""));
}
