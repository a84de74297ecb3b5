//! Whose turn it is to take the next request.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// One client of a worker at a time waits for the next request to be due. When it is, the client hands
/// its turn on to another that is free, which waits for the request behind it.
///
/// In a closed loop nobody is free for long: every turn is vacant when a client asks for it.
#[derive(Debug)]
pub(super) struct Turns {
    holder: Cell<Holder>,
    /// Who waits for a turn. The last to become free is the first to have one, so that no more
    /// connections are used than are needed.
    free: RefCell<Vec<(usize, Waker)>>,
}

/// Who has the turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// The client with this index.
    Client(usize),
    /// Every client is busy.
    Nobody,
    /// Nobody has one any more.
    Over,
}

/// How a client came to its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It waited for it: somebody has been there for every request that was due.
    HandedOn,
    /// Nobody had it: what was due meanwhile was due to nobody.
    Vacant,
}

impl Turns {
    /// The first turn is that of the client with index 0.
    pub(super) fn new() -> Self {
        Self { holder: Cell::new(Holder::Client(0)), free: RefCell::default() }
    }

    /// The turn, for the client with this index, unless another has it or nobody has one any more.
    pub(super) fn try_take(&self, client: usize) -> Option<Turn> {
        match self.holder.get() {
            Holder::Client(holder) if holder == client => Some(Turn::HandedOn),
            Holder::Nobody => {
                self.holder.set(Holder::Client(client));
                Some(Turn::Vacant)
            }
            Holder::Client(_) | Holder::Over => None,
        }
    }

    /// Waits for the turn of the client with this index; `None` where there are no more.
    pub(super) async fn take(&self, client: usize) -> Option<Turn> {
        poll_fn(|context| match self.try_take(client) {
            Some(turn) => Poll::Ready(Some(turn)),
            None if self.holder.get() == Holder::Over => Poll::Ready(None),
            None => {
                self.wait(client, context.waker());
                Poll::Pending
            }
        })
        .await
    }

    fn wait(&self, client: usize, waker: &Waker) {
        let mut free = self.free.borrow_mut();
        match free.iter_mut().find(|(waiting, _)| *waiting == client) {
            Some((_, known)) => known.clone_from(waker),
            None => free.push((client, waker.clone())),
        }
    }

    /// Hands the turn on to a client that is free; false where none is.
    pub(super) fn hand_on(&self) -> bool {
        let next = self.free.borrow_mut().pop();
        let Some((client, waker)) = next else {
            self.holder.set(Holder::Nobody);
            return false;
        };
        self.hand_to(client);
        waker.wake();
        true
    }

    /// Hands the turn on to the client with this index, which is about to ask for it.
    pub(super) fn hand_to(&self, client: usize) {
        self.holder.set(Holder::Client(client));
    }

    /// Who waits for the next request to be due, where anybody does.
    pub(super) fn holder(&self) -> Option<usize> {
        match self.holder.get() {
            Holder::Client(client) => Some(client),
            Holder::Nobody | Holder::Over => None,
        }
    }

    /// How many wait for a turn.
    pub(super) fn free(&self) -> usize {
        self.free.borrow().len()
    }

    /// Lets nobody have a turn any more.
    pub(super) fn end(&self) {
        self.holder.set(Holder::Over);
        self.free.take().into_iter().for_each(|(_, waker)| waker.wake());
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Context;

    use super::*;

    #[test]
    fn the_last_to_become_free_is_the_first_to_have_the_turn() {
        let turns = Turns::new();
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(turns.try_take(0), Some(Turn::HandedOn));
        let (mut first, mut second) = (pin!(turns.take(1)), pin!(turns.take(2)));
        // Whoever asks twice waits once.
        for _ in 0..2 {
            assert!(first.as_mut().poll(&mut context).is_pending());
            assert!(second.as_mut().poll(&mut context).is_pending());
        }
        assert!(turns.hand_on());
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert_eq!(second.as_mut().poll(&mut context), Poll::Ready(Some(Turn::HandedOn)));
        assert!(turns.hand_on());
        assert_eq!(first.as_mut().poll(&mut context), Poll::Ready(Some(Turn::HandedOn)));
        assert!(!turns.hand_on());
        assert_eq!(turns.try_take(3), Some(Turn::Vacant));
        turns.end();
        assert_eq!(pin!(turns.take(4)).poll(&mut context), Poll::Ready(None));
    }
}
