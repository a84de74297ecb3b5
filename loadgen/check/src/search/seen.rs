//! The configurations that a search has been in, so that it goes into none twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::mem::size_of;
use std::rc::Rc;

use super::budget::{Bound, Budget};
use super::window::Window;

/// Of each class of optional operations, how many are in the order.
///
/// Many differ from another in one operation, and share the rest with it.
#[derive(Clone)]
pub(super) struct Uses {
    /// Classes, ascending, and their numbers.
    shared: Rc<[(u32, u32)]>,
    /// The class of which there is one more.
    more: Option<u32>,
}

impl Uses {
    /// No operation of any class.
    pub(super) fn nothing() -> Self {
        Self { shared: Rc::from([]), more: None }
    }

    /// The same to be shared: with none in addition.
    pub(super) fn to_shared(&self) -> Self {
        let shared =
            if self.more.is_none() { Rc::clone(&self.shared) } else { self.counts().collect() };
        Self { shared, more: None }
    }

    /// One more of `class` than these, which are shared.
    pub(super) fn one_more(&self, class: u32) -> Self {
        debug_assert!(self.more.is_none(), "they are not to be shared");
        Self { shared: Rc::clone(&self.shared), more: Some(class) }
    }

    /// How many of `class` are among these, which are shared.
    pub(super) fn count(&self, class: u32) -> u32 {
        let at = self.shared.binary_search_by_key(&class, |(class, _)| *class);
        at.map_or(0, |at| self.shared[at].1)
    }

    /// Classes, ascending, and their numbers.
    fn counts(&self) -> impl Iterator<Item = (u32, u32)> {
        let more = self.more;
        let at = self.shared.partition_point(|&(class, _)| more.is_some_and(|more| class < more));
        let (before, after) = self.shared.split_at(at);
        let same = after.first().filter(|(class, _)| Some(*class) == more);
        let changed = more.map(|class| (class, same.map_or(0, |(_, count)| *count) + 1));
        let after = &after[usize::from(same.is_some())..];
        before.iter().copied().chain(changed).chain(after.iter().copied())
    }

    /// Whether no class has more here than in `others`.
    fn are_within(&self, others: &Self) -> bool {
        if Rc::ptr_eq(&self.shared, &others.shared) {
            return self.more.is_none() || self.more == others.more;
        }
        let mut others = others.counts();
        self.counts().all(|(class, count)| {
            others
                .find(|(other, _)| *other >= class)
                .is_some_and(|(other, most)| other == class && count <= most)
        })
    }
}

/// What of the required operations is in the order, and the state that it leads to.
#[derive(PartialEq, Eq, Hash)]
struct Configuration<T> {
    first: u32,
    overlapping: u64,
    /// For more than 64 clients.
    overlapping_more: Box<[u64]>,
    state: T,
}

/// Configurations, each with the optional operations that it was reached with.
///
/// The fewer were used the more are left: whatever can be done from a configuration can be done
/// from the same one with fewer uses. Therefore only those with the fewest count.
pub(super) struct Seen<T> {
    /// The last of its links.
    configurations: HashMap<Configuration<T>, u32>,
    links: Vec<Link>,
    /// Held by the above, beside their own size.
    heap_bytes: usize,
}

/// Some uses, and the link to others that are neither more nor less.
struct Link {
    uses: Uses,
    earlier: u32,
}

/// There is no link.
const END: u32 = u32::MAX;
/// It was reached without any optional operation, and nothing is less than that.
const WITH_NOTHING: u32 = u32::MAX - 1;

impl<T: Eq + Hash> Seen<T> {
    pub(super) fn new() -> Self {
        Self { configurations: HashMap::new(), links: Vec::new(), heap_bytes: 0 }
    }

    /// Notes that the search is in the configuration of `window`, `state` and `uses`, and says
    /// whether it is a new one. `state` comes with what it holds beside its own size, in bytes.
    ///
    /// # Errors
    /// When time is up: there may be many uses to compare with.
    pub(super) fn is_new(
        &mut self,
        window: &Window<'_>,
        (state, heap_bytes): (T, usize),
        uses: &Uses,
        budget: &mut Budget<'_>,
    ) -> Result<bool, Bound> {
        let (&overlapping, more) = window.overlapping().split_first().unwrap_or((&0, &[]));
        let first = window.first();
        let configuration =
            Configuration { first, overlapping, overlapping_more: more.into(), state };
        match self.configurations.entry(configuration) {
            Entry::Occupied(mut last) => {
                let mut at = *last.get();
                while let Some(link) = self.links.get(at as usize) {
                    budget.take(1)?;
                    if link.uses.are_within(uses) {
                        return Ok(false);
                    }
                    at = link.earlier;
                }
                if at == WITH_NOTHING {
                    return Ok(false);
                }
                let earlier = *last.get();
                last.insert(link(&mut self.links, &mut self.heap_bytes, uses, earlier));
            }
            Entry::Vacant(vacant) => {
                self.heap_bytes += heap_bytes + size_of_val(more);
                vacant.insert(link(&mut self.links, &mut self.heap_bytes, uses, END));
            }
        }
        Ok(true)
    }

    /// How much memory all of it takes once one more has been noted.
    pub(super) fn bytes(&self) -> usize {
        // The table is at most seven eighths full, has a byte more for each place, and is twice as
        // large after it has grown, while the old one is still there.
        let places = self.configurations.capacity() / 7 * 8;
        let grows = self.configurations.len() == self.configurations.capacity();
        let places = if grows { places.max(4) * 3 } else { places };
        places * (size_of::<(Configuration<T>, u32)>() + 1)
            + self.links.capacity() * size_of::<Link>()
            + self.heap_bytes
    }
}

/// The link to `uses` and those before.
fn link(links: &mut Vec<Link>, heap_bytes: &mut usize, uses: &Uses, earlier: u32) -> u32 {
    if uses.more.is_none() {
        if uses.shared.is_empty() {
            return WITH_NOTHING;
        }
        *heap_bytes += size_of_val(&*uses.shared) + 2 * size_of::<usize>();
    }
    links.push(Link { uses: uses.clone(), earlier });
    u32::try_from(links.len() - 1).expect("memory ends before")
}
