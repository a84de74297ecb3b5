//! What judging costs: time on one core, and memory beyond the history itself.
//!
//! Run by `scripts/bench-check`. Histories are made up, of clients that ask one thing after
//! another; each is judged as it is, valid, and with one thing made wrong in its middle.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]

#[path = "../../../../../loadgen/check/tests/check/generate.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod generate;
#[path = "../../../../../loadgen/check/tests/check/odd.rs"]
mod odd;

use std::fs;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use fastrand::Rng;
use generate::{Faults, closed_loop, object};
use loadgen_check::files;
use loadgen_check::history::{Initial, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::{bounded::Stock, counter::Sum, register::Register};
use loadgen_check::{History, Limits, Model, Object, Verdict, judge};
use odd::Odd;
use peak_alloc::PeakAlloc;

/// Counts what is allocated: what the process has of the system says little, since it keeps what
/// was freed.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

const SIZES: [usize; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
const CLIENTS: [u32; 3] = [8, 64, 256];

fn main() -> io::Result<()> {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("--objects") {
        many_objects(SIZES[2]);
        return Ok(());
    }
    let largest = argument.map_or(SIZES[3], |size| size.parse().unwrap());
    println!("judging, one core, from memory; the median of three");
    println!(
        "{:<14} {:>10} {:>8} {:>10} {:>10} {:>10} {:>10} {:>12}",
        "model", "operations", "clients", "valid s", "invalid s", "weaker s", "ns/op", "bytes/op"
    );
    for (model, make, spoil) in models() {
        for size in SIZES.into_iter().filter(|size| *size <= largest) {
            // The largest takes its time: with one number of clients.
            let clients = if size > 1_000_000 { &CLIENTS[1..2] } else { &CLIENTS[..] };
            for &clients in clients {
                row(model, size, clients, make(&mut Rng::with_seed(1), size, clients), spoil);
            }
        }
    }
    for size in SIZES.into_iter().filter(|size| *size <= largest.min(1_000_000)) {
        row(Model::Set, size, 64, set(&mut Rng::with_seed(1), size, 64), |object| {
            generate::relist(object, |lists| {
                let middle = lists.len() / 2;
                lists[middle].swap_remove(0);
            });
        });
    }
    println!();
    reading(largest.min(5_000_000))?;
    println!();
    search();
    println!();
    odd_ones(largest.min(SIZES[1]));
    Ok(())
}

type Make = fn(&mut Rng, usize, u32) -> Object;
type Spoil = fn(&mut Object);

/// How each model's histories are made, and made wrong.
fn models() -> [(Model, Make, Spoil); 4] {
    [
        (Model::FetchAndAdd, tickets, |object| {
            let operation = middle(object, Op::Add);
            object.operations[operation].result -= 1;
        }),
        (Model::Bounded { capacity: Some(CAPACITY.cast_unsigned()) }, desk, |object| {
            let operation = middle(object, Op::Take);
            let result = &mut object.operations[operation].result;
            *result = if *result == YES { NO } else { YES };
        }),
        (Model::Register, register, |object| {
            let operation = middle(object, Op::Read);
            object.operations[operation].result -= 1_000;
        }),
        (Model::Counter, counter, |object| {
            let operation = middle(object, Op::Read);
            object.operations[operation].result -= 1_000;
        }),
    ]
}

fn middle(object: &Object, op: Op) -> usize {
    let half = object.operations.len() / 2;
    let fits = |index: &usize| {
        object.operations[*index].op == op && object.operations[*index].outcome == Outcome::Ok
    };
    (half..object.operations.len()).find(fits).unwrap()
}

fn tickets(rng: &mut Rng, size: usize, clients: u32) -> Object {
    let slots = closed_loop(rng, size, clients);
    let ask = |rng: &mut Rng| asked(rng, 5, Op::Add, 1);
    object(rng, &Sum { initial: 0 }, &slots, Faults::NONE, ask, |state, operation, _| {
        generate::result(state + i128::from(operation.op == Op::Add))
    })
}

fn counter(rng: &mut Rng, size: usize, clients: u32) -> Object {
    let slots = closed_loop(rng, size, clients);
    let ask = |rng: &mut Rng| asked(rng, 5, Op::Add, 1);
    object(rng, &Sum { initial: 0 }, &slots, Faults::NONE, ask, |state, operation, _| {
        if operation.op == Op::Read { generate::result(*state) } else { NIL }
    })
}

fn register(rng: &mut Rng, size: usize, clients: u32) -> Object {
    let slots = closed_loop(rng, size, clients);
    let mut value = 0;
    let ask = |rng: &mut Rng| {
        value += 1;
        asked(rng, 50, Op::Write, value)
    };
    object(rng, &Register { initial: NIL }, &slots, Faults::NONE, ask, |state, operation, _| {
        if operation.op == Op::Read { *state } else { NIL }
    })
}

/// So many that half of the requests for a place in a large run are granted.
const CAPACITY: i64 = 5_000;

fn desk(rng: &mut Rng, size: usize, clients: u32) -> Object {
    let slots = closed_loop(rng, size, clients);
    let stock = Stock { initial: CAPACITY };
    object(
        rng,
        &stock,
        &slots,
        Faults::NONE,
        |_| (Op::Take, NIL, NIL),
        |state, _, _| {
            if *state > 0 { YES } else { NO }
        },
    )
}

/// A hundred lists of all there is, evenly spread.
fn set(rng: &mut Rng, size: usize, clients: u32) -> Object {
    let slots = closed_loop(rng, size + 100, clients);
    let mut number = 0;
    let ask = |_: &mut Rng| {
        number += 1;
        (Op::Add, number, NIL)
    };
    let mut object = object(rng, &Sum { initial: 0 }, &slots, Faults::NONE, ask, |_, _, _| NIL);
    let (every, mut elements) = (size / 100 + 1, Vec::new());
    for (index, operation) in object.operations.iter_mut().enumerate() {
        if index % every == every - 1 {
            (operation.op, operation.arg) = (Op::Read, NIL);
            operation.result = object.lists.push(&elements);
        } else {
            elements.push(operation.arg);
        }
    }
    object.initial = Initial::Default;
    object
}

fn asked(rng: &mut Rng, reads_percent: u8, op: Op, arg: i64) -> generate::Asked {
    if rng.u8(0..100) < reads_percent { (Op::Read, NIL, NIL) } else { (op, arg, NIL) }
}

fn row(model: Model, size: usize, clients: u32, object: Object, spoil: Spoil) {
    let mut history = History { objects: vec![object] };
    // Clients' operations come together in a file, not in the order of their effects.
    history.objects[0].operations.sort_by_key(|operation| (operation.client, operation.call_ns));
    let (valid, bytes) = judged(&history, model, Verdict::Valid);
    // What still holds of an invalid one costs most where everything does.
    let weaker = median(|| {
        let weaker = loadgen_check::weaker(&history.objects[0], model);
        assert!(weaker.iter().all(|one| one.holds), "{model}: {weaker:?}");
    });
    history.objects[0].operations.sort_by_key(|operation| operation.return_ns);
    spoil(&mut history.objects[0]);
    history.objects[0].operations.sort_by_key(|operation| (operation.client, operation.call_ns));
    let (invalid, _) = judged(&history, model, Verdict::Invalid);
    let name =
        if let Model::Bounded { .. } = model { "bounded".to_owned() } else { model.to_string() };
    println!(
        "{name:<14} {size:>10} {clients:>8} {:>10.4} {:>10.4} {:>10.4} {:>10.1} {:>12.1}",
        valid.as_secs_f64(),
        invalid.as_secs_f64(),
        weaker.as_secs_f64(),
        valid.as_nanos() as f64 / size as f64,
        bytes as f64 / size as f64,
    );
}

/// The median time of three, and the most memory that judging took.
fn judged(history: &History, model: Model, expected: Verdict) -> (Duration, usize) {
    let limits = Limits { certify: false, memory_bytes: 1 << 30, expired: &|| false };
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let time = median(|| {
        let judgement = judge(history, model, &limits).remove(0);
        assert_eq!(judgement.verdict, expected, "{model}: {:?}", judgement.reason);
    });
    (time, ALLOCATED.peak_usage().saturating_sub(before))
}

/// The median time of three.
fn median(mut work: impl FnMut()) -> Duration {
    let mut times = [0; 3].map(|_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    });
    times.sort_unstable();
    times[1]
}

fn reading(size: usize) -> io::Result<()> {
    let history = History { objects: vec![tickets(&mut Rng::with_seed(1), size, 64)] };
    let path = std::env::temp_dir().join("loadgen-bench-check.jsonl");
    let mut file = io::BufWriter::new(fs::File::create(&path)?);
    files::write(&mut file, Model::FetchAndAdd, &history)?;
    file.flush()?;
    let mut times: Vec<_> = (0..3)
        .map(|_| {
            let begun = Instant::now();
            let (_, read) = files::read(fs::File::open(&path).unwrap(), None).unwrap();
            assert_eq!(read.objects[0].operations.len(), size);
            begun.elapsed()
        })
        .collect();
    fs::remove_file(path)?;
    times.sort_unstable();
    let rate = size as f64 / times[1].as_secs_f64() / 1e6;
    println!("reading: {size} lines in {:.3} s, {rate:.2} million lines/s", times[1].as_secs_f64());
    Ok(())
}

/// Ten operations on each of many objects, beside as many on one.
fn many_objects(size: usize) {
    const EACH: usize = 10;
    let objects = size / EACH;
    println!("all cores: {size} operations on one object, and {EACH} on each of {objects} objects");
    println!("{:<14} {:>10} {:>10} {:>8}", "model", "one s", "many s", "ratio");
    for (model, make, _) in models() {
        let one = History { objects: vec![make(&mut Rng::with_seed(1), size, 64)] };
        let mut rng = Rng::with_seed(2);
        let objects = (0..size / EACH).map(|_| make(&mut rng, EACH, 5)).collect();
        let [one, many] = [one, History { objects }].map(|history| {
            let limits = Limits { certify: false, memory_bytes: 1 << 30, expired: &|| false };
            median(|| {
                let judgements = judge(&history, model, &limits);
                assert!(judgements.iter().all(|one| one.verdict == Verdict::Valid), "{model}");
            })
        });
        let (one, many) = (one.as_secs_f64(), many.as_secs_f64());
        println!("{:<14} {one:>10.4} {many:>10.4} {:>8.2}", model.to_string(), many / one);
    }
}

/// Histories as tests of etcd have them: a register that five clients read, write and swap, with
/// answers that never came.
fn search() {
    let mut times = Vec::new();
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let slots = closed_loop(&mut rng, 170, 5);
        let faults = Faults { unknown: 5, fail: 2 };
        let ask = |rng: &mut Rng| match rng.u8(0..3) {
            0 => (Op::Read, NIL, NIL),
            1 => (Op::Write, rng.i64(0..5), NIL),
            _ => (Op::Cas, rng.i64(0..5), rng.i64(0..5)),
        };
        let register = Register { initial: NIL };
        let mut object =
            object(&mut rng, &register, &slots, faults, ask, |state, operation, _| match operation
                .op
            {
                Op::Read => *state,
                Op::Cas => {
                    if *state == operation.arg {
                        YES
                    } else {
                        NO
                    }
                }
                _ => NIL,
            });
        if seed % 2 == 1 {
            let read = middle(&object, Op::Read);
            object.operations[read].result = 5;
        }
        let history = History { objects: vec![object] };
        let limits = Limits { certify: false, memory_bytes: 1 << 30, expired: &|| false };
        let begun = Instant::now();
        let verdict = judge(&history, Model::Register, &limits).remove(0).verdict;
        times.push(begun.elapsed());
        let expected = if seed % 2 == 1 { Verdict::Invalid } else { Verdict::Valid };
        assert_eq!(verdict, expected, "seed {seed}");
    }
    times.sort_unstable();
    let [median, max] = [times[times.len() / 2], times[times.len() - 1]];
    println!(
        "search: 200 registers, 5 clients, 170 operations: median {median:?}, at most {max:?}"
    );
}

/// Registers whose values are written once, but for a few operations: repeated values, `cas` that fail
/// and that succeed, all of them answered or each second one not. Twenty of each, and the same with a
/// stale read.
fn odd_ones(size: usize) {
    println!(
        "registers of {size} operations, 64 clients, written once but for a few; given 5 s each"
    );
    println!(
        "{:<24} {:>6} {:>14} {:>10} {:>14} {:>10}",
        "the few", "many", "valid", "slowest s", "stale read", "slowest s"
    );
    for odd in Odd::ALL {
        for (count, are_lost) in [1, 10, 100].map(|count| [(count, false), (count, true)]).concat()
        {
            let (mut decided, mut slowest) = ([0; 2], [Duration::ZERO; 2]);
            for seed in 0..20 {
                let mut rng = Rng::with_seed(seed);
                let mut object = odd::register(&mut rng, size, (count, odd), are_lost);
                for (planted, expected) in
                    [Verdict::Valid, Verdict::Invalid].into_iter().enumerate()
                {
                    if planted == 1 {
                        odd::plant_stale_read(&mut rng, &mut object);
                    }
                    let history = History { objects: vec![object.clone()] };
                    let begun = Instant::now();
                    let expired = || begun.elapsed() > Duration::from_secs(5);
                    let limits =
                        Limits { certify: false, memory_bytes: 1 << 30, expired: &expired };
                    let judgement = judge(&history, Model::Register, &limits).remove(0);
                    slowest[planted] = slowest[planted].max(begun.elapsed());
                    let is_decided = judgement.verdict != Verdict::Unknown;
                    assert!(!is_decided || judgement.verdict == expected, "{odd:?} {count} {seed}");
                    decided[planted] += u32::from(is_decided);
                }
            }
            let name = format!("{odd:?}{}", if are_lost { ", half unknown" } else { "" });
            println!(
                "{name:<24} {count:>6} {:>11}/20 {:>10.3} {:>11}/20 {:>10.3}",
                decided[0],
                slowest[0].as_secs_f64(),
                decided[1],
                slowest[1].as_secs_f64(),
            );
        }
    }
}
