use std::time::Duration;

use check::history::{NEVER, YES};
use check::{History, Judgement};

use super::*;
use crate::judge::JudgedKind;
use crate::plan::Effort;

const MS: u64 = 1_000_000;

fn operation(client: u32, op: Op, arg: i64, result: i64, times_ns: (u64, u64)) -> Operation {
    let (call_ns, return_ns) = times_ns;
    let outcome = if return_ns == NEVER { Outcome::Unknown } else { Outcome::Ok };
    Operation { call_ns, return_ns, arg, new: NIL, result, client, op, outcome }
}

fn add(client: u32, arg: i64, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    operation(client, Op::Add, arg, result, (call_ns, return_ns))
}

fn read(client: u32, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    operation(client, Op::Read, NIL, result, (call_ns, return_ns))
}

fn write(client: u32, value: i64, call_ns: u64, return_ns: u64) -> Operation {
    operation(client, Op::Write, value, NIL, (call_ns, return_ns))
}

fn take(client: u32, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    operation(client, Op::Take, NIL, result, (call_ns, return_ns))
}

fn object(operations: Vec<Operation>) -> Object {
    Object { key: "i".to_owned(), operations, ..Object::default() }
}

fn judged(model: Model, object: Object) -> Judged {
    let effort = Effort { timeout: Duration::from_mins(1), memory_bytes: 1 << 30, certify: false };
    Judged::new(History { objects: vec![object] }, model, effort, &|| Duration::ZERO)
}

/// All blocks about `object`, as its judge finds its anomalies.
fn text(model: Model, object: Object) -> String {
    let judged = judged(model, object);
    let blocks: Vec<_> =
        blocks(&judged, Screen::default()).iter().map(|block| block.join("\n")).collect();
    blocks.join("\n\n")
}

/// The table of all operations of `object`.
fn table(object: &Object) -> Vec<String> {
    let all = (0..).zip(&object.operations).map(|(index, _): (u32, _)| index).collect();
    let anomaly = anomaly(AnomalyKind::NotLinearizable, all);
    Witness::new(object, Model::Register, &anomaly).table().lines(Screen::default())
}

fn anomaly(kind: AnomalyKind, witness: Vec<u32>) -> Anomaly {
    Anomaly { kind, count: 1, times_ns: Vec::new(), witness }
}

#[test]
fn two_clients_have_a_column_each() {
    let operations = vec![add(3, 1, 1, 5 * MS, 6_204_000), add(9, 1, 1, 5_310_000, 6_513_000)];
    let expected = "\
First duplicate value, of i; 0 is 0.005000 seconds into the run:
   client 3                     client 9
   add 1 → 1  [0 .. 1.204 ms]
                                add 1 → 1  [0.310 .. 1.513 ms]
Client 3's add returned 1 and so did client 9's; each add makes a value of its own, so one of the
two was lost.";
    assert_eq!(text(Model::FetchAndAdd, object(operations)), expected);
}

#[test]
fn each_kind_has_a_block_and_the_earliest_comes_first() {
    let mut first = object(vec![
        add(0, 1, 1, 10, 20),
        add(1, 1, 2, 10, 22),
        add(2, 1, 2, 10, 24),
        read(3, 1, 30, 40),
    ]);
    first.key = "a".to_owned();
    let mut second = object(vec![add(0, 1, 1, 0, 5), add(1, 1, 1, 1, 6)]);
    second.key = "b".to_owned();
    let effort = Effort { timeout: Duration::from_mins(1), memory_bytes: 1 << 30, certify: false };
    let history = History { objects: vec![first, second] };
    let judged = Judged::new(history, Model::FetchAndAdd, effort, &|| Duration::ZERO);
    let headings: Vec<_> =
        blocks(&judged, Screen::default()).iter().map(|block| block[0].clone()).collect();
    assert_eq!(
        headings,
        [
            "First duplicate value, of b; 0 is 0.000000 seconds into the run:",
            "First stale read, of a; 0 is 0.000000 seconds into the run:",
        ]
    );
}

#[test]
fn an_answer_that_never_came_is_a_question_mark() {
    let object = object(vec![write(0, 5, 0, NEVER), read(1, 7, 10, 20)]);
    assert_eq!(
        table(&object),
        [
            "   client 0                   client 1",
            "   write 5 → ?  [0 .. ? ns]",
            "                              read → 7  [10 .. 20 ns]",
        ]
    );
}

#[test]
fn times_that_differ_are_shown_to_differ() {
    let object = object(vec![write(0, 5, 7, 2 * MS + 11), read(1, 5, 2 * MS + 12, 3 * MS)]);
    assert_eq!(
        table(&object),
        [
            "   client 0                           client 1",
            "   write 5 → ok  [0 .. 2.000004 ms]",
            "                                      read → 5  [2.000005 .. 2.999993 ms]",
        ]
    );
}

#[test]
fn the_unit_is_the_largest_that_the_span_fills() {
    let last = |return_ns| {
        let object = object(vec![write(0, 5, 0, 0), write(0, 6, 0, return_ns)]);
        table(&object).pop().unwrap().trim().to_owned()
    };
    assert_eq!(last(999), "write 6 → ok  [0 .. 999 ns]");
    assert_eq!(last(1_000), "write 6 → ok  [0 .. 1.000 µs]");
    assert_eq!(last(MS - 1), "write 6 → ok  [0 .. 999.999 µs]");
    assert_eq!(last(MS), "write 6 → ok  [0 .. 1.000 ms]");
    assert_eq!(last(1000 * MS), "write 6 → ok  [0 .. 1.000 s]");
    assert_eq!(last(3_600_000 * MS), "write 6 → ok  [0 .. 3600.000 s]");
}

#[test]
fn many_clients_are_named_in_a_column() {
    let clients = |count: u32| {
        let writes = (0..count).map(|client| write(client, 5, client.into(), 10));
        table(&object(writes.collect()))
    };
    assert_eq!(
        clients(3)[0],
        "   client 0                     client 1                     client 2"
    );
    assert_eq!(
        clients(5),
        [
            "   client 0   write 5 → ok   [0 .. 10 ns]",
            "   client 1   write 5 → ok   [1 .. 10 ns]",
            "   client 2   write 5 → ok   [2 .. 10 ns]",
            "   client 3   write 5 → ok   [3 .. 10 ns]",
            "   client 4   write 5 → ok   [4 .. 10 ns]",
        ]
    );
}

#[test]
fn columns_that_are_too_wide_become_one() {
    let object = object(vec![
        write(0, i64::MAX, 0, 1_000_000_000_007),
        read(1, i64::MAX, 1, 1_000_000_000_008),
    ]);
    assert_eq!(
        table(&object),
        [
            "   client 0   write 9223372036854775807 → ok   [0 .. 1000.000000007 s]",
            "   client 1   read → 9223372036854775807       [0.000000001 .. 1000.000000008 s]",
        ]
    );
}

#[test]
fn a_long_table_leaves_out_its_middle() {
    let takes: Vec<_> = (0..21).map(|n| take(n, YES, n.into(), 100 + u64::from(n))).collect();
    let expected = "\
First oversell, of i; 0 is 0.000000 seconds into the run:
   client 0    take → yes   [0 .. 100 ns]
   client 1    take → yes   [1 .. 101 ns]
   client 2    take → yes   [2 .. 102 ns]
   client 3    take → yes   [3 .. 103 ns]
   client 4    take → yes   [4 .. 104 ns]
   … 10 more
   client 15   take → yes   [15 .. 115 ns]
   client 16   take → yes   [16 .. 116 ns]
   client 17   take → yes   [17 .. 117 ns]
   client 18   take → yes   [18 .. 118 ns]
   client 19   take → yes   [19 .. 119 ns]
   client 20   take → yes   [20 .. 120 ns]
21 takes were answered yes, but there were 20.";
    assert_eq!(text(Model::Bounded { capacity: Some(20) }, object(takes)), expected);
}

#[test]
fn the_operation_that_is_wrong_is_never_left_out() {
    let mut takes: Vec<_> = (0..21).map(|n| take(n, YES, n.into(), 100)).collect();
    takes[9].return_ns = 200;
    let lines = text(Model::Bounded { capacity: Some(20) }, object(takes));
    let rows: Vec<_> = lines.lines().filter(|line| line.starts_with("   ")).collect();
    assert_eq!(rows.len(), 12);
    assert_eq!(rows[3], "   … 6 more");
    assert_eq!(rows[4], "   client 9    take → yes   [9 .. 200 ns]");
    assert_eq!(rows[5], "   … 5 more");
}

#[test]
fn a_long_list_is_told_by_its_length_and_what_matters() {
    let adds = (1..=8).map(|element| add(0, element, NIL, 0, 100));
    let lists = [&[1, 2, 3, 4, 5, 6, 7][..], &[1, 2, 3, 4, 5, 6, 8], &[]].into_iter().collect();
    let reads = [read(1, 0, 200, 300), read(2, 1, 210, 310), read(3, 2, 0, 50)];
    let history = Object { lists, ..object(adds.chain(reads).collect()) };
    let anomaly = anomaly(AnomalyKind::IncomparableLists, vec![8, 9]);
    assert_eq!(
        Witness::new(&history, Model::Set, &anomaly).lines(Screen::default())[..3],
        [
            "First pair of incomparable lists, of i; 0 is 0.000000 seconds into the run:",
            "   client 1   read → 7 elements, with 7, without 8   [0 .. 100 ns]",
            "   client 2   read → 7 elements, with 8, without 7   [10 .. 110 ns]",
        ]
        .map(str::to_owned)
    );
}

#[test]
fn a_name_cannot_command_the_terminal() {
    assert_eq!(escape::line("/inc?name=ü"), "/inc?name=ü");
    assert_eq!(escape::line("a\u{1b}[2Jb\n\u{202e}"), "a\\u{1b}[2Jb\\n\\u{202e}");
}

#[test]
fn an_unproven_verdict_has_no_block() {
    let history = History { objects: vec![object(Vec::new())] };
    let lost = anomaly(AnomalyKind::LostUpdate, Vec::new());
    let judgements = vec![Judgement::invalid(vec![lost])];
    let kinds = vec![JudgedKind { name: String::new(), model: Model::Counter, objects: 1 }];
    let judged = Judged { kinds, history, judgements, took: Duration::ZERO };
    assert!(blocks(&judged, Screen::default()).is_empty());
}

#[test]
fn a_sentence_has_the_times_of_its_table() {
    let operations = vec![add(3, 1, 1, 5 * MS, 6 * MS), add(3, 1, 1, 7 * MS, 8 * MS)];
    let text = text(Model::FetchAndAdd, object(operations));
    assert!(text.contains("add 1 → 1  [2.000 .. 3.000 ms]"), "{text}");
    assert!(text.contains("Client 3's add at 0 ms returned 1"), "{text}");
    assert!(text.contains("so did client 3's at 2.000 ms"), "{text}");
}
