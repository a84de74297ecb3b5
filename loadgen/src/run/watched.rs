//! The values that invariants speak of, before the load and after it.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use url::Url;

use super::lookups::Counted;
use crate::invariant::{All, Seen, Watched};
use crate::plan::{Plan, Read};
use crate::scenario::Values;
use crate::state::{ReadError, Reader};
use crate::wire::{Address, Driver};

/// What reads them.
pub(super) struct Watch<M> {
    readers: Vec<(Watched, Reader<M>)>,
    settle: Duration,
    timeout: Duration,
}

impl<M> Watch<M> {
    /// What reads the values of `plan` from a service at `base`, by the session that has these `values`.
    pub(super) fn new<D: Driver<Message = M>>(
        driver: &D,
        plan: &Plan,
        (base, addresses): (&Url, &[Address]),
        values: &Values,
    ) -> Self {
        let reader = |watched: &Watched| {
            let read: Read = watched.read.on(base);
            let endpoint = Counted::default().endpoint(plan, &read.url, addresses.to_vec());
            (watched.clone(), Reader::new(driver, plan, endpoint, read, values.clone()))
        };
        let readers = plan.invariants.watched.iter().map(reader).collect();
        Self { readers, settle: plan.invariants.settle, timeout: plan.load.timeout }
    }

    /// The values as they are.
    pub(super) async fn read<D: Driver<Message = M>>(&self, driver: &D) -> Result<All, ReadError> {
        let mut all = All::new();
        for (watched, reader) in &self.readers {
            let reply = reader.ask(driver, self.timeout).await?;
            for value in &watched.values {
                let seen = Seen::of(value, &reply.heard());
                all.insert(
                    value.0.clone(),
                    seen.map_err(|unseen| ReadError::Unseen(unseen.to_string()))?,
                );
            }
        }
        Ok(all)
    }

    /// The values after the load: where they are not what `holds` asks for, they are read again until
    /// they have not changed for as long as they may take to settle.
    pub(super) async fn settled<D: Driver<Message = M>>(
        &self,
        driver: &D,
        holds: &dyn Fn(&All) -> bool,
    ) -> Result<All, ReadError> {
        const LONGEST: u32 = 10;
        let begun = Instant::now();
        let (mut seen, mut changed) = (self.read(driver).await?, begun);
        while !holds(&seen)
            && changed.elapsed() < self.settle
            && begun.elapsed() < self.settle * LONGEST
        {
            sleep(self.settle / 10).await;
            let now = self.read(driver).await?;
            if now != seen {
                (seen, changed) = (now, Instant::now());
            }
        }
        Ok(seen)
    }
}
