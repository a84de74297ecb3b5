//! The sentences, about the smallest histories that are wrong in each way.

use std::sync::Arc;

use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::{
    Anomaly, AnomalyKind, History, Limits, Lists, Model, Object, Operation, Tokens, explain, judge,
};

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

/// The sentence about the one anomaly of each history.
fn sentences<const N: usize>(model: Model, histories: [Vec<Operation>; N]) -> [String; N] {
    histories.map(|operations| sentence(model, object(operations)))
}

#[track_caller]
fn sentence(model: Model, object: Object) -> String {
    let limits = Limits { certify: false, memory_bytes: 1 << 30, expired: &|| false };
    let history = History { objects: vec![object] };
    let [judgement] = &judge(&history, model, &limits)[..] else { panic!("{history:?}") };
    let [anomaly] = &judgement.anomalies[..] else { panic!("{judgement:?}") };
    about(&history.objects[0], model, anomaly)
}

/// Times are counted from when the first operation of the witness began.
fn about(object: &Object, model: Model, anomaly: &Anomaly) -> String {
    let calls_ns = anomaly.witness.iter().map(|index| object.operations[*index as usize].call_ns);
    let origin_ns = calls_ns.min().unwrap_or(0);
    let time = |time_ns: u64| format!("{} ns", time_ns - origin_ns);
    explain(object, model, anomaly, &time).sentence
}

#[test]
fn about_answers() {
    let histories = [
        vec![add(3, 1, 2, 0, 10), add(9, 1, 1, 20, 30)],
        vec![add(3, 1, 1, 0, 10), add(3, 1, 1, 20, 30)],
        vec![add(3, 1, 0, 0, 10)],
        vec![read(3, -1, 0, 10)],
        vec![add(1, 1, 1, 0, 10), read(3, 0, 20, 30)],
        vec![read(3, 1, 0, 10), add(1, 1, 1, 20, 30)],
        vec![add(1, 1, 3, 0, 10), add(2, 1, NIL, 0, NEVER), add(4, 1, NIL, 20, NEVER)],
    ];
    assert_eq!(
        sentences(Model::FetchAndAdd, histories),
        [
            "Client 3's add was over before client 9's add began, so it comes first; but it \
             returned 2 and client 9's 1, which is smaller, so client 9's comes first: a \
             contradiction.",
            "Client 3's add at 0 ns returned 1 and so did client 3's at 20 ns; each add makes a \
             value of its own, so one of the two was lost.",
            "Client 3's add returned 0, but the counter began at 0, and an add makes it more.",
            "Client 3's read returned -1, but the counter began at 0, and it only grows.",
            "Client 1's add was over before client 3's read began, so it comes first; but it \
             returned 1 and client 3's 0, which is smaller, so client 3's comes first: a \
             contradiction.",
            "Client 3's read returned 1 and was over before client 1's add began; but it was \
             that add which made it 1.",
            "Client 1's add returned 3, but by then no more than 2 adds can have been made: \
             from 0 to 2; values were passed over.",
        ]
    );
}

#[test]
fn about_values() {
    let histories = [
        vec![read(3, 7, 0, 10)],
        vec![read(3, 7, 0, 10), write(1, 7, 20, 30)],
        vec![write(1, 5, 0, 10), write(2, 6, 20, 30), read(3, 5, 40, 50)],
        vec![write(1, 5, 0, 10), write(2, 6, 20, NEVER), read(4, 6, 25, 30), read(3, 5, 40, 50)],
        vec![write(2, 6, 20, 30), read(3, NIL, 40, 50)],
        vec![write(1, 5, 0, 10), write(2, 6, 0, 10), read(3, 5, 20, 30), read(4, 6, 20, 30)],
    ];
    assert_eq!(
        sentences(Model::Register, histories),
        [
            "Client 3's read returned 7, which nobody wrote and which was not there at first.",
            "Client 3's read returned 7 and was over before client 1's write of it began.",
            "Client 1's write of 5 was over before client 2's write of 6 began, and that was \
             over before client 3's read began; but that read returned 5, which 6 had replaced \
             by then.",
            "Client 1's write of 5 was over before client 2's write of 6 began, and client 4's \
             read of 6 shows that it was done before client 3's read began; but that read \
             returned 5, which 6 had replaced by then.",
            "Nothing was there at first, before client 2's write of 6, and that was over before \
             client 3's read began; but that read returned nothing, which 6 had replaced by \
             then.",
            "Client 1's write of 5 was over before client 4's read of 6 began, so 5 comes \
             before 6; but client 2's write of 6 was over before client 3's read of 5 began, so \
             6 comes before 5: a contradiction.",
        ]
    );
}

#[test]
fn about_elements() {
    let of = |operations: Vec<Operation>, lists: &[&[i64]]| {
        let lists = lists.iter().collect();
        sentence(Model::Set, Object { lists, ..object(operations) })
    };
    let from_the_first = Object {
        initial: Initial::Elements(vec![7]),
        lists: [[]].into_iter().collect(),
        ..object(vec![read(3, 0, 10, 20)])
    };
    let sentences = [
        of(vec![read(3, 0, 0, 10)], &[&[7]]),
        of(vec![add(1, 7, NIL, 0, 5), read(3, 0, 10, 20)], &[&[7, 7]]),
        of(vec![read(3, 0, 0, 10), add(1, 7, NIL, 20, 30)], &[&[7]]),
        of(vec![add(1, 7, NIL, 0, 5), read(3, 0, 10, 20)], &[&[]]),
        sentence(Model::Set, from_the_first),
        of(vec![add(1, 7, NIL, 0, NEVER), read(3, 0, 10, 20), read(4, 1, 30, 40)], &[&[7], &[]]),
        of(
            vec![
                add(1, 7, NIL, 0, 100),
                add(2, 8, NIL, 0, 100),
                read(3, 0, 10, 20),
                read(4, 1, 10, 20),
            ],
            &[&[7], &[8]],
        ),
        of(vec![add(1, 7, NIL, 0, 10), add(2, 8, NIL, 20, 30), read(3, 0, 5, 40)], &[&[8]]),
    ];
    assert_eq!(
        sentences,
        [
            "Client 3's read returned a list with 7, which nobody added and which was not there \
             at first.",
            "Client 3's read returned a list that has 7 twice; a set has each element once.",
            "Client 3's read returned a list with 7 and was over before client 1's add of it \
             began.",
            "Client 1's add of 7 was over before client 3's read began; but client 3's read \
             returned a list without 7, and nothing is ever removed.",
            "7 was there at first; but client 3's read returned a list without 7, and nothing \
             is ever removed.",
            "Client 3's read returned a list with 7 and was over before client 4's read began; \
             but client 4's list lacks it, and nothing is ever removed.",
            "Client 3's read returned a list with 7 and without 8, so 7 comes first; but client \
             4's read returned one with 8 and without 7, so 8 comes first: a contradiction.",
            "Client 1's add of 7 was over before client 2's add of 8 began, so 7 comes first; \
             but client 3's read returned a list with 8 and without 7, so 8 comes first: a \
             contradiction.",
        ]
    );
}

#[test]
fn about_counts() {
    let histories = [
        vec![
            add(1, 1, NIL, 0, 10),
            add(2, 1, NIL, 0, 10),
            read(3, 1, 20, 30),
            add(1, 1, NIL, 40, 50),
        ],
        vec![add(1, 1, NIL, 0, 10), read(3, 0, 20, 30), read(3, 1, 40, 50)],
        vec![
            add(1, 1, NIL, 0, 100),
            read(3, 1, 20, 30),
            add(2, 1, NIL, 40, 50),
            read(3, 1, 60, 70),
            read(3, 2, 80, 90),
        ],
        vec![add(1, 1, NIL, 0, 10), read(3, 2, 20, 30), add(2, 1, NIL, 40, 50)],
        vec![add(1, 5, NIL, 0, 10), read(3, 7, 20, 30)],
        vec![add(1, 5, NIL, 0, 10), read(3, 10, 20, 30)],
    ];
    assert_eq!(
        sentences(Model::Counter, histories),
        [
            "2 adds had been acknowledged before client 3's read began, so the counter, 0 at \
             first, was at least 2; but the read returned 1, and no later one has them all: one \
             was lost.",
            "1 add had been acknowledged before client 3's read began, so the counter, 0 at \
             first, was at least 1; but the read returned 0.",
            "Client 3's read at 0 ns returned 1 and was over before client 3's read at 40 ns \
             began, with 1 add between the two, so the counter, 0 at first, was at least 2; but \
             client 3's at 40 ns returned 1.",
            "Client 3's read returned 2, but by then no more than 1 add can have been made: the \
             counter, 0 at first, was at most 1.",
            "Client 3's read returned 7, which adds of 5 cannot make of 0.",
            "Client 3's read returned 10, but by then no more than 1 add can have been made: \
             the counter, 0 at first, was at most 5.",
        ]
    );
}

#[test]
fn about_what_is_left() {
    let histories = [
        vec![take(1, YES, 0, 10), take(2, NO, 20, 30)],
        vec![take(1, YES, 0, 10), read(2, 0, 20, 30)],
        vec![
            take(1, YES, 0, NEVER),
            take(2, YES, 0, 10),
            take(3, NO, 20, 30),
            take(4, YES, 40, 50),
        ],
        vec![read(2, -1, 20, 30)],
        vec![take(1, YES, 0, 50), read(2, 1, 20, 30), take(3, YES, 40, 50), take(4, YES, 40, 55)],
        vec![take(1, YES, 0, 10), read(3, 2, 20, 30)],
        vec![read(3, 1, 20, 30)],
    ];
    assert_eq!(
        sentences(Model::Bounded { capacity: Some(2) }, histories),
        [
            "Client 2's take was answered no, but by then no more than 1 take can have been \
             made: of 2, at least 1 was left.",
            "Client 2's read returned 0, but by then no more than 1 take can have been made: of \
             2, at least 1 was left.",
            "Client 3's take was answered no and was over before client 4's take began, so \
             nothing was left; but client 4's was answered yes.",
            "Client 2's read returned -1, and less than nothing cannot be left.",
            "Client 2's read returned 1; but of the takes that began after it was over, 2 were \
             answered yes.",
            "1 take had been acknowledged before client 3's read began, so of 2, at most 1 was \
             left; but the read returned 2, and no later one has them all: one was lost.",
            "Client 3's read returned 1, but by then no take can have been made: of 2, at least \
             2 were left.",
        ]
    );
}

#[test]
fn about_what_only_a_search_finds() {
    let cas = |client, arg, new, result, call_ns, return_ns| Operation {
        new,
        ..operation(client, Op::Cas, arg, result, (call_ns, return_ns))
    };
    let histories = [
        vec![write(1, 5, 0, 10), cas(2, 5, 6, YES, 20, 30), cas(3, 5, 7, YES, 40, 50)],
        vec![cas(2, 5, 6, YES, 20, 30)],
    ];
    assert_eq!(
        sentences(Model::Register, histories),
        [
            "No order of these 2 operations explains every answer, whatever the others did.",
            "This answer cannot be explained, whatever the other operations did.",
        ]
    );
}

#[test]
fn about_a_witness_of_another_shape() {
    let object = object(vec![add(1, 1, 1, 0, 10), add(2, 1, 1, 0, 10)]);
    let (kind, times_ns) = (AnomalyKind::SkippedValue, Vec::new());
    let anomaly = Anomaly { kind, count: 1, times_ns, witness: vec![0, 1] };
    assert_eq!(
        about(&object, Model::FetchAndAdd, &anomaly),
        "No order of these 2 operations explains every answer, whatever the others did."
    );
}

#[test]
fn about_failed_writes() {
    let failed = |one: Operation| Operation { outcome: Outcome::Fail, ..one };
    let register = vec![failed(write(2, 638, 0, 10)), read(5, 638, 20, 30)];
    assert_eq!(
        sentence(Model::Register, object(register)),
        "Client 5's read returned 638, which only client 2's write wrote; but that failed: a failed \
         write became visible."
    );
    let lists = [[638]].into_iter().collect();
    let operations = vec![failed(add(2, 638, NIL, 0, 10)), read(5, 0, 20, 30)];
    assert_eq!(
        sentence(Model::Set, Object { lists, ..object(operations) }),
        "Client 5's read returned a list with 638, which only client 2's add added; but that failed: \
         a failed write became visible."
    );
}

#[test]
fn about_texts() {
    let mut tokens = Tokens::default();
    let [ann, bob] = ["ann@x", "bob@x"].map(|text| tokens.of(text));
    let tokens = Arc::new(tokens);
    let set = |operations: Vec<Operation>, lists: &[&[i64]]| {
        let mut all = Lists::default();
        for list in lists {
            all.push(list);
        }
        Object { lists: all, tokens: Arc::clone(&tokens), ..object(operations) }
    };
    let (add_ann, add_bob) = (add(1, ann, NIL, 0, 10), add(2, bob, NIL, 0, 40));
    let reads = [read(3, 0, 20, 30), read(3, 1, 50, 60)];
    let told = [
        set(vec![add_ann, reads[0]], &[&[]]),
        set(vec![reads[0]], &[&[ann]]),
        set(vec![add_ann, reads[0]], &[&[ann, ann]]),
        set(vec![read(3, 0, 20, 30), add(2, bob, NIL, 40, 50)], &[&[bob]]),
        set(vec![add(2, bob, NIL, 0, NEVER), reads[0], reads[1]], &[&[bob], &[]]),
        set(vec![add(1, ann, ann, 0, 10), add(2, ann, ann, 20, 30)], &[]),
        set(vec![add_ann, add_bob, read(3, 0, 20, 30)], &[&[bob]]),
        set(
            vec![
                add(1, ann, NIL, 0, NEVER),
                add(2, bob, NIL, 0, NEVER),
                reads[0],
                read(4, 1, 20, 30),
            ],
            &[&[ann], &[bob]],
        ),
    ];
    for object in told {
        let sentence = sentence(Model::Set, object);
        assert!(sentence.contains("@x") && !sentence.contains("-92"), "{sentence}");
    }
    let failed =
        |op, arg| Operation { outcome: Outcome::Fail, ..operation(1, op, arg, NIL, (0, 10)) };
    let failed_add = set(vec![failed(Op::Add, ann), reads[0]], &[&[ann]]);
    assert!(sentence(Model::Set, failed_add).contains("a list with ann@x, which only"));
    let registers = [
        vec![write(1, ann, 0, 10), write(1, bob, 20, 30), read(3, ann, 40, 50)],
        vec![read(3, bob, 0, 10)],
        vec![failed(Op::Write, bob), read(3, bob, 20, 30)],
        vec![
            write(1, ann, 0, 90),
            write(2, bob, 0, 90),
            read(3, ann, 10, 20),
            read(3, bob, 30, 40),
            read(3, ann, 50, 60),
        ],
    ];
    for operations in registers {
        let object = Object { tokens: Arc::clone(&tokens), ..object(operations) };
        let sentence = sentence(Model::Register, object);
        assert!(sentence.contains("@x") && !sentence.contains("-92"), "{sentence}");
    }
}
