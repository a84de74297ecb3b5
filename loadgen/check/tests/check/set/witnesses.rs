//! Witnesses against a set, right and wrong.

use loadgen_check::AnomalyKind::{
    DuplicateElement, FutureRead, IncomparableLists, LostUpdate, MissingElement, OrderViolation,
    Phantom, StaleRead,
};
use loadgen_check::history::{Initial, NEVER, NIL, Outcome};
use loadgen_check::{AnomalyKind, Model, Object, Operation, verify};

use super::{add, anomalies, of};
use crate::sample::{anomaly, read};

/// Anomalies of every kind.
fn all_wrong() -> Object {
    let operations = [
        add(1, 10, 20),
        add(2, 0, 5),
        read(0, 0, 9),
        read(1, 30, 40),
        add(3, 25, NEVER),
        read(2, 41, 50),
        add(4, 60, 90),
        add(5, 60, 90),
        read(3, 60, 70),
        read(4, 60, 70),
        add(6, 100, 110),
        add(7, 120, 130),
        read(5, 100, 140),
    ];
    let lists: [&[i64]; 6] =
        [&[1, 2], &[8, 3], &[1, 1, 2], &[1, 2, 3, 4], &[1, 2, 3, 5], &[1, 2, 3, 4, 5, 7]];
    of(&[], &lists, &operations)
}

/// What proves them.
const RIGHT: [(AnomalyKind, &[u32]); 7] = [
    (FutureRead, &[0, 2]),
    (Phantom, &[3]),
    (MissingElement, &[1, 3]),
    (DuplicateElement, &[5]),
    (StaleRead, &[3, 5]),
    (IncomparableLists, &[8, 9]),
    (OrderViolation, &[10, 11, 12]),
];

#[test]
fn one_anomaly_does_not_hide_others() {
    let times_ns = [9, 40, 40, 50, 50, 70, 140];
    let expected: Vec<_> = RIGHT
        .iter()
        .zip(times_ns)
        .map(|((kind, witness), time_ns)| anomaly(*kind, &[time_ns], witness))
        .collect();
    assert_eq!(anomalies(&all_wrong()), expected);
}

fn proves(object: &Object, kind: AnomalyKind, witness: &[u32]) -> bool {
    verify(object, Model::Set, &anomaly(kind, &[30], witness))
}

#[test]
fn a_wrong_witness_is_rejected() {
    let object = all_wrong();
    for (kind, witness) in RIGHT {
        assert!(proves(&object, kind, witness), "{kind:?}");
        assert!(!proves(&object, LostUpdate, witness), "{kind:?}");
        assert!(!proves(&object, kind, &[]), "{kind:?}");
        assert!(!proves(&object, kind, &[witness, &[0]].concat()), "{kind:?}");
        assert!(!proves(&object, kind, &[&witness[1..], &[13]].concat()), "{kind:?}");
    }
    let wrong: [(_, &[u32]); 25] = [
        (FutureRead, &[0, 5]),
        (FutureRead, &[6, 2]),
        (FutureRead, &[2, 0]),
        (FutureRead, &[3, 2]),
        (Phantom, &[0]),
        (Phantom, &[2]),
        (MissingElement, &[0, 5]),
        (MissingElement, &[1, 2]),
        (MissingElement, &[4, 5]),
        (MissingElement, &[1, 4]),
        (MissingElement, &[8, 12]),
        (MissingElement, &[3]),
        (DuplicateElement, &[3]),
        (DuplicateElement, &[0]),
        (StaleRead, &[5, 3]),
        (StaleRead, &[2, 5]),
        (StaleRead, &[8, 9]),
        (StaleRead, &[3, 4]),
        (IncomparableLists, &[2, 5]),
        (IncomparableLists, &[8, 12]),
        (IncomparableLists, &[8, 10]),
        (OrderViolation, &[11, 10, 12]),
        (OrderViolation, &[6, 11, 12]),
        (OrderViolation, &[10, 7, 12]),
        (OrderViolation, &[10, 11, 9]),
    ];
    for (kind, witness) in wrong {
        assert!(!proves(&object, kind, witness), "{kind:?} {witness:?}");
    }
    let mut read_for_addition = object;
    for (arg, witness) in [(NIL, [9, 11, 12]), (7, [10, 9, 12])] {
        read_for_addition.operations[9].arg = arg;
        assert!(!proves(&read_for_addition, OrderViolation, &witness));
    }
}

/// The same addition earlier, or at first, takes the proof away; one that failed does not.
#[test]
fn a_witness_proves_nothing_if_the_element_may_have_been_there() {
    for (kind, witness, element) in
        [(FutureRead, &[0, 2][..], 1), (Phantom, &[3], 8), (OrderViolation, &[10, 11, 12], 7)]
    {
        let [mut earlier, mut failed, mut there_at_first] = [(); 3].map(|()| all_wrong());
        earlier.operations.push(add(element, 8, NEVER));
        failed.operations.push(Operation { outcome: Outcome::Fail, ..add(element, 8, NEVER) });
        there_at_first.initial = Initial::Elements(vec![element]);
        assert!(!proves(&earlier, kind, witness), "{kind:?}");
        assert!(proves(&failed, kind, witness), "{kind:?}");
        assert!(!proves(&there_at_first, kind, witness), "{kind:?}");
    }
    let mut object = all_wrong();
    object.initial = Initial::Elements(vec![2]);
    assert!(proves(&object, MissingElement, &[3]));
}
