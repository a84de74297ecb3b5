//! `channel`: a manager thread owns the map; everyone else sends it commands and waits.

use std::collections::VecDeque;

use crate::counters::{Counters, StoreError};
use crate::names::Names;
use crate::sync::{Arc, Condvar, Mutex, thread};

/// The callers' end of the manager.
pub(crate) struct Channel {
    commands: Arc<Mailbox<Command>>,
    manager: Option<thread::JoinHandle<()>>,
}

/// What a caller asks, with the mailbox in which it waits for the answer.
enum Command {
    Get { name: String, reply: Reply<Result<i64, StoreError>> },
    Set { name: String, value: i64, reply: Reply<Result<(), StoreError>> },
    Inc { name: String, reply: Reply<Result<i64, StoreError>> },
    List { reply: Reply<Vec<(String, i64)>> },
}

type Reply<T> = Arc<Mailbox<T>>;

impl Channel {
    /// Starts the manager thread; dropping the store ends it.
    pub(crate) fn new() -> Self {
        let commands = Arc::new(Mailbox::new());
        let inbox = Arc::clone(&commands);
        let manager = thread::spawn(move || manage(&inbox));
        Self { commands, manager: Some(manager) }
    }

    fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> T {
        let reply = Arc::new(Mailbox::new());
        self.commands.send(command(Arc::clone(&reply)));
        reply.receive().expect("the manager answers every command before it ends")
    }
}

impl Counters for Channel {
    fn get(&self, name: &str) -> Result<i64, StoreError> {
        self.ask(|reply| Command::Get { name: name.to_owned(), reply })
    }

    fn set(&self, name: &str, value: i64) -> Result<(), StoreError> {
        self.ask(|reply| Command::Set { name: name.to_owned(), value, reply })
    }

    fn inc(&self, name: &str) -> Result<i64, StoreError> {
        self.ask(|reply| Command::Inc { name: name.to_owned(), reply })
    }

    fn list(&self) -> Vec<(String, i64)> {
        self.ask(|reply| Command::List { reply })
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.commands.close();
        if let Some(manager) = self.manager.take() {
            // A manager that panicked has already said so; there is nobody left to tell.
            let _ = manager.join();
        }
    }
}

fn manage(inbox: &Mailbox<Command>) {
    let mut counters = Names::new();
    while let Some(command) = inbox.receive() {
        match command {
            Command::Get { name, reply } => reply.send(counters.get(&name).copied()),
            Command::Set { name, value, reply } => reply.send(counters.set(&name, value)),
            Command::Inc { name, reply } => reply.send(counters.inc(&name)),
            Command::List { reply } => reply.send(counters.list(|value| *value)),
        }
    }
}

/// An unbounded queue. It never holds more than one command per waiting caller.
///
/// Built from a lock and a condition variable because loom's own channel reports a deadlock
/// where a receiver merely outlives the last sender.
struct Mailbox<T> {
    state: Mutex<MailboxState<T>>,
    arrived: Condvar,
}

struct MailboxState<T> {
    queue: VecDeque<T>,
    closed: bool,
}

impl<T> Mailbox<T> {
    fn new() -> Self {
        let state = MailboxState { queue: VecDeque::new(), closed: false };
        Self { state: Mutex::new(state), arrived: Condvar::new() }
    }

    fn send(&self, message: T) {
        self.state.lock().queue.push_back(message);
        self.arrived.notify_one();
    }

    fn close(&self) {
        self.state.lock().closed = true;
        self.arrived.notify_one();
    }

    /// The next message; `None` once the mailbox is closed and empty.
    fn receive(&self) -> Option<T> {
        let mut state = self.state.lock();
        loop {
            if let Some(message) = state.queue.pop_front() {
                return Some(message);
            }
            if state.closed {
                return None;
            }
            state = self.arrived.wait(state);
        }
    }
}
