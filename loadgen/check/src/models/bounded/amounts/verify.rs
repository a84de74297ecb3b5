//! Witnesses against a number of which several are taken at once.

use std::collections::BTreeSet;

use super::between::Between;
use super::roles::{Role, role, roles};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{Object, Operation};

pub(in super::super) fn verify(object: &Object, initial: i64, anomaly: &Anomaly) -> bool {
    let operations = &object.operations;
    let witness = anomaly.witness.iter().map(|index| operations.get(*index as usize));
    let Some(witness) = witness.collect::<Option<Vec<_>>>() else { return false };
    let distinct: BTreeSet<_> = anomaly.witness.iter().collect();
    if distinct.len() < witness.len() || roles(initial, operations).is_none() {
        return false;
    }
    let (earlier, rest) = match witness.as_slice() {
        [earlier, rest @ ..] if !rest.is_empty() && tells(earlier) => (Some(*earlier), rest),
        all => (None, all),
    };
    let between = Between { initial, operations, earlier };
    match (anomaly.kind, rest) {
        (AnomalyKind::Oversell, [read]) if told(read).is_some_and(|left| left < 0) => {
            earlier.is_none()
        }
        (AnomalyKind::Oversell, takes) => {
            earlier.is_none_or(|read| told(read).is_some()) && are_too_many(between, takes)
        }
        (AnomalyKind::LateSale, takes) => {
            let is_least = |answer: &Operation| told(answer).is_none_or(|left| left == 0);
            earlier.is_some_and(is_least) && are_too_many(between, takes)
        }
        (AnomalyKind::PhantomSoldOut, [answer]) => {
            told(answer).is_none_or(|left| left == 0) && is_too_little(between, answer)
        }
        (AnomalyKind::Phantom, [read]) => {
            told(read).is_some_and(|left| left > 0) && is_too_little(between, read)
        }
        (AnomalyKind::StaleRead, [read]) => {
            told(read).is_some() && between.is_after(read) && is_too_much(between, read)
        }
        (AnomalyKind::LostUpdate, [first]) if earlier.is_none() => is_lost(between, first),
        _ => false,
    }
}

/// Whether `operation` says how many were left, exactly or not.
fn tells(operation: &Operation) -> bool {
    role(operation).is_some_and(Role::tells)
}

/// What `operation`, which is a read, says was left.
fn told(operation: &Operation) -> Option<i64> {
    role(operation).and_then(Role::least)
}

/// Whether `takes` come to more than there can have been when the last of them was over.
fn are_too_many(between: Between<'_>, takes: &[&Operation]) -> bool {
    let Some(last_ns) = takes.iter().map(|take| take.return_ns).max() else { return false };
    let amount = |take: &&Operation| role(take).map_or(0, Role::taken);
    let are_taken = takes.iter().all(|take| amount(take) > 0 && between.is_after(take));
    let sum: i128 = takes.iter().map(|take| i128::from(amount(take))).sum();
    are_taken && between.most_taken(last_ns).is_some_and(|most| sum > most)
}

fn is_too_little(between: Between<'_>, answer: &Operation) -> bool {
    let told = role(answer).and_then(Role::most);
    let least = between.least(answer).filter(|_| between.is_after(answer));
    told.zip(least).is_some_and(|(told, least)| i128::from(told) < least)
}

fn is_too_much(between: Between<'_>, read: &Operation) -> bool {
    told(read).zip(between.most(read)).is_some_and(|(left, most)| i128::from(left) > most)
}

/// Whether `first` and every read that began later returned more than can have been left, but no more
/// than if nothing had been taken.
///
/// The bounds of all reads are summed up once.
fn is_lost(between: Between<'_>, first: &Operation) -> bool {
    let roles = || between.operations.iter().filter_map(|one| Some((one, role(one)?)));
    let mut begun: Vec<_> = roles().map(|(one, role)| (one.call_ns, role.gives())).collect();
    let taken = roles().filter(|(_, role)| role.taken() > 0);
    let mut over: Vec<_> = taken.map(|(one, role)| (one.return_ns, role.taken())).collect();
    for amounts in [&mut begun, &mut over] {
        amounts.sort_unstable();
        let mut sum = 0;
        for (_, amount) in amounts {
            sum += *amount;
            *amount = sum;
        }
    }
    let until =
        |amounts: &[(u64, i64)], count: usize| count.checked_sub(1).map_or(0, |at| amounts[at].1);
    let lacks = |read: &Operation| {
        let given = until(&begun, begun.partition_point(|(call_ns, _)| *call_ns <= read.return_ns));
        let taken = until(&over, over.partition_point(|(end_ns, _)| *end_ns < read.call_ns));
        let all = between.initial + given;
        told(read).map(|left| (all - taken + 1..=all).contains(&left))
    };
    let mut later = between.operations.iter().filter(|read| read.call_ns > first.call_ns);
    lacks(first) == Some(true) && later.all(|read| lacks(read) != Some(false))
}
