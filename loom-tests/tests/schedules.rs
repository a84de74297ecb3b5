//! Every mode under shuttle: 8 threads of 50 operations each.
#![cfg(store_shuttle)]

use std::collections::BTreeSet;

use loom_tests::schedules::{Load, OPERATIONS, THREADS};
use loom_tests::subjects::{booking, counter, jobs, results};
use store::RaceWindow::{None as NoWindow, Yield};

macro_rules! loads {
    ($workload:literal, $module:ident: $type:ty, $start:expr, $operation:expr,
        $($test:ident: $mode:literal $window:ident $caught:expr,)*) => {
        mod $module {
            use super::*;

            pub(super) const MODES: &[&str] = &[$($mode),*];

            $(#[test]
            fn $test() {
                static LOAD: Load<$type> = Load {
                    workload: $workload,
                    mode: $mode,
                    race_window: $window,
                    start: $start,
                    operation: $operation,
                    caught: $caught,
                };
                LOAD.check();
            })*
        }
    };
}

/// An id that no other operation has.
fn id(thread: usize, n: usize) -> i64 {
    i64::try_from(thread * OPERATIONS + n).expect("few operations")
}

fn increment_or_read(_: usize, n: usize) -> counter::Operation {
    use counter::Operation::{Increment, IncrementSecond, List, Read};
    match n % 10 {
        8 => Read,
        9 => List,
        // The second after the first, so that a list with more of the second is torn.
        n if n % 2 == 0 => Increment,
        _ => IncrementSecond,
    }
}

fn book_or_look(_: usize, n: usize) -> booking::Operation {
    if n % 10 == 9 { booking::Operation::Left } else { booking::Operation::Book }
}

fn add_or_read(thread: usize, n: usize) -> jobs::Operation {
    use jobs::Operation::{Add, Contains, List};
    match n % 10 {
        7 => Contains(id(thread, 0)),
        8 => List,
        // Above every id that a caller chooses, once one of them was added.
        9 => Add(None),
        _ => Add(Some(id(thread, n))),
    }
}

fn save_or_list(thread: usize, n: usize) -> results::Operation {
    if n % 10 == 9 { results::Operation::List } else { results::Operation::Save(id(thread, n)) }
}

const ALL: usize = THREADS * OPERATIONS;
const ROOMY: jobs::Start = jobs::Start { ids: &[], capacity: ALL };
const CRAMPED: jobs::Start = jobs::Start { ids: &[], capacity: ALL / 2 };
const LOSES: Option<&str> = Some("loses updates");
const FATAL: Option<&str> = Some("fatal error: ");
const DEADLOCK: Option<&str> = Some("deadlock");

// A cell is no point where shuttle switches threads: what is done to cells alone is atomic to it,
// and a data race never seen, unless the race window yields.
loads! { "counter", counter_loads: counter::Counter, &[0, 0], increment_or_read,
    racy: "racy" NoWindow None,
    racy_yields: "racy" Yield LOSES,
    load_store: "load-store" NoWindow LOSES,
    go_map: "go-map" NoWindow FATAL,
    mutex: "mutex" Yield None,
    rwlock: "rwlock" Yield None,
    atomic: "atomic" Yield None,
    channel: "channel" Yield None,
}

loads! { "booking", booking_loads: booking::Booking, 20, book_or_look,
    racy: "racy" NoWindow Some("oversells"),
    always_ok: "always-ok" Yield Some("answers falsely"),
    mutex: "mutex" Yield None,
    rwlock: "rwlock" Yield None,
    atomic: "atomic" Yield None,
    channel: "channel" Yield None,
}

loads! { "jobs", jobs_loads: jobs::Jobs, ROOMY, add_or_read,
    racy: "racy" NoWindow None,
    racy_yields: "racy" Yield LOSES,
    go_map: "go-map" NoWindow FATAL,
    mutex: "mutex" Yield None,
    rwlock: "rwlock" Yield None,
    sharded: "sharded" Yield None,
    channel: "channel" Yield None,
}

loads! { "results", results_loads: results::Results, ALL, save_or_list,
    racy: "racy" NoWindow None,
    racy_yields: "racy" Yield LOSES,
    lock_before_sleep: "lock-before-sleep" Yield None,
    mutex: "mutex" Yield None,
    rwlock: "rwlock" Yield None,
}

loads! { "unawaited", unawaited_loads: results::Results, ALL, save_or_list,
    unawaited: "unawaited" Yield LOSES,
    awaited: "awaited" Yield None,
}

loads! { "mistakes", mistakes_loads: jobs::Jobs, CRAMPED, add_or_read,
    forgotten_unlock: "forgotten-unlock" Yield DEADLOCK,
    unlock_of_unlocked: "unlock-of-unlocked" Yield FATAL,
    lock_twice: "lock-twice" Yield DEADLOCK,
    opposite_order: "opposite-order" Yield DEADLOCK,
    send_nobody_receives: "send-nobody-receives" Yield DEADLOCK,
    access_outside_lock: "access-outside-lock" NoWindow None,
    access_outside_lock_yields: "access-outside-lock" Yield LOSES,
    copied_lock: "copied-lock" NoWindow None,
    copied_lock_yields: "copied-lock" Yield LOSES,
    lock_over_slow_call: "lock-over-slow-call" Yield None,
}

#[test]
fn every_mode_is_run() {
    let loads = [
        counter_loads::MODES,
        booking_loads::MODES,
        jobs_loads::MODES,
        results_loads::MODES,
        unawaited_loads::MODES,
        mistakes_loads::MODES,
    ];
    assert_eq!(loads.len(), store::WORKLOADS.len());
    for (modes, workload) in loads.into_iter().zip(store::WORKLOADS) {
        let run: BTreeSet<_> = modes.iter().copied().collect();
        let catalogued: BTreeSet<_> = workload.modes.iter().map(|mode| mode.name).collect();
        assert_eq!(run, catalogued, "{}", workload.name);
    }
}
