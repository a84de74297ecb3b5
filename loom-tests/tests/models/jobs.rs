//! `jobs`: the three scenarios of an unprotected map, and what else jobs are for.

use loom_tests::subjects::jobs;

macro_rules! in_every_scenario {
    ($workload:literal, $($mode:ident: $claim:ident $(within $preemptions:literal preemptions)?
        $(and [$($test:ident = $scenario:expr)*])?,)*) => {
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
                $($($test = $scenario,)*)?
            ],)*
        }
    };
}

in_every_scenario! {
    "jobs",
    racy: DataRace,
    go_map: FatalError,
    mutex: Holds and [two_adds_where_one_fits = jobs::TWO_ADDS_WHERE_ONE_FITS],
    rwlock: Holds and [two_adds_where_one_fits = jobs::TWO_ADDS_WHERE_ONE_FITS],
    sharded: Holds and [two_adds_where_one_fits = jobs::TWO_ADDS_WHERE_ONE_FITS],
    // The manager is a thread more, and every command takes two locks and two waits.
    channel: Holds within 3 preemptions and [two_adds_where_one_fits = jobs::TWO_ADDS_WHERE_ONE_FITS],
}
