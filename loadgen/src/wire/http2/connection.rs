//! A connection that carries several requests at a time, each in a slot of its own.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::message::Message;
use super::session::Session;
use super::waiting::Waiting;
use crate::wire::http2_error::NotHttp2;
use crate::wire::{Answer, Failure, Listener, Opened, Progress, buffers};

/// So often a client reads on before it lets others have a turn.
const MOST_READS: usize = 16;

/// A connection.
pub(crate) struct Connection<S: AsyncRead + AsyncWrite + Unpin>(Rc<Shared<S>>);

/// Room on a connection for one request at a time.
pub(crate) struct Slot<S: AsyncRead + AsyncWrite + Unpin> {
    shared: Rc<Shared<S>>,
    slot: usize,
}

struct Shared<S: AsyncRead + AsyncWrite + Unpin> {
    link: RefCell<Link<S>>,
    waiting: Arc<Waiting>,
    /// What wakes whoever waits first.
    waker: Waker,
    opened: Opened,
    /// Whether the connection is kept for further requests.
    is_kept: bool,
}

/// The connection itself, and what is said over it.
struct Link<S: AsyncRead + AsyncWrite + Unpin> {
    stream: S,
    session: Session,
    /// Whether something was written that may not have left.
    is_unflushed: bool,
    /// Whether nothing can be written any more.
    is_cut: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection for so many requests at a time, of which this is known.
    pub(super) fn new(stream: S, slots: usize, is_kept: bool, opened: Opened) -> Self {
        let waiting = Waiting::new(slots);
        let waker = Waker::from(Arc::clone(&waiting));
        let session = Session::new(slots);
        let link = RefCell::new(Link { stream, session, is_unflushed: false, is_cut: false });
        Self(Rc::new(Shared { link, waiting, waker, opened, is_kept }))
    }

    /// Waits until the other side has said what it allows.
    pub(super) async fn greet(&self) -> Result<(), NotHttp2> {
        const GREETER: usize = 0;
        let greeted = poll_fn(|context| {
            let mut link = self.0.link.borrow_mut();
            self.0.waiting.wait(GREETER, context.waker());
            link.send(&self.0.waker);
            link.receive(&self.0.waker);
            match link.session.greeted() {
                Some(greeted) => Poll::Ready(greeted),
                None => Poll::Pending,
            }
        });
        let greeted = greeted.await;
        self.0.waiting.leave(GREETER);
        greeted
    }

    /// Room for a request; `None` where there is none, or the connection carries no more.
    pub(super) fn slot(&self) -> Option<Slot<S>> {
        let slot = self.0.link.borrow_mut().session.take_slot()?;
        Some(Slot { shared: Rc::clone(&self.0), slot })
    }

    /// Whether it may still have room, now or later.
    pub(super) fn is_open(&self) -> bool {
        !self.0.link.borrow().session.is_closing()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Slot<S> {
    pub(super) fn opened(&self) -> &Opened {
        &self.shared.opened
    }

    /// Sends `message` and reads the answer to its end. As [`Driver::exchange`](crate::wire::Driver).
    pub(super) async fn exchange(
        &mut self,
        message: &Message,
        progress: &Cell<Progress>,
        listener: &mut impl Listener,
    ) -> Result<Answer, Failure> {
        let Self { shared, slot } = self;
        let mut exchange =
            Exchange { shared, slot: *slot, message, progress, is_open: false, is_over: false };
        poll_fn(|context| exchange.poll(context, listener)).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Drop for Slot<S> {
    fn drop(&mut self) {
        self.shared.link.borrow_mut().session.give_back(self.slot);
        // There may be room for another stream now.
        self.shared.waiting.wake_one();
    }
}

/// A request on its way, and its answer.
struct Exchange<'e, S: AsyncRead + AsyncWrite + Unpin> {
    shared: &'e Shared<S>,
    slot: usize,
    message: &'e Message,
    progress: &'e Cell<Progress>,
    /// Whether it has a stream.
    is_open: bool,
    is_over: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Exchange<'_, S> {
    fn poll(
        &mut self,
        context: &Context<'_>,
        listener: &mut impl Listener,
    ) -> Poll<Result<Answer, Failure>> {
        let Self { shared, slot, .. } = *self;
        let mut link = shared.link.borrow_mut();
        shared.waiting.wait(slot, context.waker());
        // What came before the request may be the end of the connection.
        link.receive(&shared.waker);
        let ended = if self.is_open || link.session.may_open() {
            self.begin_or_go_on(&mut link.session);
            self.progress.set(link.session.progress(slot));
            link.listen(slot, listener)
        } else if link.session.is_closing() {
            Some(Err(link.session.end_before_send()))
        } else {
            None
        };
        self.is_over = ended.is_some();
        if self.is_over {
            shared.waiting.leave(slot);
        }
        link.settle(shared, slot, self.is_over);
        let Some(result) = ended else { return Poll::Pending };
        let keep_alive = !link.session.is_closing();
        Poll::Ready(result.map(|answer| Answer { keep_alive, ..answer }))
    }

    fn begin_or_go_on(&mut self, session: &mut Session) {
        if self.is_open {
            return session.send_content(self.slot, self.message);
        }
        session.open(self.slot, self.message);
        self.is_open = true;
        if !self.shared.is_kept {
            session.close();
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Drop for Exchange<'_, S> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let Self { shared, slot, .. } = *self;
        let mut link = shared.link.borrow_mut();
        // Others may have sent it since this was polled.
        self.progress.set(link.session.progress(slot));
        link.session.abandon(slot);
        shared.waiting.leave(slot);
        link.settle(shared, slot, false);
        // This may have been woken on behalf of all.
        shared.waiting.wake_one();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    /// Tells `listener` what has come for `slot`, and what it came to, if that is known.
    fn listen(
        &mut self,
        slot: usize,
        listener: &mut impl Listener,
    ) -> Option<Result<Answer, Failure>> {
        let widen = self.session.stream(slot)?.listen(listener);
        let Some(mut stream) = self.session.take_ended(slot) else {
            self.session.widen(slot, widen);
            return None;
        };
        let (result, finished) = stream.end.take()?;
        Some(result.map(|()| Answer {
            status: stream.status().unwrap_or_default(),
            first_byte: stream.first_byte.unwrap_or(finished),
            finished,
            bytes: stream.bytes,
            body_bytes: stream.body_bytes,
            keep_alive: true,
        }))
    }

    /// Wakes the others that have something to do, and sends what there is once nobody is left who will
    /// add to it: whoever was told of an answer sends the next request in its turn, and all of them leave
    /// in one piece. Whoever `is_over` is about to.
    fn settle(&mut self, shared: &Shared<S>, slot: usize, is_over: bool) {
        for other in self.session.woken().filter(|other| *other != slot) {
            shared.waiting.wake(other);
        }
        let is_for_later = self.session.untold() > 0 || self.session.outgoing().is_empty();
        if is_for_later && !self.is_unflushed || is_over && shared.waiting.wake_one() {
            return;
        }
        self.send(&shared.waker);
    }

    /// Writes as much as the connection takes.
    fn send(&mut self, waker: &Waker) {
        let context = &mut Context::from_waker(waker);
        let Self { stream, session, is_unflushed, is_cut } = self;
        let mut stream = Pin::new(stream);
        while !*is_cut && !session.outgoing().is_empty() {
            match stream.as_mut().poll_write(context, session.outgoing()) {
                Poll::Ready(Ok(count @ 1..)) => {
                    session.sent(count);
                    *is_unflushed = true;
                }
                Poll::Ready(_) => *is_cut = true,
                Poll::Pending => return,
            }
        }
        if *is_unflushed && !*is_cut {
            match stream.poll_flush(context) {
                Poll::Ready(Ok(())) => *is_unflushed = false,
                Poll::Ready(Err(_)) => *is_cut = true,
                Poll::Pending => {}
            }
        }
    }

    /// Reads all there is.
    fn receive(&mut self, waker: &Waker) {
        if self.session.has_ended() {
            return;
        }
        let context = &mut Context::from_waker(waker);
        let mut buffer = buffers::Lent::new();
        for _ in 0..MOST_READS {
            let mut into = ReadBuf::new(&mut buffer);
            let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, &mut into) else {
                return;
            };
            let now = Instant::now();
            match read {
                Ok(()) if into.filled().is_empty() => return self.session.lost(None, now),
                Ok(()) => self.session.receive(into.filled(), now),
                Err(error) => return self.session.lost(Some(error), now),
            }
        }
        // There may be more.
        waker.wake_by_ref();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Drop for Link<S> {
    /// Says goodbye, if that takes no waiting.
    fn drop(&mut self) {
        if let (Some(farewell), false) = (self.session.farewell(), self.is_cut) {
            let context = &mut Context::from_waker(Waker::noop());
            let _ = Pin::new(&mut self.stream).poll_write(context, &farewell);
        }
    }
}
