//! `atomic`: check and act in one step.

use super::{Seats, seats};
use crate::settings::Settings;
use crate::sync::{AtomicI64, Ordering::SeqCst};

pub(crate) struct Atomic(AtomicI64);

impl Atomic {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(AtomicI64::new(seats(settings)))
    }
}

impl Seats for Atomic {
    fn book(&self) -> bool {
        let taken = |left| if left > 0 { Some(left - 1) } else { None };
        self.0.fetch_update(SeqCst, SeqCst, taken).is_ok()
    }

    fn left(&self) -> i64 {
        self.0.load(SeqCst)
    }
}
