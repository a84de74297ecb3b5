//! Witnesses that prove something else, or nothing.

use loadgen_check::AnomalyKind::{
    BrokenTotal, ConflictingReads, Overdraft, Overspending, PhantomRefusal, StaleRead, TornRead,
    WrongBalance,
};
use loadgen_check::{Model, Object, verify};

use super::{bank, blank, lost, moved, read, refused};
use crate::sample::anomaly;

const BOTH: [(i64, i64); 2] = [(1, 100), (2, 50)];

fn refuses(
    object: &Object,
    floor: Option<i64>,
) -> impl Fn(loadgen_check::AnomalyKind, &[u32]) -> bool {
    move |kind, witness| !verify(object, Model::Accounts { floor }, &anomaly(kind, &[0], witness))
}

#[test]
fn a_witness_against_a_read_that_proves_something_else_is_refused() {
    let object = bank(
        &BOTH,
        &[
            moved(30, [1, 2], 0, 40),
            read(&[(1, 70), (2, 50)], 10, 30),
            read(&[(1, 70), (2, 80)], 10, 30),
            read(&[(1, 71)], 10, 30),
            read(&[(1, 100)], 31, 40),
            blank(0, 10),
            read(&[(2, 50)], 60, 70),
            read(&[(1, 100)], 30, 40),
        ],
    );
    let refused = refuses(&object, None);
    assert!(
        !refused(BrokenTotal, &[1]) && !refused(TornRead, &[1]) && !refused(WrongBalance, &[3])
    );
    assert!(!refused(ConflictingReads, &[2, 4]) && !refused(WrongBalance, &[6]));
    for kind in [BrokenTotal, WrongBalance, TornRead] {
        assert!(refused(kind, &[2]) && refused(kind, &[4]) && refused(kind, &[5]));
        assert!(refused(kind, &[0]) && refused(kind, &[]) && refused(kind, &[1, 1]));
        assert!(refused(kind, &[99]), "no operation");
    }
    assert!(refused(BrokenTotal, &[3]), "of one account");
    assert!(refused(ConflictingReads, &[2, 2]) && refused(ConflictingReads, &[2, 7]), "they touch");
    assert!(refused(ConflictingReads, &[2, 0]) && refused(ConflictingReads, &[4, 5]));
    assert!(refused(StaleRead, &[3]), "another kind");
}

#[test]
fn a_witness_against_moves_that_proves_something_else_is_refused() {
    let object = bank(
        &BOTH,
        &[
            moved(80, [1, 2], 0, 10),
            moved(21, [1, 2], 20, 30),
            refused(50, [2, 1], 40, 50),
            refused(60, [1, 2], 0, 5),
            lost(30, [1, 3], 60),
            read(&[(1, -1)], 40, 50),
            read(&[(1, 0)], 40, 50),
            moved(200, [2, 2], 0, 10),
        ],
    );
    let refused = refuses(&object, Some(0));
    assert!(!refused(Overspending, &[0, 1]) && !refused(PhantomRefusal, &[2]));
    assert!(!refused(Overdraft, &[5]));
    assert!(refused(Overspending, &[0]) && refused(Overspending, &[0, 0]));
    assert!(refused(Overspending, &[]) && refused(Overspending, &[0, 4]), "it may not be done");
    assert!(refused(Overspending, &[0, 2]) && refused(Overspending, &[7]));
    assert!(refused(PhantomRefusal, &[3]), "a move out may have come before");
    assert!(refused(PhantomRefusal, &[0]) && refused(PhantomRefusal, &[4]));
    assert!(refused(Overdraft, &[6]) && refused(Overdraft, &[0]));
    // Without a floor none of that is wrong.
    let refused = refuses(&object, None);
    assert!(refused(Overspending, &[0, 1]) && refused(PhantomRefusal, &[2]));
    assert!(refused(Overdraft, &[5]));
    // With a lower one, nothing is missing.
    let refused = refuses(&object, Some(-1));
    assert!(refused(Overspending, &[0, 1]) && refused(Overdraft, &[5]));
}
