//! The values that invariants speak of, before the load and after it.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use url::Url;

use super::lookups::Counted;
use crate::invariant::{All, Seen, Watched};
use crate::plan::{Plan, Read};
use crate::reply::Reply;
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
    ///
    /// # Errors
    /// Which could not be read.
    pub(super) async fn read<D: Driver<Message = M>>(
        &self,
        driver: &D,
    ) -> Result<All, (Url, ReadError)> {
        let mut all = All::new();
        for (watched, reader) in &self.readers {
            let is_paged = watched.read.how.next.is_some();
            let see = |pages: &[Reply]| {
                let heard: Vec<_> = pages.iter().map(Reply::heard).collect();
                let seen = watched.values.iter().map(|value| {
                    let seen = Seen::of(value, &heard, is_paged);
                    let seen = seen.map_err(|unseen| ReadError::Unseen(unseen.to_string()))?;
                    Ok((value.0.clone(), seen))
                });
                seen.collect::<Result<Vec<_>, ReadError>>()
            };
            let seen = reader.seen(driver, self.timeout, see).await;
            all.extend(seen.map_err(|error| (reader.url().clone(), error))?);
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
        let read = async || self.read(driver).await.map_err(|(_, error)| error);
        let (mut seen, mut changed) = (read().await?, begun);
        while !holds(&seen)
            && changed.elapsed() < self.settle
            && begun.elapsed() < self.settle * LONGEST
        {
            sleep(self.settle / 10).await;
            let now = read().await?;
            if now != seen {
                (seen, changed) = (now, Instant::now());
            }
        }
        Ok(seen)
    }
}
