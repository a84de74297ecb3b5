//! Reads that no choice can explain, by their names.

use super::access::{Access, Need};
use super::sources::Sources;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{Op, Operation};
use crate::tally::Tally;

/// The anomalies of reads among `without`, who have no source: those that a name fits exactly. They
/// are as [`judge`](super::super::judge()) says.
pub(super) fn anomalies(
    operations: &[Operation],
    accesses: &[Access],
    sources: &Sources<'_>,
    without: &[u32],
) -> Vec<Anomaly> {
    let (mut phantoms, mut future, mut stale) = (Tally::new(), Tally::new(), Tally::new());
    for &read in without.iter().filter(|user| operations[**user as usize].op == Op::Read) {
        let access = &accesses[read as usize];
        let Need::Value(value) = access.needs else { continue };
        let complete_ns = operations[read as usize].return_ns;
        let source = match sources.of_value(value) {
            (None, _) => {
                phantoms.add(complete_ns, read);
                continue;
            }
            (Some(source), 1) if is_unconditional(operations, source) => source,
            (Some(_), _) => continue,
        };
        if access.end < accesses[source as usize].begin {
            future.add(complete_ns, (source, read));
            continue;
        }
        let (_, by) = sources.overwrite(read);
        let replaces = accesses.get(by as usize).and_then(|access| access.leaves);
        let is_once = replaces.is_some_and(|value| sources.of_value(value).1 == 1);
        if is_once && (by as usize) < operations.len() && is_unconditional(operations, by) {
            stale.add(complete_ns, (source, by, read));
        }
    }
    let is_operation = |index: &u32| (*index as usize) < operations.len();
    let named = [
        phantoms.anomaly(AnomalyKind::Phantom, |read| vec![read]),
        future.anomaly(AnomalyKind::FutureRead, |(write, read)| vec![write, read]),
        stale.anomaly(AnomalyKind::StaleRead, |(source, by, read)| {
            [source, by, read].into_iter().filter(is_operation).collect()
        }),
    ];
    named.into_iter().flatten().collect()
}

/// Whether `source` is a write, or the initial value.
fn is_unconditional(operations: &[Operation], source: u32) -> bool {
    operations.get(source as usize).is_none_or(|operation| operation.op == Op::Write)
}
