//! What has to stand where in an order of a count's updates.

use crate::history::{NEVER, Operation};

use super::super::sessions::Sessions;
use super::super::slots::{ANYWHERE, Job, Misfit, fit};
use super::{Counts, Held, Part};

impl<P: Fn(&Operation) -> Part> Counts<'_, P> {
    /// Sequential consistency, where no client reads less than before.
    pub(super) fn sequential(&self, sessions: &Sessions, highest: i64) -> Held {
        let mut jobs = Vec::with_capacity(self.operations.len());
        for session in sessions.iter() {
            let first = jobs.len();
            let mut seen = 0;
            for &index in session {
                let after = match self.part(index) {
                    Part::Update(Some(count)) => Some(seen.max(count - 1)),
                    Part::Update(None) | Part::Perhaps => Some(seen),
                    Part::Read(_) | Part::Nothing => None,
                };
                let is_certain = self.part(index) != Part::Perhaps;
                jobs.extend(after.map(|after| Job { after, until: ANYWHERE, index, is_certain }));
                seen = seen.max(self.seen(index).unwrap_or(0));
            }
            self.bound_by_later(session, &mut jobs[first..]);
        }
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

    /// Read your writes; `None` where no order of the updates keeps time and has all that was seen
    /// in it, whoever saw it.
    pub(super) fn own_updates(&self, sessions: &Sessions, highest: i64) -> Option<Held> {
        let mut jobs = self.jobs_in_time();
        fit(&jobs, highest, self.is_shared).ok()?;
        self.bound_by_reads(sessions, &mut jobs);
        Some(fit(&jobs, highest, self.is_shared).map_err(|misfit| match misfit {
            Misfit::Empty => Vec::new(),
            Misfit::Late { index, until } => self.unread_own(sessions, index, until),
        }))
    }

    /// The updates, in the order of their calls, each behind what anybody had seen when it began and
    /// at the place that its answer says.
    fn jobs_in_time(&self) -> Vec<Job> {
        let mut seen = Vec::new();
        let mut updates = Vec::with_capacity(self.operations.len());
        for (index, operation) in (0..).zip(self.operations) {
            let part = (self.part)(operation);
            if let Part::Update(Some(count)) | Part::Read(count) = part {
                seen.push((operation.return_ns, count));
            }
            if matches!(part, Part::Update(_) | Part::Perhaps) {
                updates.push((operation.call_ns, index));
            }
        }
        seen.sort_unstable();
        updates.sort_unstable();
        let mut seen = seen.into_iter().peekable();
        let mut highest = 0;
        let jobs = updates.into_iter().map(|(call_ns, index)| {
            while let Some((_, count)) = seen.next_if(|(end_ns, _)| *end_ns < call_ns) {
                highest = highest.max(count);
            }
            let (answer, is_certain) = match self.part(index) {
                Part::Update(answer) => (answer, true),
                _ => (None, false),
            };
            let after = answer.map_or(highest, |count| highest.max(count - 1));
            Job { after, until: answer.unwrap_or(ANYWHERE), index, is_certain }
        });
        let mut jobs: Vec<_> = jobs.collect();
        self.bound_by_successors(&mut jobs);
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
        if jobs.iter().all(|job| job.until == ANYWHERE) {
            return;
        }
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
