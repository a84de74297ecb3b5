//! What is known of each element.

use crate::history::{NIL, Op, Operation, Outcome};
use crate::lists::{List, Lists};

use super::ranks::Ranks;

/// The elements that were there at first or may have been added, by rank.
pub(super) struct Elements {
    ranks: Ranks,
    /// The ranks of those that are in lists, by their numbers; [`STRANGER`] for others.
    listed: Vec<u32>,
    times: Vec<Times>,
    standings: Vec<Standing>,
    /// The last list of this pass that held each; 0 if none did.
    visits: Vec<u32>,
    /// The list at hand.
    visit: u32,
}

/// Of an element in a list that nobody may have added.
const STRANGER: u32 = u32::MAX;

/// When an element was added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// When its first addition was invoked; 0 if it was there at first.
    pub(super) call_ns: u64,
    /// From when on a list that begins has to hold it, since an addition was complete before; 0 if
    /// it was there at first, `u64::MAX` for never.
    pub(super) due_ns: u64,
}

/// What a pass over the lists made of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// In no list so far.
    Unseen,
    /// In a list of the chain.
    Held,
    /// Something is wrong with it: from then on it proves nothing.
    Unreliable,
}

impl Elements {
    pub(super) fn new(initial: &[i64], operations: &[Operation], lists: &Lists) -> Self {
        let additions = operations.iter().filter(|operation| is_addition(operation));
        let mut values = Vec::with_capacity(initial.len() + additions.clone().count());
        values.extend_from_slice(initial);
        values.extend(additions.clone().map(|addition| addition.arg));
        let ranks = Ranks::new(values);
        let mut times = vec![Times { call_ns: u64::MAX, due_ns: u64::MAX }; ranks.len()];
        let mut note = |value, call_ns: u64, due_ns: u64| {
            let rank = ranks.find(value).expect("every value has a rank");
            let times = &mut times[rank as usize];
            times.call_ns = times.call_ns.min(call_ns);
            times.due_ns = times.due_ns.min(due_ns);
        };
        for value in initial {
            note(*value, 0, 0);
        }
        for addition in additions {
            note(addition.arg, addition.call_ns, after(addition.completion_ns()));
        }
        let listed = lists.distinct().iter();
        let listed = listed.map(|value| ranks.find(*value).unwrap_or(STRANGER)).collect();
        let standings = vec![Standing::Unseen; ranks.len()];
        let visits = vec![0; ranks.len()];
        Self { ranks, listed, times, standings, visits, visit: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// All ranks.
    pub(super) fn ranks(&self) -> impl Iterator<Item = u32> + use<> {
        (0..).take(self.len())
    }

    /// The ranks of those of which nothing wrong is known.
    pub(super) fn reliable(&self) -> impl Iterator<Item = u32> {
        self.ranks().filter(|rank| self.standing(*rank) != Standing::Unreliable)
    }

    /// The ranks of those that no list of this pass held, as far as they are reliable.
    pub(super) fn unseen(&self) -> impl Iterator<Item = u32> {
        self.ranks().filter(|rank| self.standing(*rank) == Standing::Unseen)
    }

    /// The rank of `value`, unless nobody may have added it.
    pub(super) fn rank(&self, value: i64) -> Option<u32> {
        self.ranks.find(value)
    }

    /// The rank of the element with this number in lists, unless nobody may have added it.
    pub(super) fn listed(&self, number: u32) -> Option<u32> {
        Some(self.listed[number as usize]).filter(|rank| *rank != STRANGER)
    }

    pub(super) fn times(&self, rank: u32) -> Times {
        self.times[rank as usize]
    }

    pub(super) fn standing(&self, rank: u32) -> Standing {
        self.standings[rank as usize]
    }

    pub(super) fn stand(&mut self, rank: u32, standing: Standing) {
        self.standings[rank as usize] = standing;
    }

    /// Begins a pass: no reliable element has been seen.
    pub(super) fn begin_pass(&mut self) {
        self.visit = 0;
        self.visits.fill(0);
        for standing in &mut self.standings {
            if *standing == Standing::Held {
                *standing = Standing::Unseen;
            }
        }
    }

    /// Begins to look at another list.
    pub(super) fn begin_list(&mut self) {
        self.visit += 1;
    }

    /// The element is in the list at hand. Says whether it is the first of this pass to hold it.
    pub(super) fn visit(&mut self, rank: u32) -> bool {
        std::mem::replace(&mut self.visits[rank as usize], self.visit) == 0
    }

    /// Whether any list of this pass holds the element.
    pub(super) fn is_seen(&self, rank: u32) -> bool {
        self.visits[rank as usize] != 0
    }

    /// Whether the element has been seen in the list at hand.
    pub(super) fn is_in_list(&self, rank: u32) -> bool {
        self.visits[rank as usize] == self.visit
    }

    /// Looks at another list: at each of its reliable elements once.
    pub(super) fn members(&mut self, list: List<'_>, mut each: impl FnMut(u32, Standing)) {
        self.begin_list();
        for number in list.numbers() {
            if let Some(rank) = self.listed(number) {
                self.visit(rank);
                let standing = self.standing(rank);
                if standing != Standing::Unreliable {
                    each(rank, standing);
                }
            }
        }
    }

    /// The first addition of the element; none if it was there at first.
    pub(super) fn called_by(&self, rank: u32, operations: &[Operation]) -> Option<u32> {
        let call_ns = self.times(rank).call_ns;
        self.addition(rank, operations, |addition| addition.call_ns == call_ns)
    }

    /// The addition that was complete first; none if the element was there at first.
    pub(super) fn acknowledged_by(&self, rank: u32, operations: &[Operation]) -> Option<u32> {
        let due_ns = self.times(rank).due_ns;
        self.addition(rank, operations, |addition| after(addition.completion_ns()) == due_ns)
    }

    fn addition(
        &self,
        rank: u32,
        operations: &[Operation],
        is_it: impl Fn(&Operation) -> bool,
    ) -> Option<u32> {
        let is_one = |operation: &Operation| {
            is_addition(operation) && is_it(operation) && self.rank(operation.arg) == Some(rank)
        };
        (0..).zip(operations).find_map(|(index, operation)| is_one(operation).then_some(index))
    }
}

/// Whether the operation may have added its element.
pub(super) fn is_addition(operation: &Operation) -> bool {
    operation.op == Op::Add && operation.outcome != Outcome::Fail && operation.arg != NIL
}

/// The first time that is after `time_ns`; never stays never.
pub(super) fn after(time_ns: u64) -> u64 {
    time_ns.saturating_add(1)
}
