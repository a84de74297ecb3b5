//! Operations in flight.

use crate::history::{Op, Operation};

/// An operation in flight, with what was known when it began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flight<K> {
    pub(crate) op: Op,
    pub(crate) call_ns: u64,
    pub(crate) known: K,
}

/// What each client has in flight, and what has ended at the present time and is not judged yet.
#[derive(Debug)]
pub(crate) struct Flights<K> {
    by_client: Vec<Option<Flight<K>>>,
    landed: Vec<(Operation, Flight<K>)>,
}

impl<K> Flights<K> {
    pub(crate) fn new() -> Self {
        Self { by_client: Vec::new(), landed: Vec::new() }
    }

    /// An operation begins. Returns what the client had in flight before.
    pub(crate) fn begin(&mut self, client: u32, flight: Flight<K>) -> Option<Flight<K>> {
        let index = client as usize;
        if index >= self.by_client.len() {
            self.by_client.resize_with(index + 1, || None);
        }
        self.by_client[index].replace(flight)
    }

    /// What the client of `operation` had in flight, if it was that.
    pub(crate) fn end(&mut self, operation: &Operation) -> Option<Flight<K>> {
        let flight = self.by_client.get_mut(operation.client as usize)?;
        flight.take_if(|flight| (flight.op, flight.call_ns) == (operation.op, operation.call_ns))
    }

    /// Keeps what has ended until the present time is over.
    pub(crate) fn land(&mut self, operation: Operation, flight: Flight<K>) {
        self.landed.push((operation, flight));
    }

    /// What has ended since this was asked last.
    pub(crate) fn landed(&mut self) -> Vec<(Operation, Flight<K>)> {
        std::mem::take(&mut self.landed)
    }

    /// Gives the memory of [`landed`](Self::landed) back.
    pub(crate) fn reuse(&mut self, mut landed: Vec<(Operation, Flight<K>)>) {
        landed.clear();
        self.landed = landed;
    }

    /// When those in flight began of which `is_meant` holds, in no order.
    pub(crate) fn calls_ns(&self, is_meant: impl Fn(Op) -> bool) -> impl Iterator<Item = u64> {
        let in_flight = self.by_client.iter().flatten();
        in_flight.filter(move |flight| is_meant(flight.op)).map(|flight| flight.call_ns)
    }

    pub(crate) fn size(&self) -> usize {
        self.by_client.len() + self.landed.len()
    }
}
