//! The state of a service, read before and after the load: through the same driver, with the same
//! headers and to the same addresses as the load.

mod elements;
mod several;

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use check::Model;
use http::StatusCode;
use serde::{Serialize, Serializer};
use thiserror::Error;
use tokio::time::timeout;
use url::Url;

use crate::extract::{
    Decimal, Extract, Found, Kind, NotFound, Reason, Scalar, Steps, place_of_only,
};
use crate::plan::{Plan, Read};
use crate::reply::{Listening, Reply};
use crate::scenario::{Meaning, Values};
use crate::secrets::masked;
use crate::subject::SubjectError;
use crate::wire::{Driver, Endpoint, Failure, Listener, Progress, Shortage};
use crate::worker::Task;
pub(crate) use elements::Elements;
pub(crate) use several::Readers;

/// The state of a service, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// There is none yet: the service makes it with the first update.
    Nothing,
    /// A number.
    Number(Decimal),
    /// A value of any kind.
    Text(String),
    /// The elements of a set.
    Elements(Elements),
    /// The values of many objects, each by its key, in the order of the keys.
    Keyed(Vec<(String, Scalar)>),
    /// The states of several kinds of what is judged, in the order in which they are read.
    Several(Vec<Self>),
}

impl State {
    /// How much that is; `None` where it is no number of anything.
    pub(crate) fn size(&self) -> Option<Size> {
        let value = match self {
            Self::Nothing => Decimal::default(),
            Self::Number(number) => *number,
            Self::Elements(elements) => {
                i64::try_from(elements.iter().len()).unwrap_or(i64::MAX).into()
            }
            Self::Text(_) | Self::Keyed(_) | Self::Several(_) => return None,
        };
        Some(Size { value, is_nothing: *self == Self::Nothing })
    }

    /// Whether nothing is there.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Keyed(all) => all.is_empty(),
            Self::Several(all) => all.iter().all(Self::is_nothing),
            Self::Number(_) | Self::Text(_) | Self::Elements(_) => false,
        }
    }

    /// Those of several kinds, of which there is at least one.
    fn of_all(mut all: Vec<Self>) -> Self {
        if all.len() == 1 { all.remove(0) } else { Self::Several(all) }
    }

    /// Those of each kind, in the order in which they are read.
    pub(crate) fn parts(&self) -> &[Self] {
        match self {
            Self::Several(all) => all,
            one => std::slice::from_ref(one),
        }
    }

    /// The numbers that it has.
    fn numbers(&self) -> impl Iterator<Item = Decimal> {
        let (one, keyed): (_, &[_]) = match self {
            Self::Number(number) => (Some(*number), &[]),
            Self::Keyed(all) => (None, all),
            Self::Nothing | Self::Text(_) | Self::Elements(_) | Self::Several(_) => (None, &[]),
        };
        let number = |(_, value): &(String, Scalar)| match value {
            Scalar::Number(number) => Some(*number),
            Scalar::Text(_) => None,
        };
        one.into_iter().chain(keyed.iter().filter_map(number))
    }

    /// The first of its numbers that is no whole number of these `steps`.
    pub(crate) fn between(&self, steps: Steps) -> Option<Decimal> {
        self.numbers().find(|number| steps.count(*number).is_none())
    }

    /// The value of the object that is called `key`, in a state of many.
    pub(crate) fn of(&self, key: &str) -> Option<&Scalar> {
        let Self::Keyed(all) = self else { return None };
        let place = all.binary_search_by(|(known, _)| known.as_str().cmp(key)).ok()?;
        Some(&all[place].1)
    }
}

/// The state before a run, read twice, one directly after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Before {
    /// What it was at first.
    pub(crate) first: State,
    /// What it was when the load began.
    pub(crate) state: State,
}

impl Before {
    /// Whether it changed though nobody was told to change it.
    pub(crate) fn moves(&self) -> bool {
        self.first != self.state
    }
}

/// The number of a state, or how many elements it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The number; 0 where there was nothing.
    pub value: Decimal,
    /// Whether there was nothing.
    pub is_nothing: bool,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nothing { f.pad("nothing (counts as 0)") } else { self.value.fmt(f) }
    }
}

/// As a number.
impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// Where a state was read, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// What was asked, with its secrets masked.
    pub url: String,
    /// The rule, as on the command line. Where none was given, the one that names the place of the
    /// only number, if there is one.
    pub rule: String,
    /// Whether that was the only number, or the only list, of the answer, and no rule was given.
    pub is_only: bool,
}

/// The state could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// No answer came.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// This machine had no means to ask.
    #[error("it could not be asked for: {0}")]
    NotAsked(Shortage),
    /// The answer is not a success.
    #[error("it answered {0}")]
    Status(StatusCode),
    /// The server was to be started again, and was not.
    #[error("it did not start again: {0}")]
    NotRestarted(#[from] SubjectError),
    /// The server was to save what it had acknowledged, and was killed before it had ended.
    #[error(
        "the server had not ended when its grace was over: it was killed, and may have had more to save"
    )]
    Killed,
    /// The user asked for an end while it was read.
    #[error("interrupted")]
    Interrupted,
    /// The answer is a success without a value that is wanted.
    #[error("{0}")]
    Unseen(String),
    /// The answer is a success without a number.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

impl ReadError {
    /// The rules that find a number in the answer, a line for each; empty where there are none.
    pub(crate) fn offers(&self) -> String {
        match self {
            Self::NotFound(not_found) => not_found.offers().to_string(),
            _ => String::new(),
        }
    }
}

/// Reads the state of one service.
pub(crate) struct Reader<M> {
    read: Read,
    endpoint: Endpoint,
    task: Task<M>,
    /// Which values many objects have.
    kind: Kind,
    /// What numbers count, but for the fraction of the first.
    steps: Steps,
    /// The rule that names the only number, since the first that was found.
    place: OnceCell<Option<String>>,
}

impl<M> Reader<M> {
    /// Reads as `read` says for a run of `plan`, at `endpoint`; variables are what `values` say.
    pub(crate) fn new<D: Driver<Message = M>>(
        driver: &D,
        plan: &Plan,
        endpoint: Endpoint,
        read: Read,
        mut values: Values,
    ) -> Self {
        let mut task = Task::new(driver, read.step(plan), &read.url);
        if let Some(slot) = task.step.cookies {
            values.set_cookies(slot, &task.url);
        }
        driver.fill(&mut task.messages[0], &mut values);
        let judged = read.judged.and_then(|judged| plan.kinds().get(judged));
        let kind = match judged.map(|judged| judged.model) {
            Some(Model::Register | Model::Versioned) => Kind::Texts,
            _ => Kind::Numbers,
        };
        let steps = judged.map(|judged| judged.steps(None)).unwrap_or_default();
        Self { read, endpoint, task, kind, steps, place: OnceCell::new() }
    }

    /// Where it is asked for.
    pub(crate) fn url(&self) -> &Url {
        &self.read.url
    }

    /// Where the state is read, and by which rule.
    pub(crate) fn source(&self) -> Source {
        let is_only = matches!(self.read.extract, Extract::Only);
        let place = self.place.get().cloned().flatten().filter(|_| is_only);
        let rule = place.unwrap_or_else(|| self.read.extract.to_string());
        Source { url: masked(self.read.url.as_str()), rule, is_only }
    }

    /// The state: elements where the model is a set, otherwise a number. It is asked for once, over
    /// a connection of its own, and waited for no longer than `limit`.
    pub(crate) async fn read<D: Driver<Message = M>>(
        &self,
        driver: &D,
        limit: Duration,
    ) -> Result<State, ReadError> {
        self.found_in(&self.ask(driver, limit).await?)
    }

    /// The answer that tells the state.
    pub(crate) async fn ask<D: Driver<Message = M>>(
        &self,
        driver: &D,
        limit: Duration,
    ) -> Result<Reply, ReadError> {
        let mut reply = Reply::of_state();
        let progress = Cell::new(Progress::Nothing);
        let is_too_long = Cell::new(false);
        let exchange = async {
            let mut tries = 1;
            loop {
                let connection = driver.connect(&self.endpoint).await?;
                let listening = reply.listen_to_all(&self.task.step);
                let mut listening = Bounded { listening, is_too_long: &is_too_long };
                let asked = match driver.slot(&connection) {
                    Some(mut slot) => {
                        let message = &self.task.messages[0];
                        driver.exchange(&mut slot, message, &progress, &mut listening).await
                    }
                    None => Err(Failure::GoneAway),
                };
                match asked {
                    // The target has ended the connection, and says that it has not looked at the
                    // question.
                    Err(Failure::GoneAway) if tries < TRIES => tries += 1,
                    asked => return asked.map(|answer| answer.status),
                }
            }
        };
        let timed = timeout(limit, unless_too_long(exchange, &is_too_long)).await;
        let is_written = progress.get() != Progress::Nothing;
        let answer = timed.unwrap_or_else(|_| Err(Failure::timeout(is_written)));
        let status = answer.map_err(not_answered)?.unwrap_or(reply.status());
        let status = StatusCode::from_u16(status).expect("a driver's status has three digits");
        if !status.is_success() {
            return Err(ReadError::Status(status));
        }
        Ok(reply)
    }

    /// The state that an answer tells.
    fn found_in(&self, reply: &Reply) -> Result<State, ReadError> {
        let (heard, rule) = (reply.heard(), &self.read.extract);
        let of_list = matches!(self.task.step.meaning, Meaning::Elements(_));
        let found = match (&self.read.by_key, &self.task.step.meaning) {
            (Some(by_key), _) => by_key.values(rule, &heard, self.kind).map(State::Keyed),
            (None, Meaning::Elements(_)) => Elements::found(rule, &heard).map(State::Elements),
            (None, Meaning::Value(_)) => rule.text(&heard).map(State::Text),
            (None, _) => rule.number(&heard).map(State::Number),
        };
        // What does not fit is no number that anything is counted from.
        let fits = |state: State| {
            let fits = state.numbers().all(|one| self.steps.have_room_for(one));
            if fits { Found::Value(state) } else { Reason::OutOfRange.into() }
        };
        let state = match found.and_then(fits) {
            Found::Value(state) => state,
            Found::Nothing => State::Nothing,
            Found::Unreadable(reason) => {
                return Err(NotFound::new(rule, &heard, reason, of_list).into());
            }
        };
        if state != State::Nothing && matches!(rule, Extract::Only) {
            self.place.get_or_init(|| place_of_only(&heard, of_list));
        }
        Ok(state)
    }
}

/// So many connections are asked, one after another, that are ended before the question is looked at.
const TRIES: u32 = 3;

/// Passes on what comes, and says when there is more than is kept.
struct Bounded<'c, S> {
    listening: Listening<'c, S>,
    is_too_long: &'c Cell<bool>,
}

impl<S: FnMut(u16, &[u8]) -> bool> Listener for Bounded<'_, S> {
    fn head(&mut self, status: u16, head: &[u8]) {
        self.listening.head(status, head);
    }

    fn content(&mut self, piece: &[u8]) {
        self.listening.content(piece);
        self.is_too_long.set(!self.listening.is_whole());
    }
}

/// What `exchange` comes to; `None` as soon as its answer `is_too_long`, of which the rest is then
/// not read: the connection goes with the exchange.
async fn unless_too_long(
    exchange: impl Future<Output = Result<u16, Failure>>,
    is_too_long: &Cell<bool>,
) -> Result<Option<u16>, Failure> {
    let mut exchange = pin!(exchange);
    poll_fn(|context| match exchange.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(answer.map(Some)),
        Poll::Pending if is_too_long.get() => Poll::Ready(Ok(None)),
        Poll::Pending => Poll::Pending,
    })
    .await
}

fn not_answered(failure: Failure) -> ReadError {
    match failure {
        Failure::Short(shortage) => ReadError::NotAsked(shortage),
        failure => ReadError::NoAnswer(failure.to_string()),
    }
}
