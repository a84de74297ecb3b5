//! More than 64 operations at once: what tells their sets apart no longer fits into one word.

use super::*;

/// Reads that overlap everything, and fit nowhere but at the end.
fn reads_at_the_end(count: usize) -> Vec<Operation> {
    vec![read([0, 100], 6); count]
}

/// The write has to come after the first `cas`, and leaves the same value: there are two ways to
/// that value, of which the search goes the wrong one first. Only the set of operations that are
/// in the order tells them apart.
fn two_ways_to_a_value(before: usize, between: usize) -> Vec<Operation> {
    [
        // It is over first, and keeps the set from being told by what is over.
        vec![cas([0, 50], 5, 6, YES)],
        reads_at_the_end(before),
        vec![write([0, 100], 5)],
        reads_at_the_end(between),
        vec![cas([0, 100], 0, 5, YES)],
    ]
    .concat()
}

#[test]
fn two_ways_to_a_value_are_told_apart_however_many_are_open() {
    for before in [0, 1, 61, 62, 63, 64, 126, 127, 200] {
        for between in [0, 1, 62, 63, 64, 127] {
            let operations = two_ways_to_a_value(before, between);
            let judgement = search::judge(&Register { initial: 0 }, &operations, &UNBOUNDED);
            assert_eq!(judgement.verdict, Verdict::Valid, "{before} before, {between} between");
        }
    }
}

/// Who only reads what was there at first, and all the time, changes no verdict.
#[test]
fn many_readers_of_what_was_there_change_no_verdict() {
    let mut verdicts = [0, 0];
    for seed in 0..5_000 {
        let mut rng = Rng::with_seed(seed);
        let object = register(&mut rng);
        let alone = verdict(&object.operations, &UNBOUNDED).verdict;
        let mut operations = vec![read([0, 1_000], NIL); rng.usize(60..=130)];
        operations.extend(&object.operations);
        let among_many = verdict(&operations, &UNBOUNDED).verdict;
        assert_eq!(among_many, alone, "seed {seed}: {:#?}", object.operations);
        verdicts[usize::from(alone == Verdict::Valid)] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 500), "{verdicts:?}");
}
