//! A line per mode: what is claimed of it, checked in every scenario.

use loom_tests::scenarios::{self, Scenario};
use loom_tests::{Claim, Model};
use store::CATALOGUE;

macro_rules! models {
    ($($mode:ident: $claim:ident $(within $preemptions:literal preemptions)?,)*) => {
        const MODELS: &[Model] = &[$(Model {
            mode: stringify!($mode),
            claim: Claim::$claim,
            preemptions: [$(Some($preemptions),)? None][0],
        }),*];

        $(mod $mode {
            use super::*;

            model!($mode, two_increments, &scenarios::TWO_INCREMENTS);
            model!($mode, three_increments, &scenarios::THREE_INCREMENTS);
            model!($mode, increment_and_read, &scenarios::INCREMENT_AND_READ);
            model!($mode, increment_and_list, &scenarios::INCREMENT_AND_LIST);
            model!($mode, set_and_increment, &scenarios::SET_AND_INCREMENT);
            model!($mode, create_and_increment, &scenarios::CREATE_AND_INCREMENT);
        })*
    };
}

macro_rules! model {
    ($mode:ident, $test:ident, $scenario:expr) => {
        #[test]
        #[cfg_attr(not(store_loom), ignore = "needs loom: run scripts/loom")]
        fn $test() {
            check(stringify!($mode), $scenario);
        }
    };
}

models! {
    racy: DataRace,
    load_store: LosesUpdates,
    go_map: FatalError,
    mutex: Holds,
    rwlock: Holds,
    atomic: Holds,
    // The manager is a thread more, and every command takes two locks and two waits.
    channel: Holds within 3 preemptions,
}

fn check(mode: &str, scenario: &'static Scenario) {
    let model = MODELS.iter().find(|model| model.mode == mode).expect("a line above");
    model.check(scenario);
}

#[test]
fn every_mode_has_a_model_that_claims_what_the_catalogue_says() {
    let claimed: Vec<_> = MODELS.iter().map(|m| (m.mode_name(), m.claim.expectation())).collect();
    let expected: Vec<_> = CATALOGUE.iter().map(|m| (m.name.to_owned(), m.expectation)).collect();
    assert_eq!(claimed, expected);
}
