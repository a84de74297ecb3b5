//! A runtime for one thread and its connections, which costs little more than a bare loop around
//! epoll.
//!
//! A [`Reactor`] waits for what the kernel has to tell, and wakes whoever waits for it. It is
//! edge-triggered: a source is known to be ready until a read or a write finds that it is not, so that
//! nothing is asked of the kernel twice. [`Tasks`] are futures that are polled one by one, as they are
//! woken. Neither takes a lock that another thread may hold for long, and no request allocates.
//!
//! Whatever is not hot runs on tokio. [`Stream`] is a connection of whichever of the two it is made in.

mod run;
mod source;
mod stream;
mod tasks;
#[cfg(test)]
mod tests;
mod timer;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use mio::event::Source as Kernel;
use mio::{Events, Interest, Poll, Token, Waker};

pub(crate) use run::run;
use source::Source;
pub(crate) use stream::Stream;
pub(crate) use tasks::Tasks;
pub(crate) use timer::KernelTimer;

/// How many events are taken from the kernel at a time.
const EVENTS: usize = 1024;

/// What another thread wakes this one by.
const WAKER: Token = Token(usize::MAX);

/// What a thread waits for, and who.
pub(crate) struct Reactor {
    poll: RefCell<Poll>,
    events: RefCell<Events>,
    /// By token; the places of those that are gone are taken again.
    sources: RefCell<Vec<Option<Rc<Source>>>>,
    vacant: RefCell<Vec<usize>>,
}

thread_local! {
    /// The reactor of this thread, while it runs.
    static CURRENT: RefCell<Option<Rc<Reactor>>> = const { RefCell::new(None) };
}

impl Reactor {
    /// Without anything to wait for.
    fn new() -> io::Result<Self> {
        Ok(Self {
            poll: RefCell::new(Poll::new()?),
            events: RefCell::new(Events::with_capacity(EVENTS)),
            sources: RefCell::default(),
            vacant: RefCell::default(),
        })
    }

    /// The one that runs on this thread; `None` where tokio does.
    fn current() -> Option<Rc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// What wakes this from any thread.
    fn waker(&self) -> io::Result<Waker> {
        Waker::new(self.poll.borrow().registry(), WAKER)
    }

    /// Watches `kernel` from now on.
    fn register(&self, kernel: &mut impl Kernel, interest: Interest) -> io::Result<Rc<Source>> {
        let index = self.vacant.borrow_mut().pop();
        let mut sources = self.sources.borrow_mut();
        let index = index.unwrap_or_else(|| {
            sources.push(None);
            sources.len() - 1
        });
        let source = Rc::new(Source::new(index));
        self.poll.borrow().registry().register(kernel, Token(index), interest)?;
        sources[index] = Some(Rc::clone(&source));
        Ok(source)
    }

    /// Whose `source` this was is closed: the kernel forgets it by itself.
    fn forget(&self, source: &Source) {
        self.sources.borrow_mut()[source.index] = None;
        self.vacant.borrow_mut().push(source.index);
    }

    /// Waits until the kernel has something to tell.
    fn wait(&self) -> io::Result<()> {
        let mut events = self.events.borrow_mut();
        match self.poll.borrow_mut().poll(&mut events, None) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            polled => polled,
        }
    }

    /// Wakes whoever waits for what the kernel told.
    fn tell(&self) {
        let mut events = self.events.borrow_mut();
        let sources = self.sources.borrow();
        for event in events.iter() {
            // A source that is gone may have had events that were on their way.
            if let Some(Some(source)) = sources.get(event.token().0) {
                source.happened(event);
            }
        }
        drop(sources);
        events.clear();
    }
}
