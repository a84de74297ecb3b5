//! Looking a host's name up, counted.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use crate::plan::{Connecting, Plan};
use crate::record::{Lookups, Record};
use crate::wire::{Address, Endpoint, Resolve};

/// The lookups of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted(Arc<Mutex<Lookups>>);

impl Counted {
    /// The one before the load, which took so long.
    pub(super) fn beginning(took: Duration) -> Self {
        let counted = Self::default();
        counted.add(|lookups| {
            lookups.begun += 1;
            lookups.found(took);
        });
        counted
    }

    /// The host of `url`, which has these `addresses`, as `plan` connects to it.
    pub(super) fn endpoint(&self, plan: &Plan, url: &Url, addresses: Vec<Address>) -> Endpoint {
        let Connecting { re_resolves, spreads, naming, .. } = &plan.load.connecting;
        if !re_resolves {
            return Endpoint::new(addresses).taking_turns(*spreads).of(url);
        }
        Endpoint::re_resolving(addresses, self.counting(naming.resolver(url))).of(url)
    }

    /// The same as `resolve`, which is counted.
    fn counting(&self, resolve: Arc<Resolve>) -> Arc<Resolve> {
        let counted = self.clone();
        Arc::new(move || {
            counted.add(|lookups| lookups.begun += 1);
            let begun = Instant::now();
            let found = resolve();
            let took = begun.elapsed();
            counted.add(|lookups| match &found {
                Ok(addresses) if addresses.is_empty() => lookups.failed("no address"),
                Ok(_) => lookups.found(took),
                Err(error) => lookups.failed(&error.to_string()),
            });
            found
        })
    }

    /// Puts what was looked up, and which addresses of `endpoint` took no connection, into `record`.
    pub(super) fn put_into(&self, record: &mut Record, endpoint: &Endpoint) {
        self.add(|lookups| record.reached.lookups.merge(lookups));
        for (address, attempts) in endpoint.failed() {
            record.reached.refused(&address, attempts);
        }
    }

    fn add<T>(&self, add: impl FnOnce(&mut Lookups) -> T) -> T {
        add(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn each_lookup_is_counted_by_what_came_of_it() {
        let counted = Counted::beginning(Duration::from_millis(3));
        let found = vec![Address::from(SocketAddr::from(([127, 0, 0, 1], 80)))];
        let answers = Mutex::new(vec![
            Ok(found.clone()),
            Ok(Vec::new()),
            Err(io::Error::other("no such name")),
            Err(io::Error::other("no such name")),
        ]);
        let resolve = counted.counting(Arc::new(move || answers.lock().unwrap().pop().unwrap()));
        let came: Vec<_> = (0..4).map(|_| resolve().map(|found| found.len()).ok()).collect();
        assert_eq!(came, [None, None, Some(0), Some(1)]);
        // One that is not over.
        counted.add(|lookups| lookups.begun += 1);
        let mut record = Record::new(1, None, tokio::time::Instant::now());
        let endpoint = Endpoint::new(found);
        counted.put_into(&mut record, &endpoint);
        let lookups = record.reached.lookups;
        assert_eq!((lookups.begun, lookups.times.count(), lookups.unanswered()), (6, 2, 1));
        let failures = [("no address".to_owned(), 1), ("no such name".to_owned(), 2)];
        assert_eq!(lookups.failures, failures.into());
    }
}
