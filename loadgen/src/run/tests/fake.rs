//! A driver that makes up a service, and everything that goes wrong on the way to it.

use std::cell::Cell;
use std::collections::{HashSet, VecDeque};
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use fastrand::Rng;
use nix::errno::Errno;
use tokio::time::{Instant, sleep};
use url::Url;

use crate::scenario::{Call, Values};
use crate::wire::{
    Answer, Driver, Endpoint, Failure, Illegal, Listener, OpenError, Progress, Single, Sizes,
};

/// How a service fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chances {
    /// How long an answer takes: at least, and less than.
    pub(super) takes_ms: (u64, u64),
    /// How many connections there may be in all.
    pub(super) connections: Option<u64>,
    /// From which request on every connection is refused.
    pub(super) refuses_from: Option<u64>,
    /// Of so many connections, the last is refused.
    pub(super) refuses_each: Option<u64>,
    /// After how many requests this machine has no port left.
    pub(super) ports: Option<u64>,
    /// From which request on nothing is answered.
    pub(super) hangs_from: Option<u64>,
    pub(super) refusals_of_1000: u64,
    pub(super) silences_of_1000: u64,
    /// A connection is not there within the time that one may take.
    pub(super) lates_of_1000: u64,
    pub(super) shortage_of_1000: u64,
    /// A kept connection is closed before its next request.
    pub(super) closes_of_1000: u64,
    pub(super) resets_of_1000: u64,
    pub(super) ends_of_1000: u64,
    pub(super) halves_of_1000: u64,
    pub(super) hangs_of_1000: u64,
    pub(super) errors_of_1000: u64,
    /// An answer comes twice, over a connection that fails in no other way from then on.
    pub(super) twice_of_1000: u64,
}

impl Chances {
    pub(super) const NONE: Self = Self {
        takes_ms: (1, 4),
        connections: None,
        refuses_from: None,
        refuses_each: None,
        ports: None,
        hangs_from: None,
        refusals_of_1000: 0,
        silences_of_1000: 0,
        lates_of_1000: 0,
        shortage_of_1000: 0,
        closes_of_1000: 0,
        resets_of_1000: 0,
        ends_of_1000: 0,
        halves_of_1000: 0,
        hangs_of_1000: 0,
        errors_of_1000: 0,
        twice_of_1000: 0,
    };

    /// Some of everything.
    pub(super) fn drawn(rng: &mut Rng) -> Self {
        let mut some = |most: u64| if rng.bool() { rng.u64(0..most) } else { 0 };
        Self {
            refusals_of_1000: some(100),
            silences_of_1000: some(50),
            lates_of_1000: some(50),
            shortage_of_1000: some(100),
            closes_of_1000: some(300),
            resets_of_1000: some(150),
            ends_of_1000: some(150),
            halves_of_1000: some(100),
            hangs_of_1000: some(60),
            errors_of_1000: some(150),
            twice_of_1000: some(30),
            hangs_from: Some(some(400)).filter(|number| *number > 20),
            refuses_from: Some(some(800)).filter(|number| *number > 20),
            ..Self::NONE
        }
    }
}

/// What the service saw.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The values of the updates that arrived.
    pub(super) arrived: Vec<i64>,
    /// Those that arrived more than once.
    pub(super) twice: Vec<i64>,
    /// What was added, in its order.
    pub(super) elements: Vec<i64>,
}

/// A set of elements behind a network that fails.
pub(super) struct Service {
    chances: Chances,
    rng: Rng,
    requests: u64,
    connections: u64,
    values: HashSet<i64>,
    seen: Seen,
}

impl Service {
    pub(super) fn seen(&self) -> Seen {
        self.seen.clone()
    }

    fn happens(&mut self, of_1000: u64) -> bool {
        self.rng.u64(0..1000) < of_1000
    }

    fn has_come_to(&self, request: Option<u64>) -> bool {
        request.is_some_and(|request| self.requests >= request)
    }

    /// What becomes of a request that was sent; `is_sure` is whether it is answered in any case.
    fn fate(&mut self, message: &Message, is_sure: bool) -> Fate {
        self.requests += 1;
        let chances = self.chances;
        let hangs = !is_sure && self.has_come_to(chances.hangs_from);
        // It may be lost on its way there, or its answer on the way back.
        let arrives = !hangs && self.rng.u64(0..10) > 0;
        let applies = arrives && self.rng.u64(0..10) > 0;
        let fate = match () {
            () if is_sure => Fate::Answered,
            () if hangs || self.happens(chances.hangs_of_1000) => Fate::Silence,
            () if self.happens(chances.resets_of_1000) => {
                Fate::Failed(Failure::Receive(ErrorKind::ConnectionReset.into()))
            }
            () if self.happens(chances.ends_of_1000) => Fate::Failed(Failure::ClosedBeforeAnswer),
            () if self.happens(chances.halves_of_1000) => Fate::Failed(Failure::ClosedWithinAnswer),
            () => Fate::Answered,
        };
        let is_answered = matches!(fate, Fate::Answered);
        if !message.reads && (is_answered || arrives) {
            self.arrives(message.value);
            if is_answered || applies {
                self.seen.elements.push(message.value);
            }
        }
        fate
    }

    fn arrives(&mut self, value: i64) {
        self.seen.arrived.push(value);
        if !self.values.insert(value) {
            self.seen.twice.push(value);
        }
    }
}

/// What becomes of a request.
enum Fate {
    Answered,
    Failed(Failure),
    /// Nothing is heard of it.
    Silence,
}

/// The driver.
pub(super) struct Fake {
    service: Arc<Mutex<Service>>,
    keep_alive: bool,
}

impl Fake {
    pub(super) fn new(keep_alive: bool, chances: Chances, seed: u64) -> Self {
        let service = Arc::new(Mutex::new(Service {
            chances,
            rng: Rng::with_seed(seed),
            requests: 0,
            connections: 0,
            values: HashSet::new(),
            seen: Seen::default(),
        }));
        Self { service, keep_alive }
    }

    pub(super) fn service(&self) -> Arc<Mutex<Service>> {
        Arc::clone(&self.service)
    }

    fn lock(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap()
    }

    fn obstacle(&self) -> Option<Obstacle> {
        let mut service = self.lock();
        let chances = service.chances;
        let no_port = || std::io::Error::from(Errno::EADDRNOTAVAIL).into();
        if service.has_come_to(chances.ports) || service.happens(chances.shortage_of_1000) {
            return Some(Obstacle::Error(no_port()));
        }
        service.connections += 1;
        let is_full = chances.connections.is_some_and(|most| service.connections > most);
        let is_turn =
            chances.refuses_each.is_some_and(|each| service.connections.is_multiple_of(each));
        if is_full
            || is_turn
            || service.has_come_to(chances.refuses_from)
            || service.happens(chances.refusals_of_1000)
        {
            let refused = std::io::Error::from(ErrorKind::ConnectionRefused);
            return Some(Obstacle::Error(refused.into()));
        }
        if service.happens(chances.lates_of_1000) {
            return Some(Obstacle::Error(OpenError::Late));
        }
        service.happens(chances.silences_of_1000).then_some(Obstacle::Silence)
    }
}

/// Why there is no connection.
enum Obstacle {
    Error(OpenError),
    /// Nothing is heard.
    Silence,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(super) struct Message {
    reads: bool,
    value: i64,
}

/// A connection.
#[derive(Default)]
pub(super) struct Slot {
    /// How many exchanges it has had.
    exchanges: u64,
    /// Answers on their way, in their order: status and body.
    answers: VecDeque<(u16, String)>,
}

impl Driver for Fake {
    type Connection = Single<Slot>;
    type Slot = Slot;
    type Message = Message;

    async fn connect(&self, _: &Endpoint) -> Result<Self::Connection, OpenError> {
        sleep(Duration::from_micros(100)).await;
        match self.obstacle() {
            None => Ok(Single::new(Slot::default())),
            Some(Obstacle::Error(error)) => Err(error),
            Some(Obstacle::Silence) => std::future::pending().await,
        }
    }

    fn slot(&self, connection: &Self::Connection) -> Option<Slot> {
        connection.take()
    }

    fn is_open(&self, connection: &Self::Connection) -> bool {
        connection.is_open()
    }

    fn has_unasked(&self, slot: &mut Slot) -> bool {
        !slot.answers.is_empty()
    }

    fn encode(&self, url: &Url, _: &Call) -> Message {
        Message { reads: url.path() == "/list", value: 0 }
    }

    fn varies(&self, message: &Message) -> bool {
        !message.reads
    }

    fn fill(&self, message: &mut Message, values: &mut Values) {
        message.value = values.value().cast_signed();
    }

    fn sizes(&self, _: &Message) -> Sizes {
        Sizes { bytes: 10, body_bytes: 0 }
    }

    fn show(&self, message: &Message) -> String {
        format!("{message:?}")
    }

    async fn exchange(
        &self,
        slot: &mut Slot,
        message: &Message,
        progress: &Cell<Progress>,
        listener: &mut impl Listener,
    ) -> Result<Answer, Failure> {
        slot.exchanges += 1;
        let is_shifted = !slot.answers.is_empty();
        {
            let mut service = self.lock();
            let closes = service.chances.closes_of_1000;
            if is_shifted && service.rng.bool() {
                return Err(Illegal::Unasked.into());
            }
            if slot.exchanges > 1 && !is_shifted && service.happens(closes) {
                return Err(Failure::NotSent(ErrorKind::BrokenPipe.into()));
            }
        }
        progress.set(Progress::Whole);
        let takes = {
            let mut service = self.lock();
            let (least, less_than) = service.chances.takes_ms;
            Duration::from_millis(service.rng.u64(least..less_than))
        };
        sleep(takes / 2).await;
        let fate = self.lock().fate(message, is_shifted);
        match fate {
            Fate::Answered => {}
            Fate::Failed(failure) => return Err(failure),
            Fate::Silence => std::future::pending().await,
        }
        {
            let mut service = self.lock();
            let Chances { errors_of_1000, twice_of_1000, .. } = service.chances;
            let status = if service.happens(errors_of_1000) { 500 } else { 200 };
            let elements = &service.seen.elements;
            let body = if message.reads { format!("{elements:?}") } else { "ok".to_owned() };
            if service.happens(twice_of_1000) {
                slot.answers.push_back((status, body.clone()));
            }
            slot.answers.push_back((status, body));
        }
        // Whoever asks takes what comes first.
        let (status, body) = slot.answers.pop_front().unwrap();
        let first_byte = Instant::now();
        sleep(takes / 2).await;
        listener.head(status, format!("HTTP/1.1 {status} x\r\n\r\n").as_bytes());
        listener.content(body.as_bytes());
        let bytes = body.len() as u64 + 20;
        Ok(Answer {
            status,
            first_byte,
            finished: Instant::now(),
            bytes,
            body_bytes: body.len() as u64,
            keep_alive: self.keep_alive,
        })
    }
}
