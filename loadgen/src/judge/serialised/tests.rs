//! Servers that are simulated: what they do is known, and what is said of them must be true.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use check::Object;
use check::history::{Initial, NIL};
use fastrand::Rng;

use super::*;

const MS: f64 = 1e6;
const SEEDS: u64 = 30;

/// A server and its clients, in a closed loop.
#[derive(Clone, Copy)]
struct Simulation {
    clients: u32,
    updates: usize,
    workers: usize,
    /// What an update takes, in nanoseconds.
    service: fn(&mut Rng) -> f64,
    /// Whether the one that has waited longest is next.
    is_fair: bool,
    /// The least time between the beginnings of two updates.
    spacing: f64,
    /// What share of the operations read, which takes a tenth of a millisecond and no worker.
    reads: f64,
}

const ONE_AT_A_TIME: Simulation = Simulation {
    clients: 10,
    updates: 200,
    workers: 1,
    service: five_ms,
    is_fair: true,
    spacing: 0.0,
    reads: 0.0,
};

fn five_ms(rng: &mut Rng) -> f64 {
    (5.0 + 0.1 * rng.f64()) * MS
}

fn jittery(rng: &mut Rng) -> f64 {
    (4.0 + 2.0 * rng.f64()) * MS
}

fn exponential(rng: &mut Rng) -> f64 {
    -5.0 * MS * rng.f64().max(1e-9).ln()
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Calls(u32),
    Ends { client: u32, call_ns: u64 },
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times of simulations are small and positive"
)]
fn ns(time: f64) -> u64 {
    time as u64
}

impl Simulation {
    fn run(self, seed: u64) -> History {
        let rng = &mut Rng::with_seed(seed);
        let mut operations = Vec::new();
        // All connect at about the same time.
        let mut events: BinaryHeap<_> = (0..self.clients)
            .map(|client| Reverse((ns(0.2 * MS * rng.f64()), Event::Calls(client))))
            .collect();
        let (mut queue, mut busy, mut next_start_ns) = (Vec::new(), 0, 0);
        let mut left = self.updates;
        while let Some(Reverse((now_ns, event))) = events.pop() {
            match event {
                Event::Calls(client) if rng.f64() < self.reads => {
                    let return_ns = now_ns + ns(0.1 * MS);
                    operations.push(operation(client, Op::Read, now_ns, return_ns));
                    if left > 0 {
                        events.push(Reverse((return_ns, Event::Calls(client))));
                    }
                }
                Event::Calls(client) if left > 0 => {
                    left -= 1;
                    queue.push((client, now_ns));
                }
                Event::Calls(_) => {}
                Event::Ends { client, call_ns } => {
                    operations.push(operation(client, Op::Add, call_ns, now_ns));
                    busy -= 1;
                    // The way to the client and back.
                    let next_ns = now_ns + ns((0.03 + 0.05 * rng.f64()) * MS);
                    events.push(Reverse((next_ns, Event::Calls(client))));
                }
            }
            while busy < self.workers && !queue.is_empty() {
                let next = if self.is_fair { 0 } else { rng.usize(0..queue.len()) };
                let (client, call_ns) = queue.remove(next);
                busy += 1;
                let start_ns = now_ns.max(next_start_ns);
                next_start_ns = start_ns + ns(self.spacing);
                let end_ns = start_ns + ns((self.service)(rng));
                events.push(Reverse((end_ns, Event::Ends { client, call_ns })));
            }
        }
        history(operations)
    }

    /// What is said of it, whatever the seed.
    #[track_caller]
    fn is_serialised(self) -> bool {
        let found: Vec<_> = (0..SEEDS).map(|seed| self.said(seed).is_some()).collect();
        assert!(found.iter().all(|one| *one == found[0]), "it depends on chance: {found:?}");
        found[0]
    }

    fn said(self, seed: u64) -> Option<Serialised> {
        Serialised::of(&self.run(seed), self.clients as usize)
    }
}

fn operation(client: u32, op: Op, call_ns: u64, return_ns: u64) -> Operation {
    let (arg, outcome) = (if op == Op::Add { 1 } else { NIL }, Outcome::Ok);
    Operation { call_ns, return_ns, arg, new: NIL, result: NIL, client, op, outcome }
}

fn history(operations: Vec<Operation>) -> History {
    let initial = Initial::Default;
    let object = Object { key: "i".to_owned(), initial, operations, ..Object::default() };
    History { objects: vec![object] }
}

#[test]
fn one_at_a_time_is_found_whatever_the_concurrency_and_the_order() {
    for clients in [2, 3, 10, 50, 100] {
        for is_fair in [true, false] {
            for service in [five_ms, jittery] {
                let simulation = Simulation { clients, service, is_fair, ..ONE_AT_A_TIME };
                assert!(simulation.is_serialised(), "{clients} clients, fair: {is_fair}");
            }
        }
    }
}

#[test]
fn the_rate_is_the_inverse_of_the_service_time() {
    let Serialised { service_time_us, requests_per_s } = ONE_AT_A_TIME.said(0).unwrap();
    assert!((5000..5200).contains(&service_time_us), "{service_time_us}");
    assert!((190.0..200.0).contains(&requests_per_s), "{requests_per_s}");
}

#[test]
fn reads_that_pass_by_do_not_hide_it() {
    for reads in [0.05, 0.5] {
        for is_fair in [true, false] {
            let simulation = Simulation { is_fair, reads, ..ONE_AT_A_TIME };
            assert!(simulation.is_serialised(), "{reads}");
        }
    }
}

#[test]
fn workers_side_by_side_are_not_one() {
    for workers in [2, 3, 4, 8, 50] {
        for clients in [2, 3, 4, 10, 50] {
            for service in [five_ms, jittery, exponential, |_: &mut Rng| 5.0 * MS] {
                for reads in [0.0, 0.2] {
                    for updates in [40, 100, 1000] {
                        let simulation = Simulation {
                            clients,
                            updates,
                            workers,
                            service,
                            reads,
                            ..ONE_AT_A_TIME
                        };
                        assert!(
                            !simulation.is_serialised(),
                            "{workers} workers, {clients} clients"
                        );
                    }
                }
            }
        }
    }
}

/// The turns of such workers alternate, whatever their offset, and it wanders with what they vary.
#[test]
fn two_workers_in_an_even_rhythm_are_not_one() {
    for service_ms in [2.0, 3.0, 4.0, 5.0, 8.0] {
        for jitter_ms in [0.0, 0.001, 0.02, 0.06, 0.2] {
            for offset_ms in (0..20).map(|part| service_ms * f64::from(part) / 20.0) {
                for seed in 0..SEEDS {
                    let rng = &mut Rng::with_seed(seed);
                    let mut operations = Vec::new();
                    for (client, begin_ms) in [(0, 0.0), (1, offset_ms)] {
                        let mut now_ms = begin_ms;
                        for _ in 0..100 {
                            let end_ms = now_ms + service_ms + jitter_ms * rng.f64();
                            let (call_ns, return_ns) = (ns(now_ms * MS), ns(end_ms * MS));
                            operations.push(operation(client, Op::Add, call_ns, return_ns));
                            now_ms = end_ms;
                        }
                    }
                    let said = Serialised::of(&history(operations), 2);
                    assert_eq!(said, None, "{service_ms} {jitter_ms} {offset_ms} {seed}");
                }
            }
        }
    }
}

/// As a server is that has just been started, and whose clients all connect at once.
#[test]
fn a_cold_start_does_not_hide_it() {
    for service in [|rng: &mut Rng| (2.0 + 0.1 * rng.f64()) * MS, five_ms] {
        for clients in [2, 50] {
            for seed in 0..SEEDS {
                let mut history = Simulation { clients, service, ..ONE_AT_A_TIME }.run(seed);
                // All that were called before the first answer wait for the server to wake up.
                let operations = &mut history.objects[0].operations;
                for operation in operations {
                    let is_first = operation.call_ns < ns(MS);
                    operation.call_ns += if is_first { 0 } else { ns(2.2 * MS) };
                    operation.return_ns += ns(2.2 * MS);
                }
                let said = Serialised::of(&history, clients as usize);
                assert!(said.is_some(), "{clients} clients, seed {seed}");
            }
        }
    }
}

#[test]
fn a_rate_limiter_is_not_the_work() {
    let services: [fn(&mut Rng) -> f64; 3] = [
        |rng| (0.1 + 0.1 * rng.f64()) * MS,
        |rng| (2.0 + 0.2 * rng.f64()) * MS,
        |rng| (20.0 + 2.0 * rng.f64()) * MS,
    ];
    for service in services {
        let spaced = Simulation { workers: 1000, service, spacing: 5.0 * MS, ..ONE_AT_A_TIME };
        assert!(!spaced.is_serialised());
    }
}

#[test]
fn one_client_proves_nothing() {
    assert!(!Simulation { clients: 1, ..ONE_AT_A_TIME }.is_serialised());
    // Nor do several who never meet.
    let alone = (0..100).map(|n| {
        let call_ns = n * 6_000_000;
        operation(u32::from(n % 2 == 0), Op::Add, call_ns, call_ns + 5_000_000)
    });
    assert_eq!(Serialised::of(&history(alone.collect()), 2), None);
}

#[test]
fn few_updates_prove_nothing() {
    let few = |clients, updates| Simulation { clients, updates, ..ONE_AT_A_TIME }.is_serialised();
    assert!(!few(2, 39) && few(2, 40));
    assert!(!few(50, 99) && few(50, 100));
    assert_eq!(Serialised::of(&History::default(), 2), None);
}

#[test]
fn what_is_fast_is_bounded_by_the_processor() {
    let service = |_: &mut Rng| 0.5 * MS;
    assert!(!Simulation { service, ..ONE_AT_A_TIME }.is_serialised());
}

#[test]
fn work_that_varies_widely_is_not_claimed_to_be() {
    let found = (0..SEEDS)
        .filter(|seed| Simulation { service: exponential, ..ONE_AT_A_TIME }.said(*seed).is_some());
    assert_eq!(found.count(), 0);
}
