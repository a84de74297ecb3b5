//! Witnesses against a register, right and wrong.

use loadgen_check::AnomalyKind::{FutureRead, MissingElement, OrderViolation, Phantom, StaleRead};
use loadgen_check::history::{Initial, NEVER, Op};
use loadgen_check::{AnomalyKind, Model, Object, Operation, verify};

use super::{cas, of, write};
use crate::sample::{anomaly, read};

/// Anomalies of every kind.
fn all_wrong() -> Object {
    of([
        write(1, 0, 10),
        write(2, 11, 20),
        read(1, 21, 30),
        read(1, 20, 30),
        read(2, 21, 30),
        write(3, 31, 40),
        read(3, 0, 30),
        read(9, 0, 5),
        write(5, 50, 60),
        write(6, 50, 60),
        read(5, 70, 80),
        read(6, 70, 80),
        read(6, 60, 80),
        read(3, 41, 45),
    ])
}

/// What proves them.
const RIGHT: [(AnomalyKind, &[u32]); 4] = [
    (Phantom, &[7]),
    (FutureRead, &[5, 6]),
    (StaleRead, &[0, 1, 2]),
    (OrderViolation, &[8, 11, 9, 10]),
];

fn proves(object: &Object, kind: AnomalyKind, witness: &[u32]) -> bool {
    verify(object, Model::Register, &anomaly(kind, &[30], witness))
}

#[test]
fn a_wrong_witness_is_rejected() {
    let object = all_wrong();
    for (kind, witness) in RIGHT {
        assert!(proves(&object, kind, witness), "{kind:?}");
        assert!(!proves(&object, MissingElement, witness), "{kind:?}");
        assert!(!proves(&object, kind, &[]), "{kind:?}");
        assert!(!proves(&object, kind, &[&witness[1..], &[99]].concat()), "{kind:?}");
        for (other, _) in RIGHT.iter().filter(|(other, _)| *other != kind) {
            // A stale read contradicts the order of its values as well.
            let both = (kind, *other) == (StaleRead, OrderViolation);
            assert_eq!(proves(&object, *other, witness), both, "{kind:?} for {other:?}");
        }
    }
    let wrong: [(_, &[u32]); 17] = [
        (Phantom, &[2]),
        (Phantom, &[0]),
        (Phantom, &[7, 7]),
        (FutureRead, &[6, 5]),
        (FutureRead, &[5, 7]),
        (FutureRead, &[0, 2]),
        (StaleRead, &[0, 1, 3]),
        (StaleRead, &[0, 1, 4]),
        (StaleRead, &[1, 2]),
        (StaleRead, &[0, 4, 2]),
        (StaleRead, &[0, 0, 0, 1, 2]),
        (StaleRead, &[7, 1, 2]),
        (StaleRead, &[6, 5, 13]),
        (OrderViolation, &[8, 12, 9, 10]),
        (OrderViolation, &[8, 11, 10]),
        (OrderViolation, &[9, 8, 1, 0]),
        (OrderViolation, &[8, 11, 9, 10, 8]),
    ];
    for (kind, witness) in wrong {
        assert!(!proves(&object, kind, witness), "{kind:?} {witness:?}");
    }
}

#[test]
fn a_witness_proves_nothing_of_values_that_may_have_been_written_again() {
    for value in [1, 2, 3, 5, 6, 9] {
        let [mut rewritten, mut swapped, mut there_at_first] = [(); 3].map(|()| all_wrong());
        rewritten.operations.push(write(value, 0, NEVER));
        swapped.operations.push(cas(value));
        there_at_first.initial = Initial::Value(value);
        for (kind, witness) in RIGHT {
            let concerned = witness.iter().any(|index| {
                let Operation { op, arg, result, .. } = rewritten.operations[*index as usize];
                value == if op == Op::Write { arg } else { result }
            });
            for object in [&rewritten, &swapped, &there_at_first] {
                assert_eq!(proves(object, kind, witness), !concerned, "{kind:?} {value}");
            }
        }
    }
}
