//! Which tests there are, and on which databases.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

use crate::place::Place;
use crate::{basics, conditions, faults, updates};

/// Several threads, as the server has them.
pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

/// Runs a test on a database of some kind, if that is to be had.
fn on<F: Future<Output = ()>>(kind: &'static str, test: impl FnOnce(Arc<Place>) -> F) {
    let Some(place) = Place::of(kind) else { return };
    runtime().block_on(test(place));
}

macro_rules! suite {
    ($database:ident, $feature:literal, $($module:ident::$test:ident,)*) => {
        #[cfg(feature = $feature)]
        mod $database {
            use super::*;
            $(
                #[test]
                fn $test() {
                    on(stringify!($database), |place| $module::$test(place));
                }
            )*
        }
    };
}

macro_rules! every_database {
    ($($test:tt)*) => {
        suite! { sqlite, "sqlite", $($test)* }
        suite! { postgres, "postgres", $($test)* }
        suite! { mariadb, "mysql", $($test)* }
        suite! { redis, "redis", $($test)* }
        suite! { mongodb, "mongodb", $($test)* }
    };
}

every_database! {
    basics::a_document_is_made_read_replaced_and_removed,
    basics::what_is_wrong_is_said_with_what_would_be_right,
    basics::a_document_does_not_grow_beyond_the_limit,
    basics::contents_come_back_as_they_went,
    basics::patches_are_merged,
    basics::lists_come_in_pages_in_the_order_of_ids,
    basics::a_field_is_added_to_in_every_mode,
    basics::it_says_what_it_is,
    basics::several_start_on_one_database_at_once,
    conditions::a_write_of_an_old_version_is_refused,
    conditions::a_condition_may_be_required,
    conditions::no_version_comes_back_with_an_id,
    updates::correct_modes_lose_no_increment,
    updates::losing_modes_lose_increments,
    updates::a_client_that_says_what_it_read_loses_nothing,
    updates::transfers_keep_the_total,
    updates::what_is_acknowledged_first_is_written_if_nothing_dies,
    updates::plain_documents_are_all_that_client_side_offers,
    faults::a_pool_that_is_exhausted_is_told,
}

/// Those whose wire can be cut.
macro_rules! every_server {
    ($($test:tt)*) => {
        suite! { postgres, "postgres", $($test)* }
        suite! { mariadb, "mysql", $($test)* }
        suite! { redis, "redis", $($test)* }
        suite! { mongodb, "mongodb", $($test)* }
    };
}

mod wires {
    use super::*;

    every_server! {
        faults::a_database_that_is_gone_is_told_and_comes_back,
    faults::only_what_was_sent_may_have_been_applied,
        faults::what_may_have_been_applied_is_not_called_not_applied,
        faults::a_database_that_is_gone_at_the_start_is_waited_for,
    }
}
