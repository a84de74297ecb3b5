//! Where connections go: the addresses of a host.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::sync::Notify;
use tokio::time::Instant;
use url::Url;

use super::{Address, tls};
use crate::timers::Timers;

/// Finds the addresses of a name. It may block for as long as it likes.
pub(crate) type Resolve = dyn Fn() -> io::Result<Vec<Address>> + Send + Sync;

/// The addresses of a host, and which of them are to be tried first.
///
/// Where nothing else is said they stay what they were, and the one that took a connection last is
/// tried first. [`Self::taking_turns`] spreads connections over them; [`Self::re_resolving`] asks for them
/// again while a load goes on as well.
pub(crate) struct Endpoint {
    shared: Arc<Shared>,
    /// What asks for them again.
    resolve: Option<Arc<Resolve>>,
    limits: Limits,
    /// Whether each connection begins with another address.
    takes_turns: bool,
    /// Whom it has to be, where TLS is spoken.
    server_name: Option<ServerName<'static>>,
}

/// How long a lookup counts.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// For so long after it the addresses are taken for what they are.
    fresh: Duration,
    /// One that takes longer is waited for no longer: connections go to the addresses that are known
    /// until it is over.
    patience: Duration,
}

impl Limits {
    /// A change is followed within a second, and a resolver is asked twice a second at most, however
    /// many connections are made.
    const USUAL: Self =
        Self { fresh: Duration::from_millis(500), patience: Duration::from_secs(1) };
}

/// What a lookup, which has a thread of its own, shares with those who connect.
struct Shared {
    known: Mutex<Known>,
    /// A lookup is over.
    looked_up: Notify,
}

struct Known {
    addresses: Vec<Address>,
    /// The index of the address that is tried first.
    first: usize,
    /// Those that took no connection since they were last looked up: they are tried last.
    shunned: BTreeSet<Address>,
    /// How often an address took no connection.
    failed: BTreeMap<Address, u64>,
    /// When the last lookup was over.
    looked_up: Instant,
    /// When the one began that goes on.
    looking_since: Option<Instant>,
}

impl Endpoint {
    /// The host with these addresses.
    pub(crate) fn new(addresses: impl IntoIterator<Item: Into<Address>>) -> Self {
        let known = Known {
            addresses: addresses.into_iter().map(Into::into).collect(),
            first: 0,
            shunned: BTreeSet::new(),
            failed: BTreeMap::new(),
            looked_up: Instant::now(),
            looking_since: None,
        };
        let shared = Shared { known: Mutex::new(known), looked_up: Notify::new() };
        Self {
            shared: Arc::new(shared),
            resolve: None,
            limits: Limits::USUAL,
            takes_turns: false,
            server_name: None,
        }
    }

    /// The host with these addresses, which were found just now; `resolve` finds them again.
    pub(crate) fn re_resolving(
        addresses: impl IntoIterator<Item: Into<Address>>,
        resolve: Arc<Resolve>,
    ) -> Self {
        Self { resolve: Some(resolve), ..Self::new(addresses) }.taking_turns(true)
    }

    /// The same, of whose addresses connections take turns, or prefer the one that worked before.
    pub(crate) fn taking_turns(self, takes_turns: bool) -> Self {
        Self { takes_turns, ..self }
    }

    /// The same, as what `url` speaks of: with TLS where that is `https`.
    pub(crate) fn of(self, url: &Url) -> Self {
        Self { server_name: tls::server_name(url), ..self }
    }

    /// Whom it has to be, where TLS is spoken.
    pub(super) fn server_name(&self) -> Option<&ServerName<'static>> {
        self.server_name.as_ref()
    }

    /// The addresses that are known.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        self.shared.known().addresses.clone()
    }

    /// How often each address took no connection: it refused, or another one was faster.
    pub(crate) fn failed(&self) -> BTreeMap<Address, u64> {
        self.shared.known().failed.clone()
    }

    /// The addresses for another connection, in the order in which they are to be tried. They are
    /// asked for again before, where that is to be done and was not done a moment ago.
    pub(super) async fn in_order(&self, timers: &Timers) -> Vec<Address> {
        if let Some(resolve) = &self.resolve {
            self.refresh(resolve, timers).await;
        }
        let mut known = self.shared.known();
        let in_order = known.in_order();
        known.first = known.first.wrapping_add(usize::from(self.takes_turns));
        in_order
    }

    /// The address took a connection.
    pub(super) fn took(&self, address: &Address) {
        let mut known = self.shared.known();
        if self.takes_turns {
            known.shunned.remove(address);
        } else {
            known.prefer(address);
        }
    }

    /// The address took no connection.
    pub(super) fn refused(&self, address: &Address) {
        let mut known = self.shared.known();
        *known.failed.entry(address.clone()).or_default() += 1;
        if self.takes_turns {
            known.shunned.insert(address.clone());
        }
    }

    /// Waits for a lookup, where the last one is not of a moment ago. Whoever comes while one goes on
    /// waits for that.
    async fn refresh(&self, resolve: &Arc<Resolve>, timers: &Timers) {
        // Before it is asked whether one goes on: so its end is not missed.
        let over = self.shared.looked_up.notified();
        let until = {
            let mut known = self.shared.known();
            let now = Instant::now();
            if now < known.looked_up + self.limits.fresh {
                return;
            }
            if known.looking_since.is_none() {
                self.look_up(&mut known, Arc::clone(resolve), now);
            }
            let Some(since) = known.looking_since else { return };
            let until = since + self.limits.patience;
            if now >= until {
                return;
            }
            until
        };
        tokio::select! {
            () = over => {}
            () = timers.at(until) => {}
        }
    }

    /// Begins a lookup on a thread of its own, which nobody has to wait for: neither a worker's loop
    /// nor the end of a run.
    fn look_up(&self, known: &mut Known, resolve: Arc<Resolve>, now: Instant) {
        let shared = Arc::clone(&self.shared);
        let look_up = move || {
            let begun = std::time::Instant::now();
            let found = resolve();
            shared.found(found, begun.elapsed());
        };
        let begun = thread::Builder::new().name("resolver".to_owned()).spawn(look_up);
        match begun {
            Ok(_) => known.looking_since = Some(now),
            // There is no thread to be had: it is tried again later.
            Err(_) => known.looked_up = now,
        }
    }
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lookup is over that took so long. One that found nothing changes nothing.
    fn found(&self, found: io::Result<Vec<Address>>, took: Duration) {
        let mut known = self.known();
        if let Ok(addresses) = found
            && !addresses.is_empty()
        {
            known.addresses = addresses;
            known.shunned.clear();
        }
        if let Some(since) = known.looking_since.take() {
            known.looked_up = since + took;
        }
        drop(known);
        self.looked_up.notify_waiters();
    }
}

impl Known {
    /// From the first on, those that took no connection at last.
    fn in_order(&self) -> Vec<Address> {
        let Self { addresses, first, shunned, .. } = self;
        let count = addresses.len();
        let mut in_order: Vec<_> =
            (0..count).map(|offset| addresses[(first % count + offset) % count].clone()).collect();
        in_order.sort_by_key(|address| shunned.contains(address));
        in_order
    }

    fn prefer(&mut self, address: &Address) {
        let index = self.addresses.iter().position(|known| known == address);
        self.first = index.unwrap_or(self.first);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn address(last: u8) -> Address {
        SocketAddr::from(([127, 0, 0, last], 80)).into()
    }

    fn all(lasts: &[u8]) -> Vec<Address> {
        lasts.iter().copied().map(address).collect()
    }

    /// A host whose lookups find what they are told, one after the other, and count for an hour.
    fn told(patience: Duration) -> (Sender<io::Result<Vec<Address>>>, Endpoint) {
        let (tell, told): (_, Receiver<io::Result<Vec<Address>>>) = channel();
        let told = Mutex::new(told);
        let nothing = || Err(io::ErrorKind::NotFound.into());
        let resolve = move || told.lock().unwrap().recv().unwrap_or_else(|_| nothing());
        let endpoint = Endpoint::re_resolving(all(&[1, 2]), Arc::new(resolve));
        (tell, Endpoint { limits: Limits { fresh: HOUR, patience }, ..endpoint })
    }

    impl Endpoint {
        /// Lets its addresses be as old as they may be.
        fn age(&self) {
            self.shared.known().looked_up -= HOUR;
        }
    }

    async fn order(endpoint: &Endpoint) -> Vec<Address> {
        endpoint.in_order(&Timers::current()).await
    }

    #[tokio::test]
    async fn the_address_that_worked_is_tried_first() {
        let endpoint = Endpoint::new(all(&[1, 2, 3]));
        assert_eq!(order(&endpoint).await, all(&[1, 2, 3]));
        endpoint.refused(&address(1));
        endpoint.took(&address(2));
        for _ in 0..3 {
            assert_eq!(order(&endpoint).await, all(&[2, 3, 1]));
        }
        assert_eq!(endpoint.failed(), BTreeMap::from([(address(1), 1)]));
    }

    #[tokio::test]
    async fn connections_take_turns_at_addresses_where_they_are_to() {
        let endpoint = Endpoint::new(all(&[1, 2, 3])).taking_turns(true);
        endpoint.refused(&address(2));
        let firsts = [0; 4].map(|_| ());
        let mut seen = Vec::new();
        for () in firsts {
            let order = order(&endpoint).await;
            assert_eq!(order[2], address(2));
            seen.push(order[0].clone());
        }
        assert!(seen.contains(&address(1)) && seen.contains(&address(3)), "{seen:?}");
        endpoint.took(&address(2));
        assert_eq!(order(&endpoint).await, all(&[2, 3, 1]));
    }

    #[tokio::test]
    async fn connections_follow_a_name_to_its_new_addresses_and_take_turns_at_them() {
        let (tell, endpoint) = told(HOUR);
        // They were found a moment ago, and nobody is asked.
        assert_eq!(order(&endpoint).await, all(&[1, 2]));
        assert_eq!(order(&endpoint).await, all(&[2, 1]));
        endpoint.age();
        tell.send(Ok(all(&[3, 4, 5]))).unwrap();
        let turns = [order(&endpoint).await, order(&endpoint).await, order(&endpoint).await];
        let mut first: Vec<_> = turns.iter().map(|order| order[0].clone()).collect();
        first.sort();
        assert_eq!(first, all(&[3, 4, 5]));
        // One that refuses comes last, until it takes one or its name is looked up.
        endpoint.refused(&address(4));
        for _ in 0..3 {
            assert_eq!(order(&endpoint).await[2], address(4));
        }
        endpoint.age();
        tell.send(Ok(all(&[4, 5]))).unwrap();
        let turns = [order(&endpoint).await.remove(0), order(&endpoint).await.remove(0)];
        assert!(turns.contains(&address(4)), "{turns:?}");
    }

    #[tokio::test]
    async fn a_lookup_that_fails_changes_nothing_and_is_not_repeated_at_once() {
        let (tell, endpoint) = told(HOUR);
        for failure in [Err(io::ErrorKind::NotFound.into()), Ok(Vec::new())] {
            endpoint.age();
            tell.send(failure).unwrap();
            for _ in 0..2 {
                // Another lookup would be told nothing, and take an hour.
                assert_eq!(order(&endpoint).await.len(), 2);
            }
            assert!(endpoint.shared.known().looking_since.is_none());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lookup_that_hangs_is_waited_for_once_and_counts_when_it_is_over() {
        let patience = Limits::USUAL.patience;
        let (tell, endpoint) = told(patience);
        endpoint.age();
        let begun = Instant::now();
        // Both wait for the same one.
        let (one, other) = tokio::join!(order(&endpoint), order(&endpoint));
        let mut firsts = [&one, &other].map(|order| order[0].clone());
        firsts.sort();
        assert_eq!(firsts[..], all(&[1, 2]));
        let waited = begun.elapsed();
        assert!((patience..2 * patience).contains(&waited), "{waited:?}");
        // Whoever comes later does not.
        assert_eq!(order(&endpoint).await, all(&[1, 2]));
        assert_eq!(begun.elapsed(), waited);
        tell.send(Ok(all(&[3]))).unwrap();
        while endpoint.shared.known().looking_since.is_some() {
            thread::yield_now();
        }
        assert_eq!(order(&endpoint).await, all(&[3]));
    }
}
