//! What no account falls below.

use super::ledger::Ledger;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::tally::Tally;

/// What is wrong with the moves out of each account and with what was refused.
pub(super) fn anomalies(ledger: &Ledger<'_>, floor: i128) -> Vec<Anomaly> {
    let flows = Flows::all(ledger);
    let found = [
        overdrafts(ledger, floor),
        overspending(ledger, &flows, floor),
        phantom_refusals(ledger, &flows, floor),
    ];
    found.into_iter().flatten().collect()
}

/// What goes out of an account, and into it: when, how much, and by which move.
#[derive(Debug, Clone, Default)]
struct Flows {
    /// What is known to have gone out, by when that was over.
    out: Vec<(u64, i128, u32)>,
    /// What may have come in, by when that began.
    perhaps_in: Vec<(u64, i128)>,
    /// What may have gone out, by when that began, with all that had before.
    perhaps_out: Vec<(u64, i128)>,
    /// What is known to have come in, by when that was over, with all that had before.
    inward: Vec<(u64, i128)>,
}

impl Flows {
    /// By account.
    fn all(ledger: &Ledger<'_>) -> Vec<Self> {
        let mut flows = vec![Self::default(); ledger.initial.len()];
        for one in ledger.moves.iter().filter(|one| one.from != one.to) {
            let (call_ns, end_ns, amount) = (one.call_ns, one.end_ns, one.amount);
            flows[one.from].perhaps_out.push((call_ns, amount));
            flows[one.to].perhaps_in.push((call_ns, amount));
            if !one.is_unknown() {
                flows[one.from].out.push((end_ns, amount, one.index));
                flows[one.to].inward.push((end_ns, amount));
            }
        }
        for of_account in &mut flows {
            of_account.out.sort_unstable();
            of_account.inward.sort_unstable();
            for sums in [&mut of_account.perhaps_out, &mut of_account.inward] {
                let mut sum = 0;
                for (_, amount) in sums {
                    sum += *amount;
                    *amount = sum;
                }
            }
        }
        flows
    }
}

/// How much had gone, of `sums`, of which `count` had.
fn gone(sums: &[(u64, i128)], count: usize) -> i128 {
    count.checked_sub(1).map_or(0, |last| sums[last].1)
}

/// Reads of less than an account can hold.
fn overdrafts(ledger: &Ledger<'_>, floor: i128) -> Option<Anomaly> {
    let mut overdrafts = Tally::new();
    for sight in &ledger.sights {
        let is_below = |(account, balance): (usize, i128)| {
            // What was there at first may be less than the floor.
            balance < floor.min(ledger.initial[account])
        };
        if sight.shown().any(is_below) {
            overdrafts.add(sight.return_ns, sight.index);
        }
    }
    overdrafts.anomaly(AnomalyKind::Overdraft, |read| vec![read])
}

/// Moves out of an account that make more than can have come in by the end of the last of them.
fn overspending(ledger: &Ledger<'_>, flows: &[Flows], floor: i128) -> Option<Anomaly> {
    let mut beyond = Tally::new();
    for (account, flows) in flows.iter().enumerate() {
        let mut there = ledger.initial[account] - floor;
        let mut income = flows.perhaps_in.iter().peekable();
        let mut out = 0;
        for (at, (end_ns, amount, _)) in flows.out.iter().enumerate() {
            while let Some((_, amount)) = income.next_if(|(call_ns, _)| call_ns <= end_ns) {
                there += amount;
            }
            out += amount;
            if out > there {
                beyond.add(*end_ns, (account, at, there));
            }
        }
    }
    beyond.anomaly(AnomalyKind::Overspending, |(account, last, there)| {
        let mut moves = flows[account].out[..=last].to_vec();
        moves.sort_by_key(|(_, amount, _)| std::cmp::Reverse(*amount));
        let mut out = 0;
        let is_needed = |(_, amount, _): &(u64, i128, u32)| {
            let is_needed = out <= there;
            out += amount;
            is_needed
        };
        let mut needed: Vec<_> = moves.into_iter().take_while(is_needed).collect();
        needed.sort_unstable();
        needed.into_iter().map(|(.., index)| index).collect()
    })
}

/// Refusals although at each instant of them enough was there for certain: what was at first and what
/// is known to have come, without what may have gone.
fn phantom_refusals(ledger: &Ledger<'_>, flows: &[Flows], floor: i128) -> Option<Anomaly> {
    let mut phantoms = Tally::new();
    for refusal in &ledger.refusals {
        let Flows { perhaps_out, inward, .. } = &flows[refusal.from];
        let there = |time_ns: u64, gone_out: usize| {
            // Ties are concurrent: what ends at that time may come after.
            let came = inward.partition_point(|(end_ns, _)| *end_ns < time_ns);
            ledger.initial[refusal.from] + gone(inward, came) - gone(perhaps_out, gone_out)
        };
        let first = perhaps_out.partition_point(|(call_ns, _)| *call_ns <= refusal.call_ns);
        let begun = perhaps_out[first..].iter().zip(first + 1..);
        let begun = begun.take_while(|((call_ns, _), _)| *call_ns <= refusal.return_ns);
        // Only what goes out makes it less.
        let mut least = begun.map(|((call_ns, _), count)| there(*call_ns, count));
        let is_enough = |there: i128| there - refusal.amount >= floor;
        if is_enough(there(refusal.call_ns, first)) && least.all(is_enough) {
            phantoms.add(refusal.return_ns, refusal.index);
        }
    }
    phantoms.anomaly(AnomalyKind::PhantomRefusal, |refusal| vec![refusal])
}
