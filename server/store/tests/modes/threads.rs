//! What the tests under threads share.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// Miri, which sees a race that does not happen to do harm, needs few of everything.
pub(crate) const THREADS: u8 = if cfg!(miri) { 3 } else { 8 };

/// What `action` returned on each of [`THREADS`] threads, which start at the same time.
pub(crate) fn on_threads<R: Send>(action: impl Fn(u8) -> R + Sync) -> Vec<R> {
    let start = Barrier::new(THREADS.into());
    let on_thread = |i| {
        start.wait();
        action(i)
    };
    thread::scope(|scope| {
        let on_thread = &on_thread;
        let threads: Vec<_> = (0..THREADS).map(|i| scope.spawn(move || on_thread(i))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Tries until `happens` says so: what a race does is likely in one try, and certain in none.
pub(crate) fn tried_until_seen(what: &str, mut happens: impl FnMut() -> bool) {
    const TRIES: usize = 100;
    assert!(
        (0..TRIES).any(|_| happens()),
        "{what}: not seen in {TRIES} tries: bad luck, or a bug that is none"
    );
}

/// Waits until `condition` holds, far longer than it can take.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    const PATIENCE: Duration = Duration::from_mins(1);
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
