//! The modes of `mistakes`: each is one.

use std::time::Duration;

use super::{
    access_outside_lock, copied_lock, forgotten_unlock, lock_over_slow_call, lock_twice,
    opposite_order, send_nobody_receives, unlock_of_unlocked,
};
use crate::bug::Bug;
use crate::race_window::RaceWindow;
use crate::settings::Settings;
use crate::workload::{Expectation, Mode, Store::Jobs as Open, Workload, mode};

pub(crate) static WORKLOAD: Workload = Workload {
    name: "mistakes",
    summary: "a store of jobs by their ids, with a mistake in its locking",
    defaults: || Settings {
        race_window: RaceWindow::Wait(Duration::from_micros(1)),
        // Few enough that a load fills the store.
        capacity: 500,
        service_time: Duration::from_millis(5),
        journal: None,
    },
    persists: false,
    modes: &MODES,
};

#[rustfmt::skip] // a mode is a line
static MODES: [Mode; 8] = {
    use Expectation::{Crashes, Hangs, LosesUpdates, Serialises};
    [
        mode("forgotten-unlock",     Hangs,        Some(Bug::ForgottenUnlock),    "the lock is not released if the store is full",                   |s| Open(Box::new(forgotten_unlock::ForgottenUnlock::new(s)))),
        mode("unlock-of-unlocked",   Crashes,      Some(Bug::UnlockOfUnlocked),   "the lock is released twice if the store is full",                 |s| Open(Box::new(unlock_of_unlocked::UnlockOfUnlocked::new(s)))),
        mode("access-outside-lock",  LosesUpdates, Some(Bug::AccessOutsideLock),  "the lock is released between reading the length and writing it",  |s| Open(Box::new(access_outside_lock::AccessOutsideLock::new(s)))),
        mode("copied-lock",          LosesUpdates, Some(Bug::CopiedLock),         "each call locks a copy of the lock",                              |s| Open(Box::new(copied_lock::CopiedLock::new(s)))),
        mode("lock-over-slow-call",  Serialises,   Some(Bug::LockOverSlowCall),   "the lock is held while a slow call is waited for",                |s| Open(Box::new(lock_over_slow_call::LockOverSlowCall::new(s)))),
        mode("lock-twice",           Hangs,        Some(Bug::LockTakenTwice),     "the holder of the lock takes it again if the store is full",      |s| Open(Box::new(lock_twice::LockTwice::new(s)))),
        mode("opposite-order",       Hangs,        Some(Bug::OppositeOrder),      "one call takes two locks in one order, another in the other",     |s| Open(Box::new(opposite_order::OppositeOrder::new(s)))),
        mode("send-nobody-receives", Hangs,        Some(Bug::SendNobodyReceives), "a send waits for a receiver that does not come",                  |s| Open(Box::new(send_nobody_receives::SendNobodyReceives::new(s)))),
    ]
};
