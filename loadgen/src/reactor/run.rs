//! The loop of a reactor.

use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::{CURRENT, Reactor};

/// Runs the future that `make` makes to its end, on a reactor of this thread's own.
///
/// # Errors
/// When the kernel gives no means to wait.
pub(crate) fn run<F: Future>(make: impl FnOnce() -> F) -> io::Result<F::Output> {
    let reactor = Rc::new(Reactor::new()?);
    let alarm = Arc::new(Alarm {
        is_raised: AtomicBool::new(true),
        is_waited_for: AtomicBool::new(false),
        waker: reactor.waker()?,
    });
    CURRENT.set(Some(Rc::clone(&reactor)));
    let _current = Current;
    let waker = Waker::from(Arc::clone(&alarm));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(make());
    loop {
        while alarm.is_raised.swap(false, Ordering::AcqRel) {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Ok(output);
            }
        }
        alarm.is_waited_for.store(true, Ordering::SeqCst);
        // Whoever raised it before it was waited for has not woken the reactor.
        if !alarm.is_raised.load(Ordering::SeqCst) {
            reactor.wait()?;
        }
        alarm.is_waited_for.store(false, Ordering::SeqCst);
        reactor.tell();
    }
}

/// What wakes the loop.
struct Alarm {
    is_raised: AtomicBool,
    /// Whether the loop waits for the kernel, and has to be woken through that.
    is_waited_for: AtomicBool,
    waker: mio::Waker,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_raised.store(true, Ordering::SeqCst);
        if self.is_waited_for.swap(false, Ordering::SeqCst) {
            // It fails for want of memory in the kernel alone.
            self.waker.wake().expect("an event of the kernel's takes a number");
        }
    }
}

/// The reactor is this thread's as long as this lives.
struct Current;

impl Drop for Current {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}
