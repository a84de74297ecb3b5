//! `mistakes`: what people do wrong with locks, each on the job store.
//!
//! Most of them go wrong where the store is full: the path that is seldom taken is the one that
//! nobody tested. What Rust rules out in safe code, and what it does not:
//!
//! **Unlock of a lock never taken.** Only a guard unlocks, only a lock makes one, and it is gone
//! when it is dropped. The specimen has a lock of its own, released by hand.
//! ```compile_fail,E0382
//! let lock = std::sync::Mutex::new(0);
//! let guard = lock.lock().unwrap();
//! drop(guard);
//! drop(guard);
//! ```
//!
//! **An access outside the lock.** What a lock guards is inside of it, and a reference to it lives
//! no longer than the guard. The specimen keeps its jobs beside the lock, in racy cells.
//! ```compile_fail,E0505
//! let lock = std::sync::Mutex::new(vec![1]);
//! let guard = lock.lock().unwrap();
//! let first = &guard[0];
//! drop(guard);
//! println!("{first}");
//! ```
//!
//! **A copied lock.** A lock is moved, not copied, and it cannot be cloned. The specimen makes a
//! new lock for each copy, beside jobs that the copies share.
//! ```compile_fail,E0382
//! let lock = std::sync::Mutex::new(0);
//! let copy = lock;
//! *lock.lock().unwrap() += 1;
//! ```
//!
//! **Data that two threads write without a lock** is ruled out where the mistakes above begin.
//! ```compile_fail,E0499
//! let mut jobs = vec![1];
//! std::thread::scope(|scope| {
//!     scope.spawn(|| jobs.push(2));
//!     scope.spawn(|| jobs.push(3));
//! });
//! ```
//!
//! **A send that nobody receives** is an error where the receiver is gone; where it is there and
//! asleep, the send waits for ever. The specimen's receiver is there, and does not receive.
//! ```
//! let (sender, receiver) = std::sync::mpsc::sync_channel::<i64>(0);
//! drop(receiver);
//! assert!(sender.send(1).is_err());
//! ```
//!
//! **A forgotten unlock** takes a `mem::forget`, which is safe. **A lock over a slow call**, **a lock
//! taken twice** and **two locks in opposite order** take nothing at all: they compile.
//! ```
//! let lock = std::sync::Mutex::new(0);
//! std::mem::forget(lock.lock().unwrap());
//! assert!(lock.try_lock().is_err());
//! ```

mod access_outside_lock;
mod copied_lock;
mod forgotten_unlock;
mod hand_lock;
mod lock_over_slow_call;
mod lock_twice;
mod opposite_order;
mod send_nobody_receives;
mod unlock_of_unlocked;

use std::time::Duration;

use crate::bug::Bug;
use crate::catalogue::{Expectation, Mode, Store::Jobs as Open, Workload, mode};
use crate::race_window::RaceWindow;
use crate::settings::Settings;

pub(crate) static WORKLOAD: Workload = Workload {
    name: "mistakes",
    summary: "a store of jobs by their ids, with a mistake in its locking",
    defaults: || Settings {
        race_window: RaceWindow::Wait(Duration::from_micros(1)),
        // Few enough that a load fills the store.
        capacity: 500,
        service_time: Duration::from_millis(2),
        journal: None,
    },
    modes: &MODES,
};

#[rustfmt::skip] // a mode is a line
static MODES: [Mode; 8] = {
    use Expectation::{Crashes, Hangs, LosesUpdates, Serialises};
    [
        mode("forgotten-unlock",     Hangs,        Some(Bug::ForgottenUnlock),    "the lock is not released where the store is full",                |s| Open(Box::new(forgotten_unlock::ForgottenUnlock::new(s)))),
        mode("unlock-of-unlocked",   Crashes,      Some(Bug::UnlockOfUnlocked),   "the lock is released twice where the store is full",              |s| Open(Box::new(unlock_of_unlocked::UnlockOfUnlocked::new(s)))),
        mode("access-outside-lock",  LosesUpdates, Some(Bug::AccessOutsideLock),  "the lock is released between reading the length and writing it",  |s| Open(Box::new(access_outside_lock::AccessOutsideLock::new(s)))),
        mode("copied-lock",          LosesUpdates, Some(Bug::CopiedLock),         "each call locks a copy of the lock",                              |s| Open(Box::new(copied_lock::CopiedLock::new(s)))),
        mode("lock-over-slow-call",  Serialises,   Some(Bug::LockOverSlowCall),   "the lock is held while a slow call is waited for",                |s| Open(Box::new(lock_over_slow_call::LockOverSlowCall::new(s)))),
        mode("lock-twice",           Hangs,        Some(Bug::LockTakenTwice),     "who holds the lock takes it again where the store is full",       |s| Open(Box::new(lock_twice::LockTwice::new(s)))),
        mode("opposite-order",       Hangs,        Some(Bug::OppositeOrder),      "one call takes two locks in one order, another in the other",     |s| Open(Box::new(opposite_order::OppositeOrder::new(s)))),
        mode("send-nobody-receives", Hangs,        Some(Bug::SendNobodyReceives), "a send waits for a receiver that does not come",                  |s| Open(Box::new(send_nobody_receives::SendNobodyReceives::new(s)))),
    ]
};
