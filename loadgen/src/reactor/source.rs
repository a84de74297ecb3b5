//! What is known of a source of events, and who waits for it.

use std::cell::{Cell, RefCell};
use std::io;
use std::task::{Context, Poll, Waker};

use mio::event::Event;

/// A connection or a timer, as the kernel tells of it.
#[derive(Debug)]
pub(super) struct Source {
    /// Its place among those of the reactor.
    pub(super) index: usize,
    read: Side,
    write: Side,
}

/// One of its two directions.
#[derive(Debug, Default)]
struct Side {
    /// Whether there may be something to do: false only where the kernel has said so.
    is_ready: Cell<bool>,
    /// Whether the other end, or the connection, is gone: then there is nothing to wait for.
    is_closed: Cell<bool>,
    /// Who waits. It stays here, since most often the next to wait is the same.
    waiting: RefCell<Option<Waker>>,
}

impl Source {
    /// Not ready for anything, until the kernel tells.
    pub(super) fn new(index: usize) -> Self {
        Self { index, read: Side::default(), write: Side::default() }
    }

    /// The kernel has something to tell.
    pub(super) fn happened(&self, event: &Event) {
        let is_over = event.is_error() || event.is_read_closed();
        if event.is_readable() || is_over {
            self.read.wake(is_over);
        }
        let is_over = event.is_error() || event.is_write_closed();
        if event.is_writable() || is_over {
            self.write.wake(is_over);
        }
    }

    /// Does what `read` does once there may be something to read. It returns how many bytes it read into a
    /// room of `room` bytes.
    pub(super) fn poll_read(
        &self,
        context: &Context<'_>,
        room: usize,
        mut read: impl FnMut() -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.read.poll(context, room, &mut read)
    }

    /// The same for writing `room` bytes.
    pub(super) fn poll_write(
        &self,
        context: &Context<'_>,
        room: usize,
        mut write: impl FnMut() -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.write.poll(context, room, &mut write)
    }

    /// Waits until there may be something to read, once for each time that the kernel tells so.
    pub(super) fn poll_readable(&self, context: &Context<'_>) -> Poll<()> {
        if self.read.is_ready.take() {
            return Poll::Ready(());
        }
        self.read.wait(context);
        Poll::Pending
    }

    /// Waits until it is possible to write.
    pub(super) fn poll_writable(&self, context: &Context<'_>) -> Poll<()> {
        if self.write.is_ready.get() || self.write.is_closed.get() {
            return Poll::Ready(());
        }
        self.write.wait(context);
        Poll::Pending
    }
}

impl Side {
    fn wake(&self, is_closed: bool) {
        self.is_ready.set(true);
        if is_closed {
            self.is_closed.set(true);
        }
        if let Some(waker) = &*self.waiting.borrow() {
            waker.wake_by_ref();
        }
    }

    fn wait(&self, context: &Context<'_>) {
        let mut waiting = self.waiting.borrow_mut();
        match &mut *waiting {
            Some(waker) if waker.will_wake(context.waker()) => {}
            waiting => *waiting = Some(context.waker().clone()),
        }
    }

    fn poll(
        &self,
        context: &Context<'_>,
        room: usize,
        act: &mut dyn FnMut() -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        while self.is_ready.get() || self.is_closed.get() {
            match act() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.is_ready.set(false);
                    // Should the kernel contradict itself, it is asked again when it tells more.
                    self.is_closed.set(false);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(count) => {
                    // What is left over was all there is: the kernel tells when there is more.
                    if 0 < count && count < room {
                        self.is_ready.set(false);
                    }
                    return Poll::Ready(Ok(count));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        self.wait(context);
        Poll::Pending
    }
}
