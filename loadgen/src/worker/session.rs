//! What a client keeps from one request to the next.

use super::carried::Carried;
use super::{Job, Task};
use crate::redirect::Hop;
use crate::reply::Reply;
use crate::scenario::{Argued, Step, Values};
use crate::wire::Driver;

/// What a client keeps from one request to the next. No slot and no connection holds any of it.
pub(super) struct Session<M> {
    /// For each step whose requests vary, this client's.
    pub(super) messages: Vec<Option<Own<M>>>,
    pub(super) values: Values,
    /// What the last request said of its own.
    pub(super) text: Vec<u8>,
    pub(super) reply: Reply,
    pub(super) carried: Carried,
    /// What a redirect led to, while the request is under way.
    pub(super) hop: Option<Box<Hop<M>>>,
}

/// A message of a client's own.
pub(super) struct Own<M> {
    /// Which one of its step's it is.
    turn: usize,
    message: M,
}

impl<M: Clone> Own<M> {
    /// The one of `task` whose turn it is.
    pub(super) fn of(&mut self, task: &Task<M>, turn: usize) -> &mut M {
        if self.turn != turn {
            self.message.clone_from(&task.messages[turn]);
            self.turn = turn;
        }
        &mut self.message
    }
}

impl<M: Clone> Session<M> {
    /// That of the client with this number, among those of all workers.
    pub(super) fn new<D: Driver<Message = M>>(job: &Job<D>, client: u32) -> Self {
        let varies = |task: &Task<M>| {
            let Step { key, draws, argued, .. } = &task.step;
            let has_own = key.is_some() || !draws.is_empty() || *argued != Argued::Nothing;
            has_own || task.messages.iter().any(|one| job.driver.varies(one))
        };
        let own = |task: &Task<M>| {
            varies(task).then(|| Own { turn: 0, message: task.messages[0].clone() })
        };
        let values = job.values(client);
        let messages = job.tasks.iter().map(own).collect();
        let carried = Carried::new(job.kinds);
        Self { messages, values, text: Vec::new(), reply: Reply::of_load(), carried, hop: None }
    }
}
