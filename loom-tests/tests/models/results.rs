//! `results`: an append is lost, or none is. That `lock-before-sleep` serialises, no model sees.

use loom_tests::subjects::results;

macro_rules! in_every_scenario {
    ($workload:literal, $($mode:ident: $claim:ident $(within $preemptions:literal preemptions)?,)*) => {
        models! {
            $workload,
            $($mode: $claim $(within $preemptions preemptions)? [
                two_saves = results::TWO_SAVES,
                two_saves_where_one_fits = results::TWO_SAVES_WHERE_ONE_FITS,
                save_and_list = results::SAVE_AND_LIST,
            ],)*
        }
    };
}

in_every_scenario! {
    "results",
    racy: DataRace,
    lock_before_sleep: Holds,
    mutex: Holds,
    rwlock: Holds,
}
