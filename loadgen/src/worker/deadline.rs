//! A deadline for each request, at the cost of a timer for each connection.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::time::{Sleep, sleep};

/// A connection's timer, moved only when it fires.
///
/// Each request has a deadline of its own, later than the one before. Setting a timer for every
/// request would cost more than the rest of the loop; this one is set to a deadline, and when it
/// fires during a later request it is set to that request's.
pub(super) struct Deadline {
    timer: Pin<Box<Sleep>>,
}

/// The deadline passed first.
pub(super) struct TimeIsUp;

impl Deadline {
    pub(super) fn new() -> Self {
        Self { timer: Box::pin(sleep(Duration::ZERO)) }
    }

    /// Waits for `future`, until `end` at most.
    pub(super) async fn within<F: Future>(
        &mut self,
        end: Instant,
        future: F,
    ) -> Result<F::Output, TimeIsUp> {
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            while self.timer.as_mut().poll(context).is_ready() {
                if Instant::now() >= end {
                    return Poll::Ready(Err(TimeIsUp));
                }
                self.timer.as_mut().reset(end.into());
            }
            Poll::Pending
        })
        .await
    }
}
