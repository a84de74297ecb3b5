//! `counter`: an increment is lost, or none is.

use loom_tests::subjects::counter;

macro_rules! in_every_scenario {
    ($workload:literal, $($mode:ident: $claim:ident $(within $preemptions:literal preemptions)?
        $(and [$($test:ident = $scenario:expr)*])?,)*) => {
        models! {
            $workload,
            $($mode: $claim $(within $preemptions preemptions)? [
                two_increments = counter::TWO_INCREMENTS,
                three_increments = counter::THREE_INCREMENTS,
                increment_and_read = counter::INCREMENT_AND_READ,
                increment_and_list = counter::INCREMENT_AND_LIST,
                set_and_increment = counter::SET_AND_INCREMENT,
                create_and_increment = counter::CREATE_AND_INCREMENT,
                $($($test = $scenario,)*)?
            ],)*
        }
    };
}

in_every_scenario! {
    "counter",
    racy: DataRace,
    load_store: LosesUpdates,
    go_map: FatalError and [increment_both_and_list = counter::INCREMENT_BOTH_AND_LIST],
    mutex: Holds and [increment_both_and_list = counter::INCREMENT_BOTH_AND_LIST],
    rwlock: Holds and [increment_both_and_list = counter::INCREMENT_BOTH_AND_LIST],
    atomic: Holds and [increment_both_and_list = counter::INCREMENT_BOTH_AND_LIST],
    // The manager is a thread more, and every command takes two locks and two waits.
    channel: Holds within 3 preemptions and [increment_both_and_list = counter::INCREMENT_BOTH_AND_LIST],
}
