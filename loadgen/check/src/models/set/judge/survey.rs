//! What is wrong with one element, whatever the others are.

use std::collections::BTreeSet;

use crate::history::Operation;
use crate::tally::Tally;

use super::Observed;
use super::elements::{Elements, Standing, after};

/// What was found, with the element's rank where it has one, and the read.
pub(super) struct Survey {
    pub(super) phantoms: Tally<u32>,
    pub(super) duplicates: Tally<u32>,
    pub(super) future: Tally<(u32, u32)>,
    pub(super) missing: Tally<(u32, u32)>,
    pub(super) stale: Tally<(u32, u32)>,
}

/// What the lists owe an element.
#[derive(Debug, Clone, Copy, Default)]
struct Owed {
    /// From when on a list that begins has to hold it, since a list that held it or an addition was
    /// complete before.
    from_ns: u64,
    /// How many such lists do not.
    lists: u32,
}

impl Survey {
    /// Looks through all lists. Leaves the elements that prove nothing further as unreliable.
    pub(super) fn take(observed: &Observed<'_>, elements: &mut Elements) -> Self {
        let mut survey = Self {
            phantoms: Tally::new(),
            duplicates: Tally::new(),
            future: Tally::new(),
            missing: Tally::new(),
            stale: Tally::new(),
        };
        let owed = survey.read_lists(observed, elements);
        survey.blame_lists(observed, elements, &owed);
        survey
    }

    /// Finds what is in a list and should not be. Returns, by rank, what the lists owe.
    ///
    /// The first list that holds an element, by completion, settles from when on others have to:
    /// those that began afterwards are still to come.
    fn read_lists(&mut self, observed: &Observed<'_>, elements: &mut Elements) -> Vec<Owed> {
        let mut begins_ns: Vec<_> =
            observed.reads.iter().map(|read| observed.operation(*read).call_ns).collect();
        begins_ns.sort_unstable();
        let owed_from = |from_ns| {
            let lists = begins_ns.len() - begins_ns.partition_point(|begin_ns| *begin_ns < from_ns);
            Owed { from_ns, lists: u32::try_from(lists).expect("at most u32::MAX operations") }
        };
        let mut owed = vec![Owed::default(); elements.len()];
        // By number, whether a list had it.
        let mut strangers = vec![false; observed.lists.distinct().len()];
        let mut repeated = BTreeSet::new();
        elements.begin_pass();
        for &read in &observed.reads {
            let Operation { call_ns, return_ns, .. } = *observed.operation(read);
            elements.begin_list();
            let list = observed.list(read);
            for number in list.numbers() {
                let Some(rank) = elements.listed(number) else {
                    if !std::mem::replace(&mut strangers[number as usize], true) {
                        self.phantoms.add(return_ns, read);
                    }
                    continue;
                };
                let is_first = elements.visit(rank);
                let times = elements.times(rank);
                let owed = &mut owed[rank as usize];
                if is_first {
                    *owed = owed_from(times.due_ns.min(after(return_ns)));
                }
                owed.lists -= u32::from(call_ns >= owed.from_ns);
                if is_first && return_ns < times.call_ns {
                    self.future.add(return_ns, (rank, read));
                    elements.stand(rank, Standing::Unreliable);
                }
            }
            for (number, _) in list.repeated() {
                if repeated.insert(number) {
                    self.duplicates.add(return_ns, read);
                }
            }
        }
        for (rank, owed) in (0..).zip(&mut owed) {
            if !elements.is_seen(rank) {
                *owed = owed_from(elements.times(rank).due_ns);
            }
        }
        owed
    }

    /// Finds the lists that should hold an element and do not. What is missing is not called stale.
    fn blame_lists(&mut self, observed: &Observed<'_>, elements: &mut Elements, owed: &[Owed]) {
        let owed = |rank: u32| owed[rank as usize];
        let is_owed = |rank: &u32| owed(*rank).lists > 0;
        let mut ranks: Vec<_> = elements.reliable().filter(is_owed).collect();
        self.missing =
            blame(observed, elements, &mut ranks, |elements, rank| elements.times(rank).due_ns);
        ranks.retain(|rank| elements.standing(*rank) != Standing::Unreliable);
        self.stale = blame(observed, elements, &mut ranks, |_, rank| owed(rank).from_ns);
    }
}

/// For each of the elements the first list to begin from `from_ns` on that lacks it. Leaves those
/// for which there is one as unreliable.
fn blame(
    observed: &Observed<'_>,
    elements: &mut Elements,
    ranks: &mut [u32],
    from_ns: impl Fn(&Elements, u32) -> u64,
) -> Tally<(u32, u32)> {
    let mut blamed = Tally::new();
    ranks.sort_unstable_by_key(|rank| (from_ns(elements, *rank), *rank));
    let mut due = ranks.iter().copied().peekable();
    let mut reads = observed.reads.clone();
    reads.sort_by_key(|read| observed.operation(*read).call_ns);
    // The elements that all lists so far hold: no more than the last one does.
    let mut held = Vec::new();
    elements.begin_pass();
    for read in reads {
        let operation = observed.operation(read);
        while let Some(rank) = due.next_if(|rank| from_ns(elements, *rank) <= operation.call_ns) {
            held.push(rank);
        }
        if held.is_empty() {
            continue;
        }
        elements.members(observed.list(read), |_, _| ());
        held.retain(|rank| {
            let is_in_list = elements.is_in_list(*rank);
            if !is_in_list {
                blamed.add(operation.return_ns, (*rank, read));
                elements.stand(*rank, Standing::Unreliable);
            }
            is_in_list
        });
    }
    blamed
}
