//! Places in an order, each of which takes one update.
//!
//! Of an update is known behind how many others it stands at least, and up to which place at most.
//! Going through the places in turn, each is given to the update that has to stand first among those
//! that may stand there. That finds an order if there is one: of two updates that may stand at a
//! place, the one that has to come first can be swapped into it. Source: J. R. Jackson, Scheduling a
//! Production Line to Minimize Maximum Tardiness, UCLA, 1955, for jobs that take one unit of time.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// An update that is to have a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    /// Its place is behind this many others, at least.
    pub(super) after: i64,
    /// Its place is at most this; [`ANYWHERE`] if it may be any.
    pub(super) until: i64,
    /// Which update it is.
    pub(super) index: u32,
    /// Whether it was certainly done. One without a last place can stand behind all others.
    pub(super) is_certain: bool,
}

/// The last place of an update that may stand anywhere.
pub(super) const ANYWHERE: i64 = i64::MAX;

/// Why there is no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Nothing can stand at some place.
    Empty,
    /// An update comes too late.
    Late {
        /// Which.
        index: u32,
        /// Its last place.
        until: i64,
    },
}

/// Gives a place to each of `jobs` that has a last one, and leaves none of the first `filled` places
/// empty; others can fill them where `is_shared`.
pub(super) fn fit(jobs: &[Job], filled: i64, is_shared: bool) -> Result<(), Misfit> {
    let jobs = sorted(jobs);
    let mut jobs = jobs.iter().peekable();
    // Those that may stand at the place: which have a last one, and how many have none.
    let mut urgent = BinaryHeap::new();
    let mut free = 0_u64;
    let mut place = 1;
    while place <= filled {
        while let Some(job) = jobs.next_if(|job| job.after < place) {
            match job.until {
                ANYWHERE => free += 1,
                until => urgent.push(Reverse((until, job.index))),
            }
        }
        if let Some(Reverse((until, index))) = urgent.pop() {
            if until < place {
                return Err(Misfit::Late { index, until });
            }
        } else if free > 0 {
            free -= 1;
        } else if is_shared {
            place = jobs.peek().map_or(filled, |job| job.after.min(filled));
        } else {
            return Err(Misfit::Empty);
        }
        place += 1;
    }
    let late = urgent.pop().map(|Reverse((until, index))| (until, index));
    let unplaced = jobs.find(|job| job.until != ANYWHERE).map(|job| (job.until, job.index));
    match late.or(unplaced) {
        Some((until, index)) => Err(Misfit::Late { index, until }),
        None => Ok(()),
    }
}

/// The same in the order of what they stand behind. Most often that is no more than there are, and
/// they are told apart by counting.
fn sorted(jobs: &[Job]) -> Cow<'_, [Job]> {
    let is_small = |job: &Job| usize::try_from(job.after).is_ok_and(|after| after <= jobs.len());
    if jobs.is_sorted_by_key(|job| job.after) {
        return Cow::Borrowed(jobs);
    }
    let mut sorted = jobs.to_vec();
    if !jobs.iter().all(is_small) {
        sorted.sort_unstable_by_key(|job| job.after);
        return Cow::Owned(sorted);
    }
    let place = |job: &Job| usize::try_from(job.after).expect("it is small");
    let mut starts = vec![0_usize; jobs.len() + 2];
    for job in jobs {
        starts[place(job) + 1] += 1;
    }
    for after in 0..=jobs.len() {
        starts[after + 1] += starts[after];
    }
    for job in jobs {
        let start = &mut starts[place(job)];
        sorted[*start] = *job;
        *start += 1;
    }
    Cow::Owned(sorted)
}
