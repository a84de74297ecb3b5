//! Witnesses against a count, held against its updates one by one.

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::Operation;

/// What an operation says of a count.
pub(crate) enum Part {
    Done,
    PerhapsDone,
    Read(i128),
    /// It returned what is no count.
    Impossible,
    Nothing,
}

/// Whether the witness of a count that never exceeds `limit` proves its anomaly.
pub(crate) fn proves(
    operations: &[Operation],
    part: impl Fn(&Operation) -> Part,
    limit: i128,
    anomaly: &Anomaly,
) -> bool {
    let witness: Option<Vec<&Operation>> =
        anomaly.witness.iter().map(|index| operations.get(*index as usize)).collect();
    let Some(witness) = witness else { return false };
    let number =
        |is_meant: &dyn Fn(&&Operation) -> bool| operations.iter().filter(is_meant).count() as i128;
    let is_done = |update: &Operation| matches!(part(update), Part::Done);
    let over = |read: &Operation| number(&|update| is_done(update) && update.precedes(read));
    match (anomaly.kind, &witness[..]) {
        (AnomalyKind::Phantom, [read]) => match part(read) {
            Part::Impossible => true,
            Part::Read(value) => {
                let may_come_before = |update: &&Operation| {
                    matches!(part(update), Part::Done | Part::PerhapsDone) && !read.precedes(update)
                };
                value > number(&may_come_before)
            }
            _ => false,
        },
        (AnomalyKind::StaleRead, [low]) => {
            matches!(part(low), Part::Read(value) if value < over(low).min(limit))
        }
        (AnomalyKind::StaleRead, [earlier, low]) => {
            let (Part::Read(shown), Part::Read(value)) = (part(earlier), part(low)) else {
                return false;
            };
            let after = number(&|update| {
                is_done(update) && earlier.precedes(update) && update.precedes(low)
            });
            // Of the others those that were over, and at least as many as were read.
            let others = shown.max(over(low) - after);
            earlier.precedes(low) && value < (others + after).min(limit)
        }
        (AnomalyKind::LostUpdate, [first]) => {
            let mut ends_ns: Vec<_> = operations
                .iter()
                .filter(|one| is_done(one))
                .map(Operation::completion_ns)
                .collect();
            ends_ns.sort_unstable();
            let over = |read: &Operation| ends_ns.partition_point(|end_ns| *end_ns < read.call_ns);
            let lacks = |read: &Operation| match part(read) {
                Part::Read(value) => Some(value < (over(read) as i128).min(limit)),
                _ => None,
            };
            let mut later = operations.iter().filter(|read| read.call_ns > first.call_ns);
            lacks(first) == Some(true) && later.all(|read| lacks(read) != Some(false))
        }
        _ => false,
    }
}
