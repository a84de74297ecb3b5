//! That `racy` loses, outside loom too.

use super::open;
use crate::mode;
use crate::threads::{THREADS, on_threads, tried_until_seen};

const EACH: u16 = 1_000;
const ROOM: usize = EACH as usize * THREADS as usize;

#[test]
fn racy_loses_a_result() {
    tried_until_seen("racy loses a result", || {
        let results = open(mode("results", "racy"), ROOM);
        on_threads(|_| (0..i64::from(EACH)).for_each(|id| assert_eq!(results.save(id), Ok(()))));
        let list = results.list();
        assert!(
            list.iter().all(|id| (0..i64::from(EACH)).contains(id)),
            "a result that nobody saved"
        );
        list.len() < ROOM
    });
}
