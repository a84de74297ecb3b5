//! The sequential meaning, which is both modes'.

use std::time::Duration;

use super::open;
use crate::modes;
use crate::threads::wait_until;

#[test]
fn what_is_acknowledged_is_saved_sooner_or_later_and_in_its_order() {
    for mode in modes("unawaited") {
        let results = open(mode, Duration::ZERO, None);
        assert!(results.acknowledges_early());
        assert_eq!(results.list(), []);
        let ids = [5, 0, 5, i64::MAX];
        for id in ids {
            assert_eq!(results.save(id), Ok(()));
        }
        wait_until("everything is saved", || {
            let list = results.list();
            assert!(ids.starts_with(&list), "{list:?}");
            list == ids
        });
    }
}

#[test]
fn a_save_is_acknowledged_before_the_slow_call_is_over() {
    for mode in modes("unawaited") {
        let results = open(mode, Duration::from_mins(10), None);
        results.save(1).unwrap();
        assert_eq!(results.list(), []);
    }
}

#[test]
fn finishing_twice_is_finishing_once() {
    for mode in modes("unawaited") {
        let results = open(mode, Duration::ZERO, None);
        results.save(1).unwrap();
        results.finish();
        results.finish();
        wait_until("it is saved", || results.list() == [1]);
    }
}
