//! What is wrong with a mode.

/// A concurrency bug, by the name it goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bug {
    /// Read, change, write, without any synchronisation.
    DataRace,
    /// An atomic load and an atomic store with a decision between them.
    LoadThenStore,
    /// A check and an act that need not find what the check found.
    CheckThenAct,
    /// Success is answered whatever became of the request.
    FalseSuccess,
    /// A map that two use at once.
    UnprotectedMap,
    /// A list that two append to at once.
    RacyAppend,
    /// Work that was acknowledged goes on in a task that nobody waits for.
    UnawaitedTask,
    /// A lock that is not released on one way out.
    ForgottenUnlock,
    /// A lock that is released and was not taken.
    UnlockOfUnlocked,
    /// What a lock guards is touched after its release.
    AccessOutsideLock,
    /// Each user locks a copy of the lock.
    CopiedLock,
    /// A lock is held over a slow call.
    LockOverSlowCall,
    /// A thread takes a lock that it holds.
    LockTakenTwice,
    /// Two threads take two locks in opposite order.
    OppositeOrder,
    /// A send that waits for a receiver, and there is none.
    SendNobodyReceives,
}
