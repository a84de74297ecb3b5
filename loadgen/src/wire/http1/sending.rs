//! A request on its way into a connection.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

use crate::wire::Progress;

/// A request, and how much of it the connection has taken.
pub(super) struct Sending<'r> {
    bytes: &'r [u8],
    count: usize,
    /// Whether the kernel has all of it, too.
    is_whole: bool,
    /// How much of it the connection has taken, for whoever drops the exchange.
    progress: &'r Cell<Progress>,
    /// Why the connection takes no more.
    cut: Option<io::Error>,
}

impl<'r> Sending<'r> {
    pub(super) fn new(bytes: &'r [u8], progress: &'r Cell<Progress>) -> Self {
        Self { bytes, count: 0, is_whole: false, progress, cut: None }
    }

    /// Writes as much as `stream` takes now.
    pub(super) fn poll<S: AsyncWrite>(
        &mut self,
        mut stream: Pin<&mut S>,
        context: &mut Context<'_>,
    ) {
        while self.count < self.bytes.len() && self.cut.is_none() {
            match stream.as_mut().poll_write(context, &self.bytes[self.count..]) {
                Poll::Ready(Ok(0)) => self.cut = Some(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(taken)) => {
                    self.count += taken;
                    self.progress.set(Progress::Some);
                }
                Poll::Ready(Err(error)) => self.cut = Some(error),
                Poll::Pending => return,
            }
        }
        if self.is_whole || self.cut.is_some() {
            return;
        }
        match stream.poll_flush(context) {
            Poll::Ready(Ok(())) => {
                self.is_whole = true;
                self.progress.set(Progress::Whole);
            }
            Poll::Ready(Err(error)) => self.cut = Some(error),
            Poll::Pending => {}
        }
    }

    /// Whether the connection has taken a byte.
    pub(super) fn has_begun(&self) -> bool {
        self.count > 0
    }

    /// Whether the connection has taken every byte.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Why the connection takes no more, where it failed; told once.
    pub(super) fn cut(&mut self) -> Option<io::Error> {
        self.cut.take()
    }
}
