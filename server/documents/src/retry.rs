//! Trying again what the database has undone, and nothing else.

use std::time::Duration;

use crate::database::Error;

/// How often something is tried at most.
pub(crate) const MAX_TRIES: u32 = 100;
/// The longest pause before the second try; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// The longest pause of all.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Tries something until it ends otherwise than in a conflict, up to [`MAX_TRIES`] times, and tells how often
/// it had to be tried again.
///
/// Before each further try is a pause of random length: who came in between once would do so again if both
/// waited for equally long.
pub(crate) async fn retried<T, F>(attempt: impl Fn() -> F) -> (Result<T, Error>, u32)
where
    F: Future<Output = Result<T, Error>>,
{
    let mut retries = 0;
    loop {
        let done = attempt().await;
        let is_conflict = matches!(done, Err(Error::Conflict(_)));
        if !is_conflict || retries + 1 == MAX_TRIES {
            return (done, retries);
        }
        let longest = FIRST_PAUSE.saturating_mul(1 << retries.min(16)).min(LONGEST_PAUSE);
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        retries += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Ends in as many conflicts, and then as it is told to.
    async fn after(conflicts: u32, end: Result<u32, Error>) -> (Result<u32, Error>, u32, u32) {
        let tries = Cell::new(0);
        let (ended, retries) = retried(|| {
            tries.set(tries.get() + 1);
            let (is_over, end) = (tries.get() > conflicts, end.clone());
            async move { if is_over { end } else { Err(Error::Conflict("moved".to_owned())) } }
        })
        .await;
        (ended, retries, tries.get())
    }

    #[tokio::test(start_paused = true)]
    async fn conflicts_alone_are_tried_again() {
        assert_eq!(after(0, Ok(7)).await, (Ok(7), 0, 1));
        assert_eq!(after(5, Ok(7)).await, (Ok(7), 5, 6));
        for error in [
            Error::Gone("refused".to_owned()),
            Error::Unknown("reset".to_owned()),
            Error::Other("full".to_owned()),
        ] {
            let (ended, retries, tries) = after(2, Err(error.clone())).await;
            assert_eq!((ended, retries, tries), (Err(error), 2, 3));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_not_tried_for_ever() {
        let start = tokio::time::Instant::now();
        let (ended, retries, tries) = after(MAX_TRIES, Ok(7)).await;
        assert!(matches!(ended, Err(Error::Conflict(_))));
        assert_eq!((retries, tries), (MAX_TRIES - 1, MAX_TRIES));
        assert!(start.elapsed() < LONGEST_PAUSE * MAX_TRIES);
        let (ended, retries, _) = after(MAX_TRIES - 1, Ok(7)).await;
        assert_eq!((ended, retries), (Ok(7), MAX_TRIES - 1));
    }
}
