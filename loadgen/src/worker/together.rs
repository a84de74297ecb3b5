//! Requests that are sent together: clients wait for one another, and send the same at one instant.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// The groups of one step of a worker, one after the other.
#[derive(Debug, Default)]
pub(super) struct Together(RefCell<Group>);

/// The group that is not complete.
#[derive(Debug, Default)]
struct Group {
    /// How many were there before it.
    index: u64,
    /// The number of its first request, which is that of all of them.
    number: u64,
    joined: usize,
    /// Those who wait, each once.
    waiting: Vec<(usize, Waker)>,
}

impl Together {
    /// Joins a group of `size` as the client with this index, whose request has this number, and waits
    /// until it is complete or let go. Returns the number of the group's requests.
    pub(super) async fn join(&self, size: usize, client: usize, number: u64) -> u64 {
        let (index, number) = {
            let mut group = self.0.borrow_mut();
            if group.joined == 0 {
                group.number = number;
            }
            group.joined += 1;
            (group.index, group.number)
        };
        if self.0.borrow().joined == size {
            self.let_go();
        }
        poll_fn(|context| {
            let mut group = self.0.borrow_mut();
            if group.index > index {
                return Poll::Ready(());
            }
            match group.waiting.iter_mut().find(|(waiting, _)| *waiting == client) {
                Some((_, waker)) => waker.clone_from(context.waker()),
                None => group.waiting.push((client, context.waker().clone())),
            }
            Poll::Pending
        })
        .await;
        number
    }

    /// Lets those who wait go as they are.
    pub(super) fn let_go(&self) {
        let mut group = self.0.borrow_mut();
        group.index += 1;
        group.joined = 0;
        group.waiting.drain(..).for_each(|(_, waker)| waker.wake());
    }

    /// How many have joined and wait.
    pub(super) fn joined(&self) -> usize {
        self.0.borrow().joined
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::Context;

    use super::*;

    #[test]
    fn whoever_completes_a_group_lets_it_go_under_the_number_of_its_first() {
        let together = Together::default();
        let mut context = Context::from_waker(Waker::noop());
        let mut first = pin!(together.join(3, 0, 7));
        let mut second = pin!(together.join(3, 1, 8));
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert!(first.as_mut().poll(&mut context).is_pending(), "two are not three");
        let mut third = pin!(together.join(3, 2, 9));
        let mut fourth = pin!(together.join(3, 3, 10));
        assert_eq!(third.as_mut().poll(&mut context), Poll::Ready(7));
        assert!(fourth.as_mut().poll(&mut context).is_pending(), "it is of the next");
        assert_eq!(first.as_mut().poll(&mut context), Poll::Ready(7));
        assert_eq!(second.as_mut().poll(&mut context), Poll::Ready(7));
        assert_eq!(together.joined(), 1);
        together.let_go();
        assert_eq!(fourth.as_mut().poll(&mut context), Poll::Ready(10));
        assert_eq!(together.joined(), 0);
    }
}
