//! No claim is borne out by whatever a mode does: each refuses modes that break it.
//!
//! A mode that deadlocks ends the process where a deadlock is not claimed, and so does one whose own
//! task is left when a model is given up, so that none of them is here.

use loom_tests::subjects::{booking, counter};
use loom_tests::{Claim, Conflict, Model, Scenario};

const UNEXPLAINED: &str = "no order of the operations explains";

/// Claims of modes, and why each is refused.
macro_rules! refused {
    ($($test:ident: $claim:ident of $workload:literal $mode:literal
        $(within $preemptions:literal preemptions)? in $scenario:expr, $why:expr;)*) => {
        $(#[test]
        #[cfg_attr(not(store_loom), ignore = "needs loom: run scripts/loom")]
        fn $test() {
            let claim = Claim::$claim;
            let preemptions = [$(Some($preemptions),)? None][0];
            let model = Model { workload: $workload, mode: $mode, claim, preemptions };
            let path = concat!(module_path!(), "::", stringify!($test));
            let (_, test) = path.split_once("::").expect("the crate comes first");
            let refusal = std::panic::catch_unwind(|| model.check(&$scenario, test));
            let refusal = refusal.expect_err("the claim is borne out");
            let text = refusal.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| refusal.downcast_ref::<&str>().copied()).unwrap_or("?");
            assert!(text.contains($why), "refused since {text}");
        })*
    };
}

/// There is nothing that its thread could meet.
static ALONE: Scenario<counter::Counter> = Scenario {
    start: &[0],
    threads: &[&[counter::Operation::Increment]],
    conflict: Conflict::Writes,
};

/// To read every value takes more preemptions than one.
static TURNS: Scenario<counter::Counter> = Scenario {
    start: &[0],
    threads: &[
        &[counter::Operation::Increment, counter::Operation::Increment],
        &[counter::Operation::Read, counter::Operation::Read, counter::Operation::Read],
    ],
    conflict: Conflict::ReadAndWrite,
};

refused! {
    holds_of_lost_updates: Holds of "counter" "load_store" in counter::TWO_INCREMENTS, UNEXPLAINED;
    holds_of_a_data_race: Holds of "counter" "racy" in counter::TWO_INCREMENTS,
        "Causality violation";
    holds_of_an_oversell: Holds of "booking" "racy" in booking::TWO_BOOKERS, UNEXPLAINED;
    holds_of_a_false_answer: Holds of "booking" "always_ok" in booking::TWO_BOOKERS, UNEXPLAINED;
    holds_of_a_fatal_error: Holds of "counter" "go_map" in counter::TWO_INCREMENTS,
        "fatal errors";
    holds_of_one_thread: Holds of "counter" "mutex" in ALONE, "nothing to interleave";
    holds_of_too_few_interleavings: Holds of "counter" "mutex" within 1 preemptions in TURNS, "no interleaving reached";
    data_race_of_a_lock: DataRace of "counter" "mutex" in counter::TWO_INCREMENTS, "no data race";
    data_race_of_lost_updates: DataRace of "counter" "load_store" in counter::TWO_INCREMENTS,
        "no data race";
    lost_updates_of_a_lock: LosesUpdates of "counter" "mutex" in counter::TWO_INCREMENTS,
        "no interleaving loses updates";
    lost_updates_of_a_data_race: LosesUpdates of "counter" "racy" in counter::TWO_INCREMENTS,
        "Causality violation";
    lost_updates_of_a_fatal_error: LosesUpdates of "counter" "go_map" in counter::TWO_INCREMENTS,
        "fatal errors";
    oversell_of_a_lock: Oversells of "booking" "mutex" in booking::TWO_BOOKERS,
        "no interleaving oversells";
    oversell_of_a_false_answer: Oversells of "booking" "always_ok" in booking::TWO_BOOKERS,
        UNEXPLAINED;
    false_answer_of_a_lock: AnswersFalsely of "booking" "mutex" in booking::TWO_BOOKERS,
        "no interleaving answers falsely";
    false_answer_of_an_oversell: AnswersFalsely of "booking" "racy" in booking::TWO_BOOKERS,
        UNEXPLAINED;
    fatal_error_of_a_lock: FatalError of "counter" "mutex" in counter::TWO_INCREMENTS,
        "no fatal error";
    fatal_error_of_lost_updates: FatalError of "counter" "load_store" in counter::TWO_INCREMENTS,
        UNEXPLAINED;
    deadlock_of_a_lock: Deadlock of "counter" "mutex" in counter::TWO_INCREMENTS, "no deadlock";
}
