//! `booking`: seats that are booked one by one, and must not be sold twice.

mod always_ok;
mod atomic;
mod channel;
pub(crate) mod modes;
mod mutex;
mod racy;
mod rwlock;

use crate::settings::Settings;

/// A number of seats, shared between threads. Calls may block the calling thread.
pub trait Seats: Send + Sync {
    /// Books one, if one is left; says whether it did.
    fn book(&self) -> bool;

    /// How many are left. Where they are oversold, fewer than none.
    fn left(&self) -> i64;
}

/// The seats there are at the start.
fn seats(settings: &Settings) -> i64 {
    i64::try_from(settings.capacity).unwrap_or(i64::MAX)
}

/// Seats for one thread at a time: what booking means, without the sharing.
fn take(left: &mut i64) -> bool {
    let any = *left > 0;
    if any {
        *left -= 1;
    }
    any
}
