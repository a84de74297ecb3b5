//! What still holds of a count: of a number to which every update adds as much.
//!
//! A read that returned `c` shows the first `c` updates of an order. All that is asked of the order
//! so becomes places in it: an update that begins after `c` of them have been seen stands behind
//! these, one that a read has to show is among the first `c`, and one that answered with `v` is the
//! `v`-th. Updates are alike, so that nothing else tells them apart, and
//! [`slots`](super::slots) decides whether there is such an order. With its heap that makes
//! O(n log n).
//!
//! - Sequential consistency looks at what a client itself saw before and after its update. Of one
//!   client's updates, those that come first neither have to stand further back nor may stand
//!   further back than later ones, so that they keep their order.
//! - Read your writes looks at what anybody had seen when an update began, and at the reads that
//!   its client made later. An update that was over before others began has to stand in front of
//!   the first of them that has a last place. With that, in front of all of them.
//! - Monotonic reads adds to this order only that no client reads less than before.

use crate::history::{NEVER, Operation, Outcome};

use super::sessions::Sessions;
use super::slots::{ANYWHERE, Job, Misfit, fit};
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
    let mut weaker = Vec::new();
    if answers {
        let result = counts.sequential(&sessions, is_lossy);
        weaker.push(Weaker::new(Consistency::Sequential, result));
    }
    if own_updates || reads {
        let [own, monotonic] = counts.per_client(&sessions, is_lossy);
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
type Held = Result<(), Vec<u32>>;

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

    /// The highest count that was seen, and whether all of them can be.
    fn highest(&self) -> (i64, bool) {
        let (mut highest, mut is_possible) = (0, true);
        for operation in self.operations {
            let (count, least) = match (self.part)(operation) {
                Part::Update(Some(count)) => (count, 1),
                Part::Read(count) => (count, 0),
                _ => continue,
            };
            highest = highest.max(count);
            is_possible &= count >= least;
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

    fn sequential(&self, sessions: &Sessions, is_lossy: bool) -> Held {
        let (highest, is_possible) = self.highest();
        if is_lossy || !is_possible {
            return Err(Vec::new());
        }
        let mut jobs = Vec::new();
        for session in sessions.iter() {
            let first = jobs.len();
            let mut seen = (0, None);
            for &index in session {
                match self.part(index) {
                    Part::Update(count) => {
                        let after = count.map_or(seen.0, |count| seen.0.max(count - 1));
                        jobs.push(Job { after, until: ANYWHERE, index, is_certain: true });
                    }
                    Part::Perhaps => {
                        let after = seen.0;
                        jobs.push(Job { after, until: ANYWHERE, index, is_certain: false });
                    }
                    Part::Read(count) if count < seen.0 => {
                        return Err(seen.1.into_iter().chain([index]).collect());
                    }
                    Part::Read(_) | Part::Nothing => {}
                }
                if let Some(count) = self.seen(index).filter(|count| *count >= seen.0) {
                    seen = (count, Some(index));
                }
            }
            self.bound_by_later(session, &mut jobs[first..]);
        }
        jobs.sort_by_key(|job| job.after);
        fit(&jobs, highest, self.is_shared).map_err(|misfit| match misfit {
            Misfit::Empty => Vec::new(),
            Misfit::Late { index, until } => self.later_own(sessions, index, until),
        })
    }

    /// Says of the updates of `session`, which are `jobs`, where they stand at last: as far as they
    /// are in what it saw later.
    fn bound_by_later(&self, session: &[u32], jobs: &mut [Job]) {
        let mut later = ANYWHERE;
        let mut jobs = jobs.iter_mut().rev().peekable();
        for &index in session.iter().rev() {
            let part = self.part(index);
            if let Some(job) = jobs.next_if(|job| job.index == index)
                && job.is_certain
            {
                let own = self.seen(index).unwrap_or(ANYWHERE);
                job.until = own.min(later);
            }
            match part {
                Part::Read(count) => later = later.min(count),
                Part::Update(Some(count)) => later = later.min(count - 1),
                _ => {}
            }
        }
    }

    /// The update, and what its client saw later that has it at the place `until` at last.
    fn later_own(&self, sessions: &Sessions, update: u32, until: i64) -> Vec<u32> {
        let of_client = sessions.iter().find(|session| session.contains(&update));
        let later = of_client.into_iter().flatten().skip_while(|index| **index != update).skip(1);
        let bounds = later.copied().find(|index| match self.part(*index) {
            Part::Read(count) => count == until,
            Part::Update(Some(count)) => count - 1 == until,
            _ => false,
        });
        std::iter::once(update).chain(bounds).collect()
    }

    /// Read your writes, and monotonic reads.
    fn per_client(&self, sessions: &Sessions, is_lossy: bool) -> [Held; 2] {
        let decrease = self.decrease(sessions);
        let (highest, is_possible) = self.highest();
        let broken = || Err(decrease.clone().unwrap_or_default());
        if is_lossy || !is_possible {
            return [Err(Vec::new()), broken()];
        }
        let mut jobs = self.jobs_in_time();
        if fit(&jobs, highest, self.is_shared).is_err() {
            return [Err(Vec::new()), broken()];
        }
        // Every update's place is known from here on but for what its client read.
        jobs.sort_by_key(|job| self.operation(job.index).call_ns);
        self.bound_by_reads(sessions, &mut jobs);
        jobs.sort_by_key(|job| job.after);
        let own = fit(&jobs, highest, self.is_shared).map_err(|misfit| match misfit {
            Misfit::Empty => Vec::new(),
            Misfit::Late { index, until } => self.unread_own(sessions, index, until),
        });
        [own, decrease.map_or(Ok(()), Err)]
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

    /// The updates, each behind what anybody had seen when it began and at the place that its answer
    /// says; in the order of what they stand behind.
    fn jobs_in_time(&self) -> Vec<Job> {
        let mut seen = Vec::new();
        let mut updates = Vec::new();
        for (index, operation) in (0..).zip(self.operations) {
            if let Some(count) = self.seen(index) {
                seen.push((operation.return_ns, count));
            }
            match self.part(index) {
                Part::Update(count) => updates.push((operation.call_ns, index, count, true)),
                Part::Perhaps => updates.push((operation.call_ns, index, None, false)),
                Part::Read(_) | Part::Nothing => {}
            }
        }
        seen.sort_unstable();
        updates.sort_unstable();
        let mut seen = seen.into_iter().peekable();
        let mut highest = 0;
        let jobs = updates.into_iter().map(|(call_ns, index, answer, is_certain)| {
            while let Some((_, count)) = seen.next_if(|(end_ns, _)| *end_ns < call_ns) {
                highest = highest.max(count);
            }
            let after = answer.map_or(highest, |count| highest.max(count - 1));
            Job { after, until: answer.unwrap_or(ANYWHERE), index, is_certain }
        });
        let mut jobs: Vec<_> = jobs.collect();
        self.bound_by_successors(&mut jobs);
        jobs.sort_by_key(|job| job.after);
        jobs
    }

    /// Says of the updates, which come in the order of their calls, that they stand among what their
    /// clients read later.
    fn bound_by_reads(&self, sessions: &Sessions, jobs: &mut [Job]) {
        let mut read = vec![ANYWHERE; self.operations.len()];
        for session in sessions.iter() {
            let mut later = ANYWHERE;
            for &index in session.iter().rev() {
                read[index as usize] = later;
                if let Part::Read(count) = self.part(index) {
                    later = later.min(count);
                }
            }
        }
        for job in jobs.iter_mut().filter(|job| job.is_certain) {
            job.until = job.until.min(read[job.index as usize]);
        }
        self.bound_by_successors(jobs);
    }

    /// Says of the updates, which come in the order of their calls, that they stand in front of
    /// those that began when they were over.
    fn bound_by_successors(&self, jobs: &mut [Job]) {
        let mut firsts = vec![ANYWHERE; jobs.len() + 1];
        for (place, job) in jobs.iter().enumerate().rev() {
            firsts[place] = firsts[place + 1].min(job.until);
        }
        for place in 0..jobs.len() {
            let end_ns = self.operation(jobs[place].index).completion_ns();
            if firsts[place + 1] < jobs[place].until && end_ns != NEVER {
                let next = place + self.first_after(&jobs[place..], end_ns);
                jobs[place].until = jobs[place].until.min(firsts[next]);
            }
        }
    }

    /// Of `jobs`, in the order of their calls, the first that began after `end_ns`. Most often it is
    /// near: looks ever further.
    fn first_after(&self, jobs: &[Job], end_ns: u64) -> usize {
        let is_before = |job: &Job| self.operation(job.index).call_ns <= end_ns;
        let mut step = 1;
        while jobs.get(step).is_some_and(is_before) {
            step *= 2;
        }
        let (from, to) = (step / 2, jobs.len().min(step));
        from + jobs[from..to].partition_point(is_before)
    }

    /// An update of a client and a later read of it that returned `count`, which lacks either that
    /// update or one that was over before.
    fn unread_own(&self, sessions: &Sessions, update: u32, count: i64) -> Vec<u32> {
        let lacks =
            |own: u32| own == update || self.operation(update).precedes(self.operation(own));
        for session in sessions.iter() {
            let mut own = None;
            for &index in session {
                match self.part(index) {
                    Part::Update(_) if lacks(index) => own = own.or(Some(index)),
                    Part::Read(read) if read == count => {
                        if let Some(own) = own {
                            return vec![own, index];
                        }
                    }
                    _ => {}
                }
            }
        }
        Vec::new()
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
