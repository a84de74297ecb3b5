//! What still holds of a count: of a number to which every update adds as much.
//!
//! A read that returned `c` shows the first `c` updates of an order. All that is asked of the order
//! so becomes places in it: an update that begins after `c` of them have been seen stands behind
//! these, one that a read has to show is among the first `c`, and one that answered with `v` is the
//! `v`-th. Updates are alike, so that nothing else tells them apart, and
//! [`slots`](super::slots) decides whether there is such an order, where
//! [`placed`](super::placed) does not see it. With its heap that makes
//! O(n log n).
//!
//! - Sequential consistency looks at what a client itself saw before and after its update. Of one
//!   client's updates, those that come first neither have to stand further back nor may stand
//!   further back than later ones, so that they keep their order.
//! - Read your writes looks at what anybody had seen when an update began, and at the reads that
//!   its client made later. An update that was over before others began has to stand in front of
//!   the first of them that has a last place. With that, in front of all of them.
//! - Monotonic reads adds to this order only that no client reads less than before.

mod jobs;

use crate::history::{Operation, Outcome};

use super::placed::Placed;
use super::sessions::Sessions;
use super::{Consistency, Weaker};

/// What an operation means to a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// It added one, and answered with the count that this made, if with any.
    Update(Option<i64>),
    /// It adds one, or does not.
    Perhaps,
    /// It returned this count. One below 0 cannot be.
    Read(i64),
    /// It says nothing.
    Nothing,
}

/// What still holds of `operations`, which others may have added to where `is_shared`.
pub(crate) fn weaker(
    operations: &[Operation],
    part: impl Fn(&Operation) -> Part,
    is_shared: bool,
) -> Vec<Weaker> {
    let counts = Counts { operations, part, is_shared };
    let eventual = counts.eventual();
    let is_meant = |_, operation: &Operation| (counts.part)(operation) != Part::Nothing;
    let Some(sessions) = Sessions::of(operations, is_meant) else {
        return eventual.into_iter().collect();
    };
    let is_lossy = eventual.as_ref().is_some_and(|eventual| !eventual.holds);
    let Asked { answers, own_updates, reads } = counts.asked(&sessions);
    let decrease = counts.decrease(&sessions);
    let (highest, is_possible) = counts.highest();
    let is_explicable = is_possible && !is_lossy;
    let placed =
        if is_explicable && !is_shared { Placed::new(operations, &counts.part) } else { None };
    let mut weaker = Vec::new();
    if answers {
        let result = match &decrease {
            Some(reads) => Err(reads.clone()),
            None if is_explicable => match &placed {
                Some(placed) => placed.sequential(&sessions),
                None => counts.sequential(&sessions, highest),
            },
            None => Err(Vec::new()),
        };
        weaker.push(Weaker::new(Consistency::Sequential, result));
    }
    if own_updates || reads {
        let own = match &placed {
            Some(placed) => placed.own_updates(&sessions),
            None if is_explicable => counts.own_updates(&sessions, highest),
            None => None,
        };
        let monotonic = match decrease {
            Some(reads) => Err(reads),
            None => own.as_ref().map(|_| ()).ok_or_else(Vec::new),
        };
        let own = own.unwrap_or_else(|| Err(Vec::new()));
        weaker.extend(own_updates.then(|| Weaker::new(Consistency::ReadYourWrites, own)));
        weaker.extend(reads.then(|| Weaker::new(Consistency::MonotonicReads, monotonic)));
    }
    weaker.extend(eventual);
    weaker
}

struct Counts<'o, P> {
    operations: &'o [Operation],
    part: P,
    is_shared: bool,
}

/// What a session puts to the test.
#[derive(Default)]
struct Asked {
    /// An answer, beside something else.
    answers: bool,
    /// A read behind an update.
    own_updates: bool,
    /// A read behind a read.
    reads: bool,
}

/// Whether it holds, or what shows that it does not.
pub(super) type Held = Result<(), Vec<u32>>;

impl<P: Fn(&Operation) -> Part> Counts<'_, P> {
    fn part(&self, index: u32) -> Part {
        (self.part)(&self.operations[index as usize])
    }

    fn operation(&self, index: u32) -> &Operation {
        &self.operations[index as usize]
    }

    /// The count that was seen when the operation was over.
    fn seen(&self, index: u32) -> Option<i64> {
        match self.part(index) {
            Part::Update(count) => count,
            Part::Read(count) => Some(count),
            Part::Perhaps | Part::Nothing => None,
        }
    }

    /// The highest count that was seen, and whether all of them can be: no two updates made the same
    /// one, and there are as many updates, unless others may have made some.
    fn highest(&self) -> (i64, bool) {
        let parts = || self.operations.iter().map(&self.part);
        let is_update = |part: &Part| matches!(part, Part::Update(_) | Part::Perhaps);
        let updates = parts().filter(is_update).count();
        let mut is_made = vec![false; updates + 1];
        let (mut highest, mut is_possible) = (0, true);
        for part in parts() {
            let (Part::Update(Some(count)) | Part::Read(count)) = part else { continue };
            highest = highest.max(count);
            let made = usize::try_from(count).ok().and_then(|count| is_made.get_mut(count));
            is_possible &= match (made, part) {
                (Some(made), Part::Update(_)) => count > 0 && !std::mem::replace(made, true),
                (Some(_), _) => true,
                (None, _) => self.is_shared && count > 0,
            };
        }
        (highest, is_possible)
    }

    fn eventual(&self) -> Option<Weaker> {
        let with_parts = || self.operations.iter().map(|one| (one, (self.part)(one)));
        let (mut done, mut rest_ns) = (0, 0);
        for (update, part) in with_parts() {
            if matches!(part, Part::Update(_)) {
                done += 1;
                rest_ns = rest_ns.max(update.return_ns);
            }
        }
        let reads = (0_u32..).zip(with_parts()).filter_map(|(index, (read, part))| match part {
            Part::Read(count) if read.call_ns > rest_ns => {
                Some((read.call_ns, read.return_ns, index, count))
            }
            _ => None,
        });
        let (_, return_ns, index, count) = reads.max().filter(|_| done > 0)?;
        let begun = with_parts()
            .filter(|(one, part)| *part == Part::Perhaps && one.call_ns <= return_ns)
            .count();
        let most = done + i64::try_from(begun).expect("there are at most u32::MAX operations");
        if self.is_shared && count > most {
            return None;
        }
        let holds = (done..=most).contains(&count);
        let result = if holds { Ok(()) } else { Err(vec![index]) };
        Some(Weaker::new(Consistency::Eventual, result))
    }

    fn asked(&self, sessions: &Sessions) -> Asked {
        let mut asked = Asked::default();
        for session in sessions.iter() {
            let (mut updates, mut reads, mut others, mut answers) = (false, false, false, false);
            for index in session {
                let part = self.part(*index);
                let is_answer = self.seen(*index).is_some();
                asked.answers |= (others && is_answer) || answers;
                if matches!(part, Part::Read(_)) {
                    asked.own_updates |= updates;
                    asked.reads |= reads;
                    reads = true;
                }
                updates |= matches!(part, Part::Update(_));
                // Nothing comes behind what is unknown.
                others |= part != Part::Perhaps;
                answers |= is_answer;
            }
        }
        asked
    }

    /// Two reads of a client of which the later returned less: those that were over first.
    fn decrease(&self, sessions: &Sessions) -> Option<Vec<u32>> {
        let mut first: Option<(u64, [u32; 2])> = None;
        for session in sessions.iter() {
            let mut last: Option<(i64, u32)> = None;
            for &index in session {
                let Part::Read(count) = self.part(index) else { continue };
                if let Some((before, earlier)) = last
                    && count < before
                {
                    let found = (self.operation(index).return_ns, [earlier, index]);
                    first = Some(first.map_or(found, |first| first.min(found)));
                }
                last = Some((count, index));
            }
        }
        first.map(|(_, reads)| reads.to_vec())
    }
}

/// Whether it may have been done, of an operation that is an update.
pub(crate) fn update(operation: &Operation, answer: Option<i64>) -> Part {
    match operation.outcome {
        Outcome::Ok => Part::Update(answer),
        Outcome::Unknown => Part::Perhaps,
        Outcome::Fail => Part::Nothing,
    }
}
