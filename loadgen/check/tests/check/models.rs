//! The list of models: their names, which operations each has, and what its totals prove.

use loadgen_check::history::Op;
use loadgen_check::{Anomaly, AnomalyKind, Bounds, Model, Totals};

const NAMED: [(&str, Model, &[Op]); 15] = [
    ("counter", Model::Counter, &[Op::Add, Op::Read]),
    ("fetch-and-add", Model::FetchAndAdd, &[Op::Add, Op::Read]),
    ("register", Model::Register, &[Op::Read, Op::Write, Op::Cas]),
    ("bounded:20", Model::Bounded { capacity: Some(20) }, &[Op::Read, Op::Take, Op::Give]),
    ("bounded", Model::Bounded { capacity: None }, &[Op::Read, Op::Take, Op::Give]),
    ("set", Model::Set, &[Op::Add, Op::Read]),
    ("unique", Model::Unique, &[Op::Add]),
    ("once", Model::Once, &[Op::Add, Op::Read]),
    ("dispense", Model::Dispense, &[Op::Add, Op::Take]),
    ("versioned", Model::Versioned, &[Op::Read, Op::Write]),
    ("dispense:fifo", Model::Queue, &[Op::Add, Op::Take]),
    ("lock", Model::Lock, &[Op::Take, Op::Give]),
    ("accounts", Model::Accounts { floor: None }, &[Op::Read, Op::Move]),
    ("accounts:0", Model::Accounts { floor: Some(0) }, &[Op::Read, Op::Move]),
    ("accounts:-500", Model::Accounts { floor: Some(-500) }, &[Op::Read, Op::Move]),
];

#[test]
fn each_model_has_a_name() {
    for (name, model, _) in NAMED {
        assert_eq!(name.parse(), Ok(model));
        assert_eq!(model.to_string(), name);
    }
}

#[test]
fn another_name_is_refused_with_those_that_there_are() {
    for name in [
        "",
        "Counter",
        "counter ",
        "bounded:",
        "bounded20",
        "bounded ",
        "bounded:-1",
        "bounded:4294967296",
        "dispense:",
        "accounts:",
        "accounts:+1",
        "accounts:-0",
        "accounts:x",
        "accounts0",
    ] {
        assert_eq!(
            name.parse::<Model>().map_err(|error| error.to_string()),
            Err("expected counter, fetch-and-add, register, bounded[:N] (as in bounded:20), set, unique, \
                 once, dispense, versioned, dispense:fifo, lock or accounts[:FLOOR] (as in accounts:0)"
                .to_owned())
        );
    }
}

#[test]
fn each_model_has_its_operations() {
    for (name, model, operations) in NAMED {
        for op in Op::ALL {
            assert_eq!(model.has(op), operations.contains(&op), "{name}: {op:?}");
        }
    }
}

#[test]
fn totals_are_counted_the_way_updates_go() {
    let totals = |before, after| Totals { before, after, acknowledged: 5, unknown: 0 };
    let lost = |model: Model, before, after| Some(model.judge_totals(&totals(before, after))?.lost);
    let bounds = |count| Some(Bounds { min: count, max: count });
    for (_, model, _) in NAMED {
        let (up, down) = (lost(model, 10, 13), lost(model, 13, 10));
        match model {
            Model::Register
            | Model::Once
            | Model::Dispense
            | Model::Versioned
            | Model::Queue
            | Model::Lock
            | Model::Accounts { .. } => {
                assert_eq!((up, down), (None, None));
            }
            Model::Bounded { .. } => assert_eq!((up, down), (bounds(8), bounds(2))),
            _ => assert_eq!((up, down), (bounds(2), bounds(8))),
        }
        let is_uncounted = matches!(
            model,
            Model::Register
                | Model::Once
                | Model::Dispense
                | Model::Versioned
                | Model::Queue
                | Model::Lock
                | Model::Accounts { .. }
        );
        assert_eq!(model.is_counted(), !is_uncounted);
    }
}

#[test]
fn only_what_there_is_can_be_sold() {
    let sale = Model::Bounded { capacity: Some(20) };
    let sold = |count| {
        let (kind, times_ns, witness) = (AnomalyKind::Oversell, Vec::new(), Vec::new());
        Some(Anomaly { kind, count, times_ns, witness })
    };
    assert_eq!(sale.oversold(None, None, 20), None);
    assert_eq!(sale.oversold(None, Some(0), 23), sold(3));
    assert_eq!(sale.oversold(Some(5), None, 7), sold(2));
    assert_eq!(sale.oversold(Some(-1), None, 7), sold(7));
    assert_eq!(Model::Counter.oversold(Some(5), Some(-2), 7), None);
    // Of what nobody knows, any number may have been sold.
    let unsaid = Model::Bounded { capacity: None };
    assert_eq!(
        (unsaid.oversold(None, None, 1000), unsaid.oversold(None, Some(-3), 1000)),
        (None, None)
    );
    assert_eq!(
        (unsaid.oversold(Some(5), None, 7), unsaid.oversold(Some(5), None, 5)),
        (sold(2), None)
    );
    // Of how many takes the outcome is unknown makes no difference where less than nothing is left.
    assert_eq!(sale.oversold(Some(20), Some(-10), 19), sold(10));
    assert_eq!(sale.oversold(Some(-1), Some(-3), 0), sold(2));
    assert_eq!(sale.oversold(Some(-1), Some(-1), 0), None);
}
