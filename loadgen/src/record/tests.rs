//! Records merge without loss, and come back from files as they were.

mod accounts;
mod doubt;
mod figures;
mod seconds;

use std::io;
use std::net::SocketAddr;

use check::history::{NEVER, NIL, Op};
use check::{Operation, Pool};
use proptest::prelude::*;
use proptest::sample::select;

use super::file::ReadError;
use super::*;
use crate::wire::tls::Agreed;
use crate::wire::{Address, Handshake, Illegal, Opened};

const STEPS: usize = 2;

/// One request: what it was, when it began, how it ended.
#[derive(Debug, Clone)]
struct Seen {
    step: usize,
    is_warm_up: bool,
    due_ms: u64,
    /// How late it began, where it was due at a time.
    late_ms: Option<u64>,
    connects: bool,
    took_ns: u64,
    end: End,
}

#[derive(Debug, Clone)]
enum End {
    Answer { status: u16, body_bytes: u64, within: bool },
    Failure(usize),
}

fn failure(number: usize) -> Failure {
    match number {
        0 => Failure::NotSent(io::ErrorKind::ConnectionReset.into()),
        1 => Failure::Receive(io::ErrorKind::ConnectionReset.into()),
        2 => Failure::Timeout,
        3 => Failure::EndedBeforeSend,
        4 => Failure::Illegal(Illegal::Surplus),
        5 => Failure::Receive(io::Error::from_raw_os_error(nix::libc::ECONNRESET)),
        _ => Failure::EndedBeforeAnswer,
    }
}

fn seen() -> impl Strategy<Value = Seen> {
    let statuses = select(vec![200, 201, 404, 500, 999]);
    let end = prop_oneof![
        4 => (statuses, 0..3_u64, any::<bool>())
            .prop_map(|(status, body_bytes, within)| End::Answer { status, body_bytes, within }),
        1 => (0..7_usize).prop_map(End::Failure),
    ];
    // From nanoseconds to an hour.
    let took_ns = (0..42_u32, any::<u64>()).prop_map(|(bits, seed)| seed % (1 << bits));
    let kind = (0..STEPS, any::<bool>());
    let begun = (0..100_000_u64, prop::option::of(0..20_u64));
    (kind, begun, any::<bool>(), took_ns, end).prop_map(
        |((step, is_warm_up), (due_ms, late_ms), connects, took_ns, end)| Seen {
            step,
            is_warm_up,
            due_ms,
            late_ms,
            connects,
            took_ns,
            end,
        },
    )
}

fn all_seen() -> impl Strategy<Value = Vec<Seen>> {
    prop::collection::vec(seen(), 0..25)
}

/// A record of `seen`, which numbers its clients from `first`.
fn record_from(first: usize, seen: &[Seen], limit: Option<u64>, started: Instant) -> Record {
    let mut record = Record::new(STEPS, limit.map(room), started).with_timings(limit);
    for (client, one) in (first..).zip(seen) {
        let kind = Kind { step: one.step, is_warm_up: one.is_warm_up };
        let due = started + Duration::from_millis(one.due_ms);
        let call = due + Duration::from_millis(one.late_ms.unwrap_or_default());
        let finished = call + Duration::from_nanos(one.took_ns);
        if one.late_ms.is_some() && client % 4 == 0 {
            record.drop_one();
        }
        let begin = Begin {
            kind,
            due,
            call,
            is_paced: one.late_ms.is_some(),
            connected: one.connects.then(|| call + Duration::from_nanos(one.took_ns / 3)),
            sent: Sizes { bytes: 100, body_bytes: 10 },
            is_hop: false,
        };
        match one.end {
            End::Answer { status, body_bytes, within } => {
                record.sample(kind, status, format!("{status} {client}").as_bytes());
                let answer = Answer {
                    status,
                    first_byte: call + Duration::from_nanos(one.took_ns / 2),
                    finished,
                    bytes: body_bytes + 50,
                    body_bytes,
                    keep_alive: client % 3 > 0,
                };
                record.answered(
                    &begin,
                    &answer,
                    super::End { told: Told::by_status(status), within, at: finished - started },
                );
                if one.due_ms % 5 == 0 {
                    let mut answers = Outcomes::default();
                    answers.count(Told::by_status(status).outcome());
                    record.doubt([(kind, answers)]);
                }
            }
            End::Failure(number) => {
                let bytes = &b"seen\xff"[..client % 6];
                record.failed(&begin, finished, &failure(number), bytes);
            }
        }
        reach(&mut record, client, one);
        let object = record.operations[0].object(format!("key {}", one.due_ms % 5).as_bytes());
        record.operations[0].record(object, |pool| operation(one, client, pool));
    }
    record
}

/// Takes down where the connection of `seen` went, how that was found, and who sent over it.
fn reach(record: &mut Record, client: usize, seen: &Seen) {
    let took = Duration::from_nanos(seen.took_ns);
    let address = SocketAddr::from(([10, 0, 0, u8::try_from(client % 3).unwrap()], 80));
    let place = Address::from(address);
    let handshake = seen.due_ms.is_multiple_of(2).then(|| {
        let cipher = format!("cipher {}", seen.due_ms % 3);
        let agreed = Agreed { version: "TLSv1.3".to_owned(), cipher, alpn: None };
        Box::new(Handshake { agreed, is_resumed: seen.due_ms.is_multiple_of(4), took })
    });
    let Record { reached, threads, .. } = record;
    match client % 4 {
        0 => reached.connected(&Opened { address: Some(place), handshake }),
        1 => reached.requested(&place, seen.due_ms),
        2 => reached.refused(&place, 2),
        _ => reached.lookups.begun += 1,
    }
    match seen.due_ms % 3 {
        0 => reached.lookups.found(took),
        1 => reached.lookups.failed(&format!("no {address}")),
        _ => {}
    }
    let whole = Work::new(took, 3 * took);
    threads.push(Thread { whole, busiest: whole.busier(Work::new(took, 2 * took)) });
}

/// Room for so many operations, however large.
fn room(operations: u64) -> Room {
    Room { operations, bytes: usize::MAX }
}

fn record(seen: &[Seen], limit: Option<u64>, started: Instant) -> Record {
    record_from(0, seen, limit, started)
}

/// Of the second step, which reads, a list; of others a text.
fn operation(seen: &Seen, client: usize, pool: &mut Pool) -> Operation {
    let call_ns = seen.due_ms * 1_000_000;
    let client = u32::try_from(client).unwrap();
    let unanswered = Operation {
        call_ns,
        return_ns: NEVER,
        arg: NIL,
        new: NIL,
        result: NIL,
        client,
        op: if seen.step == 1 { Op::Read } else { Op::Cas },
        outcome: Outcome::Unknown,
    };
    match seen.end {
        End::Failure(_) => unanswered,
        End::Answer { body_bytes, .. } if seen.step == 1 => {
            let list: Vec<_> = (0..body_bytes.cast_signed()).collect();
            let result = pool.lists.push(&list);
            let return_ns = call_ns + seen.took_ns;
            Operation { return_ns, result, outcome: Outcome::Ok, ..unanswered }
        }
        End::Answer { status, .. } => {
            let return_ns = call_ns + seen.took_ns;
            let outcome = Told::by_status(status).outcome();
            let result = pool.tokens.of(&format!("version {}", seen.due_ms % 7));
            Operation { return_ns, arg: -1, new: i64::MAX, result, outcome, ..unanswered }
        }
    }
}

fn merged(mut one: Record, two: Record) -> Record {
    one.merge(two);
    one
}

fn through_a_file(record: &Record) -> Record {
    let mut file = Vec::new();
    record.write(&mut file).unwrap();
    Record::read(file.as_slice(), record.started).unwrap()
}

proptest! {
    // A record has dozens of histograms, which are large where times are long.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_written_is_read_again(
        seen in all_seen(),
        limit in select(vec![None, Some(0), Some(7), Some(u64::MAX)]),
    ) {
        let record = record(&seen, limit, Instant::now());
        prop_assert_eq!(through_a_file(&record), record);
    }

    #[test]
    fn merging_sees_everything_once(one in all_seen(), two in all_seen()) {
        let started = Instant::now();
        let limit = |seen: &[Seen]| Some(seen.len() as u64 + 3);
        let all = [&one[..], &two].concat();
        let record_of_all = record(&all, Some(all.len() as u64 + 6), started);
        let a = || record(&one, limit(&one), started);
        let b = || record_from(one.len(), &two, limit(&two), started);
        let together = merged(a(), b());
        for percentile in [0.0, 50.0, 90.0, 99.9, 100.0] {
            let of = |record: &Record| {
                let Latency { connect, total, failed, .. } = record.latency();
                [connect, total, failed].map(|times| times.percentile_us(percentile))
            };
            prop_assert_eq!(of(&together), of(&record_of_all));
        }
        prop_assert_eq!(&together, &record_of_all);
        // Files make no difference.
        let from_files = merged(through_a_file(&a()), through_a_file(&b()));
        prop_assert_eq!(through_a_file(&from_files), together);
    }

    #[test]
    fn times_are_exact_beside_the_histogram(times_ns in prop::collection::vec(0..1_u64 << 50, 1..50)) {
        let distribution: Distribution = times_ns.iter().copied().map(Duration::from_nanos).collect();
        let (least, greatest) = (times_ns.iter().min().unwrap(), times_ns.iter().max().unwrap());
        prop_assert_eq!(distribution.min_us(), least / 1000);
        prop_assert_eq!(distribution.max_us(), greatest / 1000);
        let percentiles = [0.0, 25.0, 50.0, 99.9, 100.0].map(|p| distribution.percentile_us(p));
        prop_assert!(percentiles.is_sorted());
        prop_assert!(least / 1000 <= percentiles[0] && percentiles[4] == greatest / 1000);
    }
}

/// A record of a few requests, as text.
fn text() -> String {
    let seen = |took_ns, end| Seen {
        step: 0,
        is_warm_up: false,
        due_ms: 1,
        late_ms: None,
        connects: false,
        took_ns,
        end,
    };
    let answer = End::Answer { status: 200, body_bytes: 2, within: true };
    let all = [seen(1500, answer), seen(2500, End::Failure(2))];
    let mut file = Vec::new();
    record(&all, Some(5), Instant::now()).write(&mut file).unwrap();
    String::from_utf8(file).unwrap()
}

#[track_caller]
fn error(text: &str) -> String {
    let error: ReadError = Record::read(text.as_bytes(), Instant::now()).unwrap_err();
    error.to_string()
}

#[test]
fn what_is_no_record_is_said_to_be_none() {
    let text = text();
    let lines: Vec<_> = text.lines().collect();
    for (broken, expected) in [
        (String::new(), "line 1: EOF"),
        ("{\"schema\":\"loadgen/report/1\"}".to_owned(), "found \"loadgen/report/1\""),
        (text.replace("record/1", "record/2"), "found \"loadgen/record/2\""),
        (text.replace("\"ok\":1", "\"ok\":2"), "the counts contradict each other"),
        (text.replace("\"min_ns\":1500", "\"min_ns\":1501"), "between the least and the greatest"),
        (text.replace("\"return\":1001500", "\"return\":-1"), "line 2: "),
        (text.replace("\"op\":", "\"what\":"), "line 2: unknown field `what`"),
        (lines[..2].join("\n"), "expected 2 operations, found 1"),
        (lines[..3].join("\n"), "expected 1 times of requests, found 0"),
        (text.clone() + lines[3], "line 5: expected no more lines than the first"),
        (text.replace("\"content\":\"", "\"content\":\"!"), "expected base64"),
    ] {
        let error = error(&broken);
        assert!(error.contains(expected), "{error}, not {expected}");
    }
    // However much there is of it.
    let long = format!("{{\"schema\":\"{}\"}}", "x".repeat(1_000_000));
    assert!(error(&long).len() < 1000);
}

#[test]
fn times_are_kept_of_every_request_that_was_answered_or_of_none() {
    let seen = |is_warm_up, took_ns, end| Seen {
        step: 0,
        is_warm_up,
        due_ms: 7,
        late_ms: Some(2),
        connects: true,
        took_ns,
        end,
    };
    let answer = |status| End::Answer { status, body_bytes: 2, within: true };
    let all = [
        seen(false, 9_000_000, answer(500)),
        seen(false, 6_000_000, answer(200)),
        seen(false, 1_000_000, End::Failure(2)),
        seen(true, 1_000_000, answer(200)),
    ];
    let times = |limit, more| {
        let started = Instant::now();
        merged(record(&all, limit, started), record(&all[..more], limit, started)).take_timings()
    };
    let one =
        |connect_us, wait_us, total_us| Timing { due_us: 7000, connect_us, wait_us, total_us };
    // The shortest first; that it was late counts, and the wait is what follows the connection.
    let (short, long) = (one(2000, 1000, 8000), one(3000, 1500, 11_000));
    assert_eq!(times(Some(2), 0), Some(vec![short, long]));
    assert_eq!(times(Some(2), 1), Some(vec![short, long, long]));
    assert_eq!((times(Some(1), 0), times(None, 0)), (None, None));
}

#[test]
fn the_example_of_an_error_is_the_first_behind_the_warm_up() {
    let started = Instant::now();
    let at = |ms| started + Duration::from_millis(ms);
    let mut record = Record::new(STEPS, None, started);
    let reset = Failure::Receive(io::Error::from_raw_os_error(nix::libc::ECONNRESET));
    let illegal = Failure::Illegal(Illegal::Surplus);
    for (is_warm_up, step, due_ms, failure, bytes) in [
        (true, 0, 10, &reset, &b""[..]),
        (false, 1, 30, &reset, b""),
        (false, 0, 20, &reset, b""),
        (false, 0, 40, &reset, b""),
        (false, 1, 50, &illegal, b"more"),
    ] {
        let (kind, due) = (Kind { step, is_warm_up }, at(due_ms));
        let begin = Begin { kind, due, call: due, ..Begin::at(due, step, Sizes::default()) };
        record.failed(&begin, at(due_ms + 5), failure, bytes);
    }
    let examples: Vec<_> = record.examples.iter().collect();
    let example = |at_ms: u64, step, detail: Option<&str>, bytes: &[u8]| Example {
        at_ns: at_ms * 1_000_000,
        took_ns: 5_000_000,
        step,
        detail: detail.map(str::to_owned),
        bytes: bytes.to_vec(),
    };
    assert_eq!(
        examples,
        [
            ("illegal answer: bytes after the answer", &example(55, 1, None, b"more")),
            (
                "receive: connection reset",
                &example(25, 0, Some("Connection reset by peer (os error 104)"), b"")
            ),
        ]
    );
}

#[test]
fn a_share_is_of_the_time_and_never_above_it() {
    let work =
        |cpu_ms, wall_ms| Work::new(Duration::from_millis(cpu_ms), Duration::from_millis(wall_ms));
    for (work, percent) in [(work(0, 0), 0.0), (work(30, 40), 75.0), (work(41, 40), 100.0)] {
        assert!((100.0 * work.share() - percent).abs() < 1e-9, "{work:?}");
    }
    // However long it was.
    assert_eq!(work(30, 40).busier(work(35, 70)), work(30, 40));
    assert_eq!(work(30, 40).busier(work(4, 5)), work(4, 5));
}

#[test]
fn a_failure_in_reading_is_told() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
    let error = Record::read(io::BufReader::new(Broken), Instant::now()).unwrap_err();
    assert_eq!(error.to_string(), "line 1: cannot be read: timed out");
}

#[test]
fn what_was_kept_in_part_is_not_kept() {
    let started = Instant::now();
    let record = |limit: Option<u64>| Record::new(STEPS, limit.map(room), started);
    for (one, two, is_kept) in
        [(Some(1), Some(0), true), (None, Some(1), false), (Some(1), None, false)]
    {
        let operations = merged(record(one), record(two)).take_operations().remove(0);
        assert_eq!(operations.into_log().is_some(), is_kept, "{one:?} {two:?}");
    }
    assert_eq!(merged(record(None), record(None)).operations, [Operations::Off]);
}

/// Keeps reads of a set, each of elements of its own, where there are so many bytes of room.
fn keep_reads(bytes: usize, reads: i64) -> Operations {
    let mut operations = Operations::new(Some(Room { operations: 1_000, bytes }));
    for nth in 0..reads {
        operations.record(None, |pool| {
            let list: Vec<_> = (0..100).map(|one| 100 * nth + one).collect();
            let result = pool.lists.push(&list);
            let (client, call_ns, return_ns) = (0, 1, 2);
            let (op, outcome) = (Op::Read, Outcome::Ok);
            Operation { call_ns, return_ns, arg: NIL, new: NIL, result, client, op, outcome }
        });
    }
    operations
}

#[test]
fn operations_and_lists_are_kept_while_there_is_memory() {
    assert!(keep_reads(1 << 20, 100).into_log().is_some());
    // So many that it is the lists that need it.
    let full = || keep_reads(50_000, 100);
    let kept = full().memory_used_up().unwrap();
    assert!((10..50).contains(&kept), "{kept}");
    let merged = |mut one: Operations, two| {
        one.merge(two);
        one.memory_used_up()
    };
    assert_eq!(merged(full(), full()), Some(2 * kept));
    assert_eq!(merged(full(), keep_reads(1 << 20, 7)), Some(kept + 7));
    assert_eq!(merged(keep_reads(1 << 20, 7), full()), Some(kept + 7));
    assert_eq!(merged(keep_reads(1 << 20, 7), keep_reads(1 << 20, 7)), None);
    let mut record = Record::new(STEPS, None, Instant::now());
    record.operations = vec![full()];
    assert_eq!(through_a_file(&record), record);
}
