//! What has to be done before what is due can be put into an order.

use super::Schedule;
use super::items::{Item, What};

/// What waits, of all that may come next as far as time goes.
pub(super) struct Needs {
    /// What is due.
    due: What,
    due_at: usize,
    /// Refusals of what is there: from where, and how much.
    refused: Vec<(usize, i128)>,
    /// The accounts that do not cover a move which is due, or has to come before the next read.
    short: Vec<usize>,
}

impl Needs {
    pub(super) fn of(schedule: &Schedule, due_at: usize, eligible: &[usize]) -> Self {
        let (mut refused, mut short) = (Vec::new(), Vec::new());
        for at in eligible {
            match schedule.items[*at].what {
                What::Refusal { from, amount } => refused.push((from, amount)),
                What::Move { from, amount, latest, .. } => {
                    let is_next = *at == due_at || latest == schedule.next_read;
                    if is_next && !schedule.is_there(from, amount) {
                        short.push(from);
                    }
                }
                What::Read(_) => {}
            }
        }
        Self { due: schedule.items[due_at].what, due_at, refused, short }
    }

    /// How badly it suits to put the move at this place into the order next.
    pub(super) fn rank(&self, schedule: &Schedule, at: usize) -> u8 {
        let What::Move { from, to, amount, latest, .. } = schedule.items[at].what else {
            return u8::MAX;
        };
        let goes_out = from != to;
        let helps = goes_out
            && self.refused.iter().any(|(account, refused)| {
                *account == from && !schedule.is_there(from, amount + refused)
            });
        let hinders = goes_out && self.refused.iter().any(|(account, _)| *account == to);
        let rank = match self.due {
            What::Refusal { from: full, .. } if goes_out && from == full => 0,
            What::Refusal { from: full, .. } if to == full => 3,
            What::Move { from: empty, amount, .. } if !schedule.is_there(empty, amount) => {
                match () {
                    () if to == empty => 0,
                    () if from == empty => 3,
                    () if helps => 1,
                    () => 2,
                }
            }
            What::Refusal { .. } => {
                if helps {
                    1
                } else {
                    2
                }
            }
            _ if helps => 0,
            _ if at == self.due_at => {
                if hinders {
                    2
                } else {
                    1
                }
            }
            _ => {
                if hinders {
                    4
                } else {
                    3
                }
            }
        };
        // What comes behind the next read in the chain is only put before it where that helps.
        rank + if latest > schedule.next_read { 5 } else { 0 }
    }

    /// Whether it is a move that helps what waits.
    pub(super) fn are_helped(&self, item: &Item) -> bool {
        let What::Move { from, to, .. } = item.what else { return false };
        let drains = matches!(self.due, What::Refusal { from: full, .. } if full == from);
        from != to && (self.short.contains(&to) || drains)
    }
}
