//! Versions in chains, as writes that expected one made the next.

use super::versions::Versions;
use crate::history::{NEVER, NIL};

/// The chains of `versions`, none of which is a circle.
pub(super) struct Chains {
    /// Of each group the place of the first of its chain.
    heads: Vec<usize>,
    /// Of each first when an operation of its chain was first over, and when one last began.
    zones: Vec<(u64, u64)>,
}

impl Chains {
    pub(super) fn of(versions: &Versions<'_>) -> Self {
        let before = |place: usize| {
            let maker = versions.maker(&versions.groups[place])?;
            let expected = versions.operation(maker).arg;
            (expected != NIL).then(|| versions.place(expected)).flatten()
        };
        let count = versions.groups.len();
        let mut heads = vec![usize::MAX; count];
        for place in 0..count {
            let mut way = Vec::new();
            let mut at = place;
            while heads[at] == usize::MAX {
                way.push(at);
                match before(at) {
                    Some(earlier) if way.len() <= count => at = earlier,
                    _ => heads[at] = at,
                }
            }
            for passed in way {
                heads[passed] = heads[at];
            }
        }
        let mut zones = vec![(NEVER, 0); count];
        for (place, group) in versions.groups.iter().enumerate() {
            let (first_end_ns, last_begin_ns) = &mut zones[heads[place]];
            for (_, index) in versions.members(group) {
                let operation = versions.operation(index);
                *first_end_ns = operation.completion_ns().min(*first_end_ns);
                *last_begin_ns = operation.call_ns.max(*last_begin_ns);
            }
        }
        Self { heads, zones }
    }

    /// When an operation of the chain of the group at `place` was first over, and when one last began.
    pub(super) fn zone(&self, place: usize) -> (u64, u64) {
        self.zones[self.heads[place]]
    }
}
