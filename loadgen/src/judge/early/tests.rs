//! What workers tell, brought into one order.

mod any_run;

use check::history::NEVER;
use check::{Model, Object, verify};
use fastrand::Rng;

use super::*;
use crate::judge::tests::plan;

fn early(is_exclusive: bool, before: State, threads: usize) -> Early {
    let mut plan = plan(Some(Model::FetchAndAdd));
    plan.is_exclusive = is_exclusive;
    plan.load.threads = threads;
    plan.judging.as_mut().unwrap().ends_at_first = true;
    let before = Before { first: before.clone(), state: before };
    Early::new(&plan, Some(&before)).unwrap()
}

fn batch(worker: usize, until_ns: u64, events: Vec<Event>) -> Batch {
    Batch { worker, events, until_ns, revoked: None }
}

/// An addition of `client` from its call to its return, as it is told.
fn add(client: u32, result: i64, (call_ns, return_ns): (u64, u64)) -> [Event; 2] {
    let (op, outcome, arg, new) = (Op::Add, Outcome::Ok, 1, NIL);
    let ended = Operation { call_ns, return_ns, arg, new, result, client, op, outcome };
    [Event::Begun { client, op, call_ns }, Event::Ended(ended)]
}

#[test]
fn what_a_worker_tells_waits_until_all_have_told_as_much() {
    let mut early = early(true, State::Number(0.into()), 2);
    let twice = [add(0, 1, (0, 10)), add(0, 1, (10, 20))].concat();
    assert_eq!(early.take(batch(0, 100, twice)), Standing::Open);
    // What ends at this very time is concurrent with what the other may still tell.
    assert_eq!(early.take(batch(1, 20, Vec::new())), Standing::Open);
    let Standing::Invalid(proof) = early.take(batch(1, 21, Vec::new())) else { panic!("twice 1") };
    assert_eq!((proof.kind, proof.time_ns), (check::AnomalyKind::DuplicateValue, 20));
}

#[test]
fn nobody_waits_for_a_worker_that_has_ended() {
    let mut early = early(true, State::Number(0.into()), 2);
    assert_eq!(early.take(batch(0, NEVER, add(0, 1, (0, 10)).to_vec())), Standing::Open);
    let again = batch(1, 100, add(1, 1, (20, 30)).to_vec());
    let Standing::Invalid(proof) = early.take(again) else { panic!("twice 1") };
    assert_eq!(proof.time_ns, 30);
}

#[test]
fn a_run_that_is_over_is_not_ended() {
    let mut early = early(true, State::Number(0.into()), 1);
    let twice = [add(0, 1, (0, 10)), add(0, 1, (10, 20))].concat();
    assert_eq!(early.take(batch(0, NEVER, twice)), Standing::Open);
}

#[test]
fn what_was_told_proves_nothing_once_it_is_revoked() {
    let mut early = early(true, State::Number(0.into()), 1);
    let twice = [add(0, 1, (0, 10)), add(0, 1, (10, 20))].concat();
    let revoked = Batch { revoked: Some("it was another's"), ..batch(0, 100, twice) };
    assert_eq!(early.take(revoked), Standing::Stopped("it was another's"));
}

#[test]
fn a_refusal_by_nobodys_word_may_have_been_applied() {
    for (return_ns, is_invalid) in [(5, false), (NEVER, true)] {
        let mut early = early(true, State::Number(0.into()), 1);
        let [begun, Event::Ended(ended)] = add(1, NIL, (0, return_ns)) else { panic!("an end") };
        let failed = Event::Ended(Operation { outcome: Outcome::Fail, ..ended });
        // It is the only one that may have made 1.
        let events = [[begun, failed], add(0, 2, (1, 10))].concat();
        let standing = early.take(batch(0, 100, events));
        assert_eq!(matches!(standing, Standing::Invalid(_)), is_invalid, "{standing:?}");
    }
}

#[test]
fn what_others_may_have_done_ends_no_run() {
    let skipped = add(0, 2, (0, 10)).to_vec();
    let nothing = State::Number(0.into());
    assert_eq!(
        early(false, nothing.clone(), 1).take(batch(0, 99, skipped.clone())),
        Standing::Open
    );
    let standing = early(true, nothing, 1).take(batch(0, 99, skipped));
    assert!(matches!(standing, Standing::Invalid(_)), "{standing:?}");
}

#[test]
fn where_nothing_was_ever_seen_nothing_is_proved() {
    let mut early = early(true, State::Nothing, 1);
    let twice = [add(0, 1, (0, 10)), add(0, 1, (10, 20))].concat();
    assert_eq!(early.take(batch(0, 99, twice)), Standing::Open);
    let [Event::Begun { .. }, Event::Ended(one)] = add(0, 1, (100, 110)) else { panic!("both") };
    let read = Operation { op: Op::Read, arg: NIL, ..one };
    let begun = Event::Begun { client: 0, op: Op::Read, call_ns: 100 };
    let standing = early.take(batch(0, 200, vec![begun, Event::Ended(read)]));
    assert!(matches!(standing, Standing::Invalid(_)), "{standing:?}");
}

/// Tells what each worker has to tell, all from before `end_ns`, in batches as they come; stops at what
/// is proved.
fn tell(rng: &mut Rng, early: &mut Early, mut told: Vec<Vec<Event>>, end_ns: u64) -> Standing {
    let mut until_ns = vec![0; told.len()];
    let mut standing = Standing::Open;
    while standing == Standing::Open && until_ns.iter().any(|until_ns| *until_ns < end_ns) {
        let worker = rng.usize(0..told.len());
        until_ns[worker] = (until_ns[worker] + rng.u64(0..20)).min(end_ns);
        // The end of what has none is told as soon as its turn comes.
        let is_later = |event: &Event| event.time_ns() >= until_ns[worker];
        let count = told[worker].iter().position(is_later).unwrap_or(told[worker].len());
        let events = told[worker].drain(..count).collect();
        standing = early.take(batch(worker, until_ns[worker], events));
    }
    standing
}

/// Clients of several workers, each of which tells in batches of its own, at times of its own: a
/// counter that is right is never accused, and one that is not is as soon as all is told.
#[test]
fn in_whatever_batches_it_is_told_it_is_judged_the_same() {
    let mut invalid = 0;
    for seed in 0..2000 {
        let mut rng = Rng::with_seed(seed);
        let (workers, clients) = (rng.usize(1..4), rng.u32(1..6));
        let loses = rng.bool();
        let mut told = vec![Vec::new(); workers];
        let mut operations = Vec::new();
        let mut in_flight = vec![None; clients as usize];
        let mut value = 0;
        for now_ns in 1..60 {
            let client = rng.u32(0..clients);
            let events = &mut told[client as usize % workers];
            if let Some(call_ns) = in_flight[client as usize] {
                value += i64::from(!(loses && rng.u8(0..30) == 0));
                let [_, ended] = add(client, value, (call_ns, now_ns));
                events.push(ended);
                let Event::Ended(operation) = ended else { panic!("it has ended") };
                operations.push(operation);
            }
            // The next request begins when the last is answered.
            events.push(Event::Begun { client, op: Op::Add, call_ns: now_ns });
            in_flight[client as usize] = Some(now_ns);
        }
        let mut early = early(true, State::Number(0.into()), workers);
        let standing = tell(&mut rng, &mut early, told, 60);
        let is_lost = operations
            .iter()
            .any(|one| operations.iter().any(|other| other != one && other.result == one.result));
        let is_wrong = is_lost || operations.iter().any(|one| one.result < 1);
        let Standing::Invalid(proof) = standing else {
            assert!(!is_wrong && standing == Standing::Open, "seed {seed}: {standing:?}");
            continue;
        };
        assert!(is_wrong, "seed {seed}: {proof:?}");
        invalid += 1;
        let object = Object { operations, ..Object::default() };
        assert!(verify(&object, Model::FetchAndAdd, &proof.anomaly(&object).unwrap()));
    }
    assert!((500..1500).contains(&invalid), "{invalid}");
}
