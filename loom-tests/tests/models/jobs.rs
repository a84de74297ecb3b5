//! `jobs`: the three scenarios of an unprotected map, and what else jobs are for.

use loom_tests::subjects::jobs;

macro_rules! in_every_scenario {
    ($workload:literal, $($mode:ident: $claim:ident $(within $preemptions:literal preemptions)?,)*) => {
        models! {
            $workload,
            $($mode: $claim $(within $preemptions preemptions)? [
                two_adds = jobs::TWO_ADDS,
                two_adds_without_id = jobs::TWO_ADDS_WITHOUT_ID,
                add_and_list = jobs::ADD_AND_LIST,
                two_adds_and_list = jobs::TWO_ADDS_AND_LIST,
                add_and_contains = jobs::ADD_AND_CONTAINS,
                add_and_remove = jobs::ADD_AND_REMOVE,
                add_without_id_and_remove = jobs::ADD_WITHOUT_ID_AND_REMOVE,
                two_readers = jobs::TWO_READERS,
            ],)*
        }
    };
}

in_every_scenario! {
    "jobs",
    racy: DataRace,
    go_map: FatalError,
    mutex: Holds,
    rwlock: Holds,
    sharded: Holds,
    // The manager is a thread more, and every command takes two locks and two waits.
    channel: Holds within 3 preemptions,
}
