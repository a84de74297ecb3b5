//! `mistakes`: each in the scenarios in which it shows.

use loom_tests::subjects::jobs;

models! {
    "mistakes",
    forgotten_unlock: Deadlock [two_adds_where_one_fits = jobs::TWO_ADDS_WHERE_ONE_FITS],
    unlock_of_unlocked: FatalError [two_adds_where_one_fits = jobs::TWO_ADDS_WHERE_ONE_FITS],
    access_outside_lock: DataRace [
        two_adds = jobs::TWO_ADDS,
        two_adds_without_id = jobs::TWO_ADDS_WITHOUT_ID,
        add_and_list = jobs::ADD_AND_LIST,
        add_and_contains = jobs::ADD_AND_CONTAINS,
    ],
    copied_lock: DataRace [
        two_adds = jobs::TWO_ADDS,
        two_adds_without_id = jobs::TWO_ADDS_WITHOUT_ID,
        add_and_list = jobs::ADD_AND_LIST,
        add_and_contains = jobs::ADD_AND_CONTAINS,
    ],
    lock_over_slow_call: Holds [
        two_adds = jobs::TWO_ADDS,
        two_adds_without_id = jobs::TWO_ADDS_WITHOUT_ID,
        add_and_list = jobs::ADD_AND_LIST,
        add_and_contains = jobs::ADD_AND_CONTAINS,
        add_and_remove = jobs::ADD_AND_REMOVE,
    ],
    lock_twice: Deadlock [two_adds_where_one_fits = jobs::TWO_ADDS_WHERE_ONE_FITS],
    opposite_order: Deadlock [add_and_list = jobs::ADD_AND_LIST],
    send_nobody_receives: Deadlock [two_adds_where_one_fits = jobs::TWO_ADDS_WHERE_ONE_FITS],
}
