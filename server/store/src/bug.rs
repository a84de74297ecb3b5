//! What is wrong with a mode, and what the compiler says to it.

use std::fmt;

/// A concurrency bug, by the name it goes by.
///
/// Each has what the compiler says to it as its doc test: `compile_fail` where safe code is refused
/// that makes the mistake, and code that compiles where it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bug {
    /// Read, change, write, without any synchronisation.
    ///
    /// Two threads cannot both borrow what they change. The specimen has a cell that claims to be
    /// `Sync` and is not.
    /// ```compile_fail,E0499
    /// let mut count = 0;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| count += 1);
    ///     scope.spawn(|| count += 1);
    /// });
    /// ```
    DataRace,
    /// An atomic load and an atomic store with a decision between them.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
    /// let count = AtomicI64::new(0);
    /// std::thread::scope(|scope| {
    ///     for _ in 0..2 {
    ///         scope.spawn(|| count.store(count.load(SeqCst) + 1, SeqCst));
    ///     }
    /// });
    /// ```
    LoadThenStore,
    /// A check and an act that need not find what the check found.
    ///
    /// ```
    /// let seats = std::sync::Mutex::new(1);
    /// let is_one_left = *seats.lock().unwrap() > 0;
    /// if is_one_left {
    ///     *seats.lock().unwrap() -= 1;
    /// }
    /// ```
    CheckThenAct,
    /// Success is answered whatever became of the request.
    ///
    /// An ignored `Result` is warned of; a `bool` is not.
    /// ```
    /// fn book(seats: &mut i64) -> bool {
    ///     *seats > 0 && { *seats -= 1; true }
    /// }
    /// let mut seats = 0;
    /// book(&mut seats);
    /// println!("Seat booked successfully");
    /// ```
    FalseSuccess,
    /// A map that two use at once.
    ///
    /// A map is not written while it is read, let alone by two. The specimen shares it behind marks,
    /// as Go's runtime does, and ends the process before two touch it.
    /// ```compile_fail,E0499
    /// let mut jobs = std::collections::HashMap::new();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| jobs.insert(1, "a"));
    ///     scope.spawn(|| jobs.insert(2, "b"));
    /// });
    /// ```
    /// ```compile_fail,E0502
    /// let mut jobs = std::collections::HashMap::from([(1, "a")]);
    /// for (id, job) in &jobs {
    ///     jobs.insert(id + 1, *job);
    /// }
    /// ```
    UnprotectedMap,
    /// A list that two append to at once.
    ///
    /// The specimen's list is made of racy cells, all of which are there from the start.
    /// ```compile_fail,E0499
    /// let mut jobs = vec![1];
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| jobs.push(2));
    ///     scope.spawn(|| jobs.push(3));
    /// });
    /// ```
    RacyAppend,
    /// Work that was acknowledged goes on in a task that nobody waits for.
    ///
    /// A thread whose handle is dropped goes on alone; nothing warns of that.
    /// ```
    /// std::thread::spawn(|| println!("saved"));
    /// println!("202 Accepted");
    /// ```
    UnawaitedTask,
    /// A lock that is not released on one way out.
    ///
    /// A guard releases it on every way out. To forget that takes a `mem::forget`, which is safe.
    /// ```
    /// let lock = std::sync::Mutex::new(0);
    /// std::mem::forget(lock.lock().unwrap());
    /// assert!(lock.try_lock().is_err());
    /// ```
    ForgottenUnlock,
    /// A lock that is released and was not taken.
    ///
    /// Only a guard unlocks, only a lock makes one, and it is gone when it is dropped. The specimen
    /// has a lock of its own, released by hand.
    /// ```compile_fail,E0382
    /// let lock = std::sync::Mutex::new(0);
    /// let guard = lock.lock().unwrap();
    /// drop(guard);
    /// drop(guard);
    /// ```
    UnlockOfUnlocked,
    /// What a lock guards is touched after its release.
    ///
    /// What a lock guards is inside of it, and a reference to it lives no longer than the guard. The
    /// specimen keeps its jobs beside the lock, in racy cells.
    /// ```compile_fail,E0505
    /// let lock = std::sync::Mutex::new(vec![1]);
    /// let guard = lock.lock().unwrap();
    /// let first = &guard[0];
    /// drop(guard);
    /// println!("{first}");
    /// ```
    AccessOutsideLock,
    /// Each user locks a copy of the lock.
    ///
    /// A lock is moved, not copied, and it cannot be cloned. The specimen makes a new lock for each
    /// copy, beside jobs that the copies share.
    /// ```compile_fail,E0382
    /// let lock = std::sync::Mutex::new(0);
    /// let copy = lock;
    /// *lock.lock().unwrap() += 1;
    /// ```
    CopiedLock,
    /// A lock is held over a slow call.
    ///
    /// Clippy warns of a lock held over an `await`; over a call that blocks, of nothing.
    /// ```
    /// # use std::time::Duration;
    /// let lock = std::sync::Mutex::new(vec![1]);
    /// let mut jobs = lock.lock().unwrap();
    /// std::thread::sleep(Duration::from_millis(1));
    /// jobs.push(2);
    /// ```
    LockOverSlowCall,
    /// A thread takes a lock that it holds.
    ///
    /// ```no_run
    /// let lock = std::sync::Mutex::new(0);
    /// let once = lock.lock().unwrap();
    /// let twice = lock.lock().unwrap();
    /// ```
    LockTakenTwice,
    /// Two threads take two locks in opposite order.
    ///
    /// ```no_run
    /// # use std::sync::Mutex;
    /// let (jobs, calls) = (Mutex::new(0), Mutex::new(0));
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| *jobs.lock().unwrap() += *calls.lock().unwrap());
    ///     scope.spawn(|| *calls.lock().unwrap() += *jobs.lock().unwrap());
    /// });
    /// ```
    OppositeOrder,
    /// A send that waits for a receiver, and there is none.
    ///
    /// It is an error where the receiver is gone; where it is there and asleep, the send waits for
    /// ever. The specimen's receiver is there, and does not receive.
    /// ```no_run
    /// let (sender, receiver) = std::sync::mpsc::sync_channel(0);
    /// sender.send(1).unwrap();
    /// # drop(receiver);
    /// ```
    SendNobodyReceives,
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DataRace => "data race",
            Self::LoadThenStore => "load then store",
            Self::CheckThenAct => "check then act",
            Self::FalseSuccess => "false success",
            Self::UnprotectedMap => "unprotected map",
            Self::RacyAppend => "racy append",
            Self::UnawaitedTask => "unawaited task",
            Self::ForgottenUnlock => "forgotten unlock",
            Self::UnlockOfUnlocked => "unlock of unlocked",
            Self::AccessOutsideLock => "access outside lock",
            Self::CopiedLock => "copied lock",
            Self::LockOverSlowCall => "lock over slow call",
            Self::LockTakenTwice => "lock taken twice",
            Self::OppositeOrder => "opposite order",
            Self::SendNobodyReceives => "send nobody receives",
        })
    }
}
