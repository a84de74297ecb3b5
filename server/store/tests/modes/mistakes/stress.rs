//! That a lock is one, under threads, for as long as the mistake is not made.

use loadgen_store::{Expectation, Jobs, Mode, RaceWindow};

use crate::jobs::open;
use crate::jobs::stress::{ROOM, chosen_ids_are_distinct_and_there, threads_keep_their_own};
use crate::modes;

/// The modes that lose nothing, with room for everything; none is listed while it is added to.
fn stores() -> impl Iterator<Item = Box<dyn Jobs>> {
    let loses = |mode: &Mode| mode.expectation == Expectation::LosesUpdates;
    modes("mistakes")
        .filter(move |mode| !loses(mode))
        .map(|mode| open(mode, ROOM, RaceWindow::Yield))
}

#[test]
fn every_id_that_the_store_chooses_is_chosen_once_and_none_is_lost() {
    stores().for_each(|jobs| chosen_ids_are_distinct_and_there(&*jobs));
}

#[test]
fn what_each_thread_added_and_left_is_there_and_what_it_removed_is_not() {
    stores().for_each(|jobs| threads_keep_their_own(&*jobs));
}
