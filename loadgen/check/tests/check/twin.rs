//! A judge and its twin over histories made up at random: they must not differ.

use std::collections::BTreeSet;
use std::env;

use fastrand::Rng;
use loadgen_check::history::{NIL, NO, Op, Outcome, YES};
use loadgen_check::models::accounts::Bank;
use loadgen_check::models::{bounded::Stock, counter::Sum, register::Register, set::Elements};
use loadgen_check::models::{
    dispense::Pool, lock::Lock, once::Key, queue::Queue, unique::Issued, versioned::Document,
};
use loadgen_check::{
    Anomaly, AnomalyKind, Judgement, Model, Object, Operation, Specification, Verdict, certificate,
    verify,
};

use crate::brute;

/// What histories there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) valid: u64,
    pub(crate) invalid: u64,
    pub(crate) unknown: u64,
    /// The judge left it to the search.
    pub(crate) uncovered: u64,
    /// What made histories invalid.
    pub(crate) kinds: BTreeSet<AnomalyKind>,
}

/// Compares `judge` with the search through every order, over as many histories from `make` as
/// `CHECK_HISTORIES` says. `judge` has to certify. Of the histories that it decides at least a
/// fifth must be valid, and a fifth invalid.
///
/// # Panics
/// When they differ, a witness proves nothing, one proves something against a valid history, or an
/// order does not replay: with the seed, to be had again from `Rng::with_seed`, and the history.
pub(crate) fn compare(
    model: Model,
    mut make: impl FnMut(&mut Rng) -> Object,
    judge: impl Fn(&Object) -> Option<Judgement>,
) -> Tally {
    let mut tally = Tally::default();
    for seed in 0..histories() {
        let mut rng = Rng::with_seed(seed);
        let object = make(&mut rng);
        let Some(judgement) = judge(&object) else {
            tally.uncovered += 1;
            continue;
        };
        match judgement.verdict {
            Verdict::Valid => tally.valid += 1,
            Verdict::Invalid => tally.invalid += 1,
            Verdict::Unknown => tally.unknown += 1,
        }
        tally.kinds.extend(judgement.anomalies.iter().map(|anomaly| anomaly.kind));
        let held = hold(model, &object, &judgement).and_then(|()| match judgement.verdict {
            Verdict::Valid => refuse_forgeries(&mut rng, model, &object, &tally.kinds),
            Verdict::Invalid | Verdict::Unknown => Ok(()),
        });
        if let Err(difference) = held {
            panic!("seed {seed}: {difference}\n{}\n{judgement:#?}", shown(&object));
        }
    }
    let Tally { valid, invalid, .. } = tally;
    let fifth = (valid + invalid) / 5;
    assert!(fifth > 0 && valid.min(invalid) >= fifth, "one verdict is hardly tested: {tally:?}");
    tally
}

/// Holds what `judge` finds in histories too long for a search against its witnesses; a twentieth as
/// many as are compared.
///
/// # Panics
/// When a witness proves nothing, or histories are valid: they are to be full of anomalies.
pub(crate) fn prove(
    model: Model,
    mut make: impl FnMut(&mut Rng) -> Object,
    judge: impl Fn(&Object) -> Judgement,
) -> BTreeSet<AnomalyKind> {
    let mut kinds = BTreeSet::new();
    let mut valid = 0;
    for seed in 0..histories() / 20 {
        let object = make(&mut Rng::with_seed(seed));
        let judgement = judge(&object);
        if let Err(difference) = hold_anomalies(model, &object, &judgement) {
            panic!("seed {seed}: {difference}\n{}\n{judgement:#?}", shown(&object));
        }
        kinds.extend(judgement.anomalies.iter().map(|anomaly| anomaly.kind));
        valid += u64::from(judgement.verdict == Verdict::Valid);
    }
    assert!(valid <= histories() / 200, "{valid} are valid");
    kinds
}

/// `CHECK_HISTORIES`, or as many as a test can have.
pub(crate) fn histories() -> u64 {
    let asked = env::var("CHECK_HISTORIES").ok();
    asked.map_or(100_000, |count| count.parse().expect("CHECK_HISTORIES is a number"))
}

/// How many operations a history is to have: nine at most, and mostly fewer, as every order of them
/// is tried.
pub(crate) fn few(rng: &mut Rng) -> usize {
    if rng.u8(0..48) == 0 { rng.usize(7..=9) } else { rng.usize(2..=6) }
}

/// Changes what up to two operations returned, to something near it.
pub(crate) fn perturb(rng: &mut Rng, operations: &mut [Operation]) {
    for _ in 0..rng.u8(0..=2) {
        let returned = |operation: &&mut Operation| {
            operation.outcome == Outcome::Ok && operation.result != NIL
        };
        let Some(operation) =
            rng.choice(operations.iter_mut().filter(returned).collect::<Vec<_>>())
        else {
            return;
        };
        operation.result = match operation.op {
            Op::Take | Op::Give | Op::Cas if operation.result == YES => NO,
            Op::Take | Op::Give | Op::Cas => YES,
            _ => operation.result + rng.i64(-2..=2),
        };
    }
}

/// Changes what many operations returned.
pub(crate) fn garble(rng: &mut Rng, operations: &mut [Operation]) {
    for _ in 0..operations.len() / 2 {
        perturb(rng, operations);
    }
}

/// Now and then loses what operations of the kind `op` returned.
pub(crate) fn forget(rng: &mut Rng, operations: &mut [Operation], op: Op) {
    for operation in operations.iter_mut().filter(|operation| operation.op == op) {
        if rng.u8(0..8) == 0 {
            operation.result = NIL;
        }
    }
}

/// Holds `judgement` against everything that is known of `object` without its judge.
fn hold(model: Model, object: &Object, judgement: &Judgement) -> Result<(), String> {
    let lists = &object.lists;
    match model {
        Model::Counter | Model::FetchAndAdd => {
            hold_verdict(&Sum { initial: object.initial_or(0) }, object, judgement)
        }
        Model::Register => {
            hold_verdict(&Register { initial: object.initial_or(NIL) }, object, judgement)
        }
        Model::Bounded { capacity } => {
            let initial = object.initial_or(capacity.unwrap_or_default().cast_signed());
            hold_verdict(&Stock { initial }, object, judgement)
        }
        Model::Set => {
            let initial = object.initial_elements();
            hold_verdict(&Elements { initial, lists }, object, judgement)
        }
        Model::Unique => {
            hold_verdict(&Issued { initial: object.initial_elements() }, object, judgement)
        }
        Model::Lock => hold_verdict(&Lock, object, judgement),
        Model::Once => hold_verdict(&Key, object, judgement),
        Model::Dispense => {
            hold_verdict(&Pool { initial: object.initial_elements() }, object, judgement)
        }
        Model::Queue => {
            hold_verdict(&Queue { initial: object.initial_elements() }, object, judgement)
        }
        Model::Versioned => {
            let document = Document::of(object.initial_or(NIL), &object.operations);
            hold_verdict(&document, object, judgement)
        }
        Model::Accounts { floor } => hold_verdict(&Bank::of(object, floor), object, judgement),
    }?;
    hold_anomalies(model, object, judgement)
}

fn hold_verdict<S: Specification>(
    specification: &S,
    object: &Object,
    judgement: &Judgement,
) -> Result<(), String> {
    let linearizable = brute::is_linearizable(specification, &object.operations);
    match judgement.verdict {
        Verdict::Valid if linearizable => {
            let order = judgement.order.as_ref().ok_or("it is not certified")?;
            certificate::replay(specification, &object.operations, order)
                .map_err(|broken| format!("the certificate: {broken}"))
        }
        Verdict::Valid => Err("no order explains it, but it is said to be valid".to_owned()),
        Verdict::Invalid if linearizable => {
            Err("an order explains it, but it is said to be invalid".to_owned())
        }
        Verdict::Invalid | Verdict::Unknown => Ok(()),
    }
}

fn hold_anomalies(model: Model, object: &Object, judgement: &Judgement) -> Result<(), String> {
    let anomalies = &judgement.anomalies;
    if (judgement.verdict == Verdict::Invalid) == anomalies.is_empty() {
        return Err("a verdict is invalid for its anomalies, and only then".to_owned());
    }
    for (index, anomaly) in anomalies.iter().enumerate() {
        let kind = anomaly.kind;
        if anomalies[..index].iter().any(|earlier| earlier.kind == kind) {
            return Err(format!("{kind:?} comes twice"));
        }
        if anomaly.count == 0 || anomaly.count != anomaly.times_ns.len() as u64 {
            return Err(format!("{kind:?} does not have as many times as occurrences"));
        }
        if !anomaly.times_ns.is_sorted() {
            return Err(format!("{kind:?} has its times in no order"));
        }
        if !verify(object, model, anomaly) {
            return Err(format!("the witness of {kind:?} proves nothing"));
        }
    }
    Ok(())
}

/// No witness proves anything against a valid history: tries some.
fn refuse_forgeries(
    rng: &mut Rng,
    model: Model,
    object: &Object,
    kinds: &BTreeSet<AnomalyKind>,
) -> Result<(), String> {
    let operations = u32::try_from(object.operations.len()).expect("few");
    for &kind in kinds {
        let witness: Vec<_> = (0..rng.u8(0..=4)).map(|_| rng.u32(0..operations)).collect();
        let forged = Anomaly { kind, count: 1, times_ns: vec![0], witness };
        if verify(object, model, &forged) {
            return Err(format!("it is valid, but this is held for a proof: {forged:?}"));
        }
    }
    Ok(())
}

/// An operation a line, with its index.
pub(crate) fn shown(object: &Object) -> String {
    let Object { initial, lists, balances, .. } = object;
    let rows: Vec<_> = (0..).map_while(|index| balances.row(index)).collect();
    let rows: Vec<Vec<_>> = rows.iter().map(|row| row.of(balances).collect()).collect();
    let head = format!("initially {initial:?}, lists {lists:?}, balances {rows:?}");
    let lines = object.operations.iter().enumerate().map(|(index, operation)| {
        let Operation { call_ns, return_ns, arg, new, result, op, outcome, .. } = operation;
        let [arg, new, result] = [arg, new, result].map(|&v| if v == NIL { None } else { Some(v) });
        format!(
            "{index}: [{call_ns}, {return_ns}] {op:?} {arg:?} {new:?} -> {result:?} {outcome:?}"
        )
    });
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}
