//! A service that loads, adds one and stores, with nothing to keep others out meanwhile.

use fastrand::Rng;
use loadgen_check::AnomalyKind::{DuplicateValue, LostUpdate};
use loadgen_check::history::{NIL, Op};
use loadgen_check::models::{counter, fetch_and_add};
use loadgen_check::{Model, Object, Operation, verify};

use crate::generate::closed_loop;
use crate::sample;

/// Additions, each with the sum that it stored, in the order in which they did.
fn additions(rng: &mut Rng) -> Vec<Operation> {
    let slots = closed_loop(rng, 300, 8);
    let loads = slots.iter().map(|slot| rng.u64(slot.call_ns..=slot.effect_ns));
    let mut steps: Vec<_> =
        (0..).zip(loads).map(|(index, load_ns)| (load_ns, false, index)).collect();
    steps.extend((0..).zip(&slots).map(|(index, slot)| (slot.effect_ns, true, index)));
    steps.sort_unstable();
    let mut loaded = vec![0; slots.len()];
    let mut sum = 0;
    let mut additions = Vec::new();
    for (_, is_store, index) in steps {
        if is_store {
            sum = loaded[index] + 1;
            let slot = slots[index];
            additions.push(sample::done(Op::Add, sum, slot.call_ns, slot.return_ns));
        } else {
            loaded[index] = sum;
        }
    }
    additions
}

#[test]
fn as_many_additions_are_lost_as_the_sum_lacks_in_the_end() {
    for seed in 0..200 {
        let mut operations = additions(&mut Rng::with_seed(seed));
        // A reader looks at what was stored, now and then and in the end.
        let sum = operations.last().unwrap().result;
        let mut reads: Vec<_> =
            operations.iter().step_by(20).map(|add| Operation { op: Op::Read, ..*add }).collect();
        let end_ns = operations.iter().map(|add| add.return_ns).max().unwrap();
        reads.push(sample::read(sum, end_ns + 1, end_ns + 2));
        for add in &mut operations {
            add.result = NIL;
        }
        operations.extend(reads);
        let object = sample::object(0, &operations);
        let anomalies = counter::judge(0, &operations, false).unwrap().anomalies;
        let lost = anomalies.iter().find(|anomaly| anomaly.kind == LostUpdate).unwrap();
        assert_eq!(lost.count, 300 - sum.unsigned_abs(), "seed {seed}");
        assert!(lost.times_ns.is_sorted() && lost.times_ns.len() as u64 == lost.count);
        assert!(anomalies.iter().all(|anomaly| verify(&object, Model::Counter, anomaly)));
    }
}

#[test]
fn as_many_additions_are_duplicates_as_there_are_more_than_values() {
    for seed in 0..200 {
        let operations = additions(&mut Rng::with_seed(seed));
        let object: Object = sample::object(0, &operations);
        let anomalies = fetch_and_add::judge(0, &operations, false).unwrap().anomalies;
        let highest = operations.iter().map(|add| add.result).max().unwrap();
        let duplicates = anomalies.iter().find(|anomaly| anomaly.kind == DuplicateValue).unwrap();
        // Whoever stores a value has loaded the one before it: none is skipped.
        assert_eq!(duplicates.count, 300 - highest.unsigned_abs(), "seed {seed}");
        assert!(anomalies.iter().all(|anomaly| verify(&object, Model::FetchAndAdd, anomaly)));
    }
}
