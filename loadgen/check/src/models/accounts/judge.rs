//! The rules of accounts.

use std::collections::BTreeSet;

use super::chain;
use super::found::{Chain, Effort, Found, Wrong};
use super::ledger::Ledger;
use super::specification::Bank;
use super::{floor, schedule};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::certificate;
use crate::history::Object;
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::tally::Tally;

/// Longer histories are not searched for an order where the rules find none: a search has to guess
/// which moves a read saw, as they have, and knows less.
const MOST_SEARCHED: usize = 512;
/// So many other chains of reads are tried where no order of all fits the first.
const MOST_ATTEMPTS: usize = 4;
/// So many reads before one that cannot be placed are held against it.
const MOST_CONFLICTS: usize = 8;
/// Each of so few is held against each.
const FEW_READS: usize = 32;

/// Judges accounts between which amounts are moved, and which do not fall below the floor; `None` where
/// a search may decide more than the rules.
///
/// Whether there is an order is an NP-complete question: a read of one account asks for a sum of subsets
/// of the moves that it overlaps. So what the rules say is certain, and they do not always say something:
/// a history is invalid where no order is possible, and valid where one was found, which was replayed
/// and explains every answer. Nothing is decided where more than two dozen moves are in flight at an
/// instant of a read and leave a choice, where only three or more reads contradict each other, and where
/// no order is found in a bounded number of steps, as may happen in long histories.
///
/// - `BrokenTotal`: a read of all accounts that does not sum to what was there at first, and has a
///   balance that no moves lead to. Counts reads. Witness: the read.
/// - `WrongBalance`: a read with a balance that no moves lead to, although its sum, if it is of all
///   accounts, is right: those that were over before it began are all made, those that began after it
///   had ended are not, and each other is or is not. Counts reads. Witness: the read.
/// - `TornRead`: a read of which each balance can have been there, but not all at one time: it shows one
///   half of a move. Counts reads. Witness: the read.
/// - `ConflictingReads`: a read that another forbids, as where one saw a move and a later one did not.
///   Told once, and where no read is wrong for itself. Witness: the two, in the order of their ends.
/// - `Overdraft`: a read of less than the floor, where there was not less at first. Counts reads.
///   Witness: the read.
/// - `Overspending`: more was moved out of an account than can have come in by the end of the last such
///   move. Counts the moves out at whose end that is so. Witness: as few moves out as are too many, in
///   the order of their ends.
/// - `PhantomRefusal`: a refusal while at each instant enough was there for certain. Only with a floor:
///   without one a refusal says nothing. Counts refusals. Witness: the refusal.
///
/// The time is when the operation that counts was over. All may be the work of others but an overdraft.
/// A read without a result says nothing, and a move without one was made.
///
/// Why this is right: moves commute, so that what a read shows depends on the set of moves before it
/// alone, and an order is a chain of such sets, which grow from read to read (`chain.rs`). Without a
/// floor any order of the moves between two reads will do that time allows, as that of their calls. With
/// one, an order is looked for that covers each move and has an instant for each refusal
/// (`schedule.rs`), for a few chains: where there is none, another chain may have one.
///
/// The time is n log n and what the sets take: 2^(k/2) at each instant of a read, where k moves in flight
/// leave a choice; and the steps that are taken back.
#[must_use]
pub fn judge(object: &Object, floor: Option<i64>, limits: &Limits<'_>) -> Option<Judgement> {
    let ledger = Ledger::of(object, floor.is_some())?;
    let Chain { found, wrong, untried } = chain(&ledger, limits);
    let mut anomalies = wrong_reads(&ledger, &wrong);
    anomalies.extend(floor.into_iter().flat_map(|floor| floor::anomalies(&ledger, floor.into())));
    if anomalies.is_empty() {
        anomalies.extend(conflict(&ledger, &found, limits));
    }
    if !anomalies.is_empty() {
        return Some(Judgement::invalid(anomalies));
    }
    let bank = Bank::of(object, floor);
    let is_explained =
        |order: &Vec<u32>| certificate::replay(&bank, &object.operations, order).is_ok();
    if let Some(order) = order(&ledger, found, floor, limits).filter(is_explained) {
        return Some(Judgement::valid(limits.certify.then_some(order)));
    }
    // What a search finds wrong may be the work of others.
    if object.operations.len() <= MOST_SEARCHED && !object.is_shared {
        return None;
    }
    Some(Judgement::unknown(match untried {
        _ if (limits.expired)() => "the rules ran out of time: raise --check-timeout".to_owned(),
        0 => "no order of the moves was found that explains every answer".to_owned(),
        1 => "1 read overlapped more moves than can be tried".to_owned(),
        _ => format!("{untried} reads overlapped more moves than can be tried"),
    }))
}

/// The reads in an order: by the likeliest moves at first, and by all if that does not do.
fn chain(ledger: &Ledger<'_>, limits: &Limits<'_>) -> Chain {
    let all = all_reads(ledger);
    let quick = chain::of(ledger, &all, Effort::Quick { attempt: 0 }, limits);
    match quick.found {
        Found::Open if !(limits.expired)() => chain::of(ledger, &all, Effort::Thorough, limits),
        _ => quick,
    }
}

/// An order of all, by what was `found` of the reads, or by other chains of them.
fn order(
    ledger: &Ledger<'_>,
    found: Found,
    floor: Option<i64>,
    limits: &Limits<'_>,
) -> Option<Vec<u32>> {
    if matches!(found, Found::Nothing { .. }) {
        return None;
    }
    let all = all_reads(ledger);
    let others = (1..=MOST_ATTEMPTS)
        .take_while(|_| !(limits.expired)())
        .map(|attempt| chain::of(ledger, &all, Effort::Quick { attempt }, limits).found);
    std::iter::once(found).chain(others).find_map(|found| match found {
        Found::Order(chain) => schedule::of(ledger, &chain, floor.map(i128::from), limits),
        Found::Nothing { .. } | Found::Open => None,
    })
}

fn all_reads(ledger: &Ledger<'_>) -> Vec<usize> {
    (0..ledger.sights.len()).collect()
}

fn wrong_reads(ledger: &Ledger<'_>, wrong: &[Wrong]) -> Vec<Anomaly> {
    let (mut totals, mut balances, mut torn) = (Tally::new(), Tally::new(), Tally::new());
    for Wrong { sight, has_wrong_balance } in wrong {
        let sight = &ledger.sights[*sight];
        let tally = match has_wrong_balance {
            true if ledger.has_broken_total(sight) => &mut totals,
            true => &mut balances,
            false => &mut torn,
        };
        tally.add(sight.return_ns, sight.index);
    }
    let found = [
        totals.anomaly(AnomalyKind::BrokenTotal, |read| vec![read]),
        balances.anomaly(AnomalyKind::WrongBalance, |read| vec![read]),
        torn.anomaly(AnomalyKind::TornRead, |read| vec![read]),
    ];
    found.into_iter().flatten().collect()
}

/// Two reads that no moves explain both: of all where these are few, otherwise of those that were left
/// where there is no order, and those placed shortly before.
fn conflict(ledger: &Ledger<'_>, found: &Found, limits: &Limits<'_>) -> Option<Anomaly> {
    let few = |reads: &[usize]| reads.iter().copied().take(MOST_CONFLICTS).collect::<Vec<_>>();
    let (left, placed) = match found {
        Found::Order(_) => return None,
        _ if ledger.sights.len() <= FEW_READS => (all_reads(ledger), Vec::new()),
        Found::Nothing { left, placed } => (few(left), few(placed)),
        Found::Open => return None,
    };
    let others = || left.iter().chain(&placed);
    let pairs = left.iter().flat_map(|one| others().map(move |other| [*one, *other]));
    let pairs = pairs.filter(|[one, other]| one != other);
    let pairs: BTreeSet<_> = pairs.map(|[one, other]| [one.min(other), one.max(other)]).collect();
    for pair in pairs {
        if (limits.expired)() {
            return None;
        }
        if let Found::Nothing { .. } = chain::of(ledger, &pair, Effort::Thorough, limits).found {
            let [one, other] = pair.map(|sight| &ledger.sights[sight]);
            let kind = AnomalyKind::ConflictingReads;
            let (times_ns, witness) = (vec![other.return_ns], vec![one.index, other.index]);
            return Some(Anomaly { kind, count: 1, times_ns, witness });
        }
    }
    None
}
