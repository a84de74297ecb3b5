//! Where connections go.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The addresses of a host, and which of them took a connection last.
#[derive(Debug)]
pub(crate) struct Endpoint {
    addresses: Vec<SocketAddr>,
    /// The index of the address that took a connection last.
    preferred: AtomicUsize,
}

impl Endpoint {
    pub(crate) fn new(addresses: Vec<SocketAddr>) -> Self {
        Self { addresses, preferred: AtomicUsize::new(0) }
    }

    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The addresses in the order in which they are tried, each with its index.
    pub(super) fn in_order(&self) -> impl ExactSizeIterator<Item = (usize, SocketAddr)> {
        let first = self.preferred.load(Ordering::Relaxed);
        let count = self.addresses.len();
        (0..count).map(move |offset| {
            let index = (first + offset) % count;
            (index, self.addresses[index])
        })
    }

    /// Remembers that the address with this index took a connection.
    pub(super) fn prefer(&self, index: usize) {
        self.preferred.store(index, Ordering::Relaxed);
    }
}
