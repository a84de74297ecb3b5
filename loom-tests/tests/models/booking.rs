//! `booking`: a seat is sold twice, or none is.

use loom_tests::subjects::booking;

macro_rules! in_every_scenario {
    ($workload:literal, $($mode:ident: $claim:ident $(within $preemptions:literal preemptions)?,)*) => {
        models! {
            $workload,
            $($mode: $claim $(within $preemptions preemptions)? [
                two_bookers = booking::TWO_BOOKERS,
                three_bookers = booking::THREE_BOOKERS,
                two_bookers_and_a_reader = booking::TWO_BOOKERS_AND_A_READER,
            ],)*
        }
    };
}

in_every_scenario! {
    "booking",
    racy: Oversells,
    always_ok: AnswersFalsely,
    mutex: Holds,
    rwlock: Holds,
    atomic: Holds,
    // The manager is a thread more, and every command takes two locks and two waits.
    channel: Holds within 3 preemptions,
}
