//! A thread that owns a state; everyone else sends it commands and waits.

use crate::mailbox::Mailbox;
use crate::sync::{Arc, thread};

/// The callers' end of the manager. Dropping it ends the thread.
pub(crate) struct Manager<S> {
    commands: Arc<Mailbox<Command<S>>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// What a caller asks; it carries the mailbox in which the caller waits for the answer.
type Command<S> = Box<dyn FnOnce(&mut S) + Send>;

impl<S: Send + 'static> Manager<S> {
    /// Starts the thread.
    pub(crate) fn new(mut state: S) -> Self {
        let commands = Arc::new(Mailbox::<Command<S>>::unbounded());
        let inbox = Arc::clone(&commands);
        let thread = thread::spawn(move || {
            while let Some(command) = inbox.receive() {
                command(&mut state);
            }
        });
        Self { commands, thread: Some(thread) }
    }

    /// What `command` returns, once the manager has come to it.
    pub(crate) fn ask<R: Send + 'static>(
        &self,
        command: impl FnOnce(&mut S) -> R + Send + 'static,
    ) -> R {
        let reply = Arc::new(Mailbox::unbounded());
        let answer = Arc::clone(&reply);
        let command = move |state: &mut S| {
            answer.send(command(state), "manager").expect("nobody closes a caller's mailbox");
        };
        let sent = self.commands.send(Box::new(command), "caller");
        sent.expect("it is closed when nobody can call any more");
        reply.receive().expect("the manager answers every command before it ends")
    }
}

impl<S> Drop for Manager<S> {
    fn drop(&mut self) {
        self.commands.close();
        if let Some(thread) = self.thread.take() {
            // A manager that panicked has already said so; there is nobody left to tell.
            let _ = thread.join();
        }
    }
}
