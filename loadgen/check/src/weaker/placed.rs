//! A count of which every update answered with its place.
//!
//! Where the places are 1, 2, 3, … and each is taken once, there is only one order of the updates,
//! and each read says how many of them it shows. Nothing is left to be found: in O(n), what is asked
//! of an order is held against this one. It is what [`slots`](super::slots) would find, and most
//! histories of fetch-and-add are so.

use crate::history::{NEVER, Operation};

use super::counts::{Held, Part};
use super::sessions::Sessions;

/// Updates in their places.
pub(super) struct Placed<'o> {
    operations: &'o [Operation],
    parts: Vec<Part>,
    /// Of each place, which update has it.
    updates: Vec<u32>,
}

impl<'o> Placed<'o> {
    /// `None` where an update has no place, or not one of its own, or a place has no update.
    pub(super) fn new(
        operations: &'o [Operation],
        part: impl Fn(&Operation) -> Part,
    ) -> Option<Self> {
        let parts: Vec<_> = operations.iter().map(part).collect();
        let is_update = |part: &&Part| matches!(part, Part::Update(_) | Part::Perhaps);
        let mut updates = vec![NONE; parts.iter().filter(is_update).count()];
        for (index, part) in (0..).zip(&parts) {
            let place = match part {
                Part::Update(Some(count)) => usize::try_from(count.checked_sub(1)?).ok()?,
                Part::Update(None) | Part::Perhaps => return None,
                Part::Read(_) | Part::Nothing => continue,
            };
            let update = updates.get_mut(place).filter(|update| **update == NONE)?;
            *update = index;
        }
        Some(Self { operations, parts, updates })
    }

    /// Sequential consistency: what a client sees never becomes less, and an update adds to it.
    pub(super) fn sequential(&self, sessions: &Sessions) -> Held {
        let most = i64::try_from(self.updates.len()).unwrap_or(i64::MAX);
        for session in sessions.iter() {
            let mut last: Option<(i64, u32)> = None;
            for &index in session {
                let (growth, count) = match self.parts[index as usize] {
                    Part::Update(Some(count)) => (1, count),
                    Part::Read(count) if count > most => return Err(Vec::new()),
                    Part::Read(count) => (0, count),
                    _ => continue,
                };
                if let Some((seen, before)) = last
                    && count < seen + growth
                {
                    return Err(vec![before, index]);
                }
                last = Some((count, index));
            }
        }
        Ok(())
    }

    /// Read your writes; `None` where the order does not keep time, or has not begun as far as a
    /// read shows it.
    pub(super) fn own_updates(&self, sessions: &Sessions) -> Option<Held> {
        self.keeps_time().then(|| {
            for session in sessions.iter() {
                let mut last: Option<(i64, u32)> = None;
                for &index in session {
                    match (self.parts[index as usize], last) {
                        (Part::Update(Some(count)), _) => {
                            last = last.max(Some((count, index)));
                        }
                        (Part::Read(count), Some((own, update))) if count < own => {
                            return Err(vec![update, index]);
                        }
                        _ => {}
                    }
                }
            }
            Ok(())
        })
    }

    fn keeps_time(&self) -> bool {
        let mut first_end_ns = NEVER;
        for update in self.updates.iter().rev() {
            let Operation { call_ns, return_ns, .. } = self.operations[*update as usize];
            if first_end_ns < call_ns {
                return false;
            }
            first_end_ns = first_end_ns.min(return_ns);
        }
        // When all updates up to each place had begun.
        let mut begun_ns = Vec::with_capacity(self.updates.len() + 1);
        begun_ns.push(0);
        for (place, update) in self.updates.iter().enumerate() {
            begun_ns.push(self.operations[*update as usize].call_ns.max(begun_ns[place]));
        }
        self.operations.iter().zip(&self.parts).all(|(read, part)| match part {
            Part::Read(count) => {
                let begun_ns = usize::try_from(*count).ok().and_then(|count| begun_ns.get(count));
                begun_ns.is_some_and(|begun_ns| *begun_ns <= read.return_ns)
            }
            _ => true,
        })
    }
}

/// No update.
const NONE: u32 = u32::MAX;
