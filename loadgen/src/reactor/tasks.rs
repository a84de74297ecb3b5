//! Futures side by side, each polled when it is woken.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

/// Tasks of one thread, which are polled by whoever polls this: one at a time, in the order in which
/// they were woken, and only if they were.
///
/// They may be woken from any thread.
pub(crate) struct Tasks {
    queue: Arc<Queue>,
    all: RefCell<Vec<Option<Task>>>,
    /// Those that were woken, while they are polled.
    turn: RefCell<Vec<usize>>,
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    waker: Arc<TaskWaker>,
    as_waker: Waker,
}

/// The tasks to be polled.
#[derive(Default)]
struct Queue(Mutex<Woken>);

#[derive(Default)]
struct Woken {
    indices: Vec<usize>,
    /// Who polls them.
    parent: Option<Waker>,
}

struct TaskWaker {
    queue: Arc<Queue>,
    index: usize,
    /// Whether it is among those to be polled.
    is_woken: AtomicBool,
}

impl Tasks {
    /// None.
    pub(crate) fn new() -> Self {
        Self { queue: Arc::default(), all: RefCell::default(), turn: RefCell::default() }
    }

    /// Adds a task, which is polled in the next turn.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        let mut all = self.all.borrow_mut();
        let (queue, is_woken) = (Arc::clone(&self.queue), AtomicBool::new(false));
        let waker = Arc::new(TaskWaker { queue, index: all.len(), is_woken });
        let as_waker = Waker::from(Arc::clone(&waker));
        waker.wake_by_ref();
        all.push(Some(Task { future: Box::pin(future), waker, as_waker }));
    }

    /// Polls the tasks that were woken. Whoever polls this is woken when others are.
    pub(crate) fn poll(&self, context: &Context<'_>) {
        let mut turn = self.turn.borrow_mut();
        self.queue.take(&mut turn, context.waker());
        for index in turn.drain(..) {
            // A task may add another.
            let task = self.all.borrow_mut()[index].take();
            let Some(mut task) = task else { continue };
            task.waker.is_woken.store(false, Ordering::Release);
            let mut context = Context::from_waker(&task.as_waker);
            if task.future.as_mut().poll(&mut context).is_pending() {
                self.all.borrow_mut()[index] = Some(task);
            }
        }
    }

    /// Drops all tasks, wherever they are.
    pub(crate) fn clear(&self) {
        // They are taken out first: a task that is dropped may look at the others.
        drop(self.all.take());
    }
}

impl Queue {
    /// Moves those that were woken into `turn`, on which `parent` is from then on told of others.
    fn take(&self, turn: &mut Vec<usize>, parent: &Waker) {
        let mut woken = self.0.lock().expect("nobody panics who holds it");
        std::mem::swap(&mut woken.indices, turn);
        match &woken.parent {
            Some(known) if known.will_wake(parent) => {}
            _ => woken.parent = Some(parent.clone()),
        }
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_woken.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut woken = self.queue.0.lock().expect("nobody panics who holds it");
        woken.indices.push(self.index);
        // The parent knows of the others already.
        if woken.indices.len() == 1
            && let Some(parent) = &woken.parent
        {
            parent.wake_by_ref();
        }
    }
}
