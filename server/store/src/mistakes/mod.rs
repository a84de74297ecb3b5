//! `mistakes`: what people do wrong with locks, each on the job store.
//!
//! Most of them go wrong where the store is full: the path that is seldom taken is the one that
//! nobody tested. What the compiler rules out of each in safe code, and what it takes to get it
//! anyway, stands with its [`Bug`](crate::Bug).

mod access_outside_lock;
mod copied_lock;
mod forgotten_unlock;
mod hand_lock;
mod lock_over_slow_call;
mod lock_twice;
pub(crate) mod modes;
mod opposite_order;
mod send_nobody_receives;
mod unlock_of_unlocked;
