//! What reads the state of one service.

use std::cell::{Cell, OnceCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use check::Model;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;
use url::Url;

use super::pages::{Pages, steady};
use super::{Elements, ReadError, State};
use crate::extract::{Extract, Found, Kind, NotFound, Reason, Steps, place_of_only};
use crate::plan::{Plan, Read};
use crate::reply::{Listening, Reply};
use crate::scenario::{Meaning, Place, Step, Values};
use crate::secrets::masked;
use crate::wire::{Driver, Endpoint, Failure, Listener, Progress};
use crate::worker::Task;

/// Where a state was read, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Source {
    /// What was asked, with its secrets masked.
    pub url: String,
    /// The rule, as on the command line. Where none was given, the one that names the place of the
    /// only number, if there is one.
    pub rule: String,
    /// Whether that was the only number, or the only list, of the answer, and no rule was given.
    pub is_only: bool,
}

/// Reads the state of one service.
pub(crate) struct Reader<M> {
    read: Read,
    endpoint: Endpoint,
    task: Task<M>,
    /// What its variables stand for.
    values: Values,
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
        let task = asking(driver, read.step(plan), &read.url, &mut values);
        let judged = read.how.judged.and_then(|judged| plan.kinds().get(judged));
        let kind = match judged.map(|judged| judged.model) {
            Some(Model::Register | Model::Versioned) => Kind::Texts,
            _ => Kind::Numbers,
        };
        let steps = judged.map(|judged| judged.steps(None)).unwrap_or_default();
        Self { read, endpoint, task, values, kind, steps, place: OnceCell::new() }
    }

    /// Where it is asked for.
    pub(crate) fn url(&self) -> &Url {
        &self.read.url
    }

    /// Where the state is read, and by which rule.
    pub(crate) fn source(&self) -> Source {
        let extract = &self.read.how.extract;
        let is_only = matches!(extract, Extract::Only);
        let place = self.place.get().cloned().flatten().filter(|_| is_only);
        let rule = place.unwrap_or_else(|| extract.to_string());
        Source { url: masked(self.read.url.as_str()), rule, is_only }
    }

    /// The state: elements where the model is a set, otherwise a number. It is asked for over a
    /// connection of its own, and each of its pages is waited for no longer than `limit`.
    pub(crate) async fn read<D: Driver<Message = M>>(
        &self,
        driver: &D,
        limit: Duration,
    ) -> Result<State, ReadError> {
        self.seen(driver, limit, |pages| self.found_in(pages)).await
    }

    /// What `see` sees in the answers that tell the state: one, or its pages. Of several pages it has to
    /// see the same twice, one time directly after the other: they are of several moments.
    pub(crate) async fn seen<D: Driver<Message = M>, T: PartialEq>(
        &self,
        driver: &D,
        limit: Duration,
        see: impl Fn(&[Reply]) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        steady(async || {
            let pages = self.pages(driver, limit).await?;
            Ok((see(&pages)?, pages.len()))
        })
        .await
    }

    /// The answers that tell the state, of which there is at least one.
    async fn pages<D: Driver<Message = M>>(
        &self,
        driver: &D,
        limit: Duration,
    ) -> Result<Vec<Reply>, ReadError> {
        let mut all = vec![self.ask(driver, &self.task, limit).await?];
        let Some(next) = &self.read.how.next else { return Ok(all) };
        let mut pages = Pages::new(next, self.read.url.clone());
        while let Some(url) = pages.behind(&all[all.len() - 1].heard())? {
            let step = Step { place: Place::Url(url.clone()), ..self.task.step.clone() };
            let task = asking(driver, step, &url, &mut self.values.clone());
            all.push(self.ask(driver, &task, limit).await?);
        }
        Ok(all)
    }

    /// The answer to what `task` asks.
    async fn ask<D: Driver<Message = M>>(
        &self,
        driver: &D,
        task: &Task<M>,
        limit: Duration,
    ) -> Result<Reply, ReadError> {
        let mut reply = Reply::of_state();
        let progress = Cell::new(Progress::Nothing);
        let is_too_long = Cell::new(false);
        let exchange = async {
            let mut tries = 1;
            loop {
                let connection = driver.connect(&self.endpoint).await?;
                let listening = reply.listen_to_all(&task.step);
                let mut listening = Bounded { listening, is_too_long: &is_too_long };
                let asked = match driver.slot(&connection) {
                    Some(mut slot) => {
                        let message = &task.messages[0];
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

    /// The state that these `pages` tell.
    fn found_in(&self, pages: &[Reply]) -> Result<State, ReadError> {
        let rule = &self.read.how.extract;
        let of_list = matches!(self.task.step.meaning, Meaning::Elements(_));
        let state = match self.find_in(pages) {
            Found::Value(state) => state,
            Found::Nothing => State::Nothing,
            Found::Unreadable(reason) => {
                // The first that cannot be read alone, or what the last has is at odds with the others.
                let is_unreadable =
                    |page: &&[Reply]| matches!(self.find_in(page), Found::Unreadable(_));
                let page = pages.chunks(1).find(is_unreadable).unwrap_or(pages);
                let heard = page[page.len() - 1].heard();
                return Err(NotFound::new(rule, &heard, reason, of_list).into());
            }
        };
        if state != State::Nothing && matches!(rule, Extract::Only) {
            self.place.get_or_init(|| place_of_only(&pages[0].heard(), of_list));
        }
        Ok(state)
    }

    fn find_in(&self, pages: &[Reply]) -> Found<State> {
        let (heard, rule) = (pages[0].heard(), &self.read.how.extract);
        let all = pages.iter().map(Reply::heard);
        let found = match (&self.read.how.by_key, &self.task.step.meaning) {
            (Some(by_key), _) => by_key.values_of(rule, all, self.kind).map(State::Keyed),
            (None, Meaning::Elements(_)) => Elements::found(rule, all).map(State::Elements),
            (None, Meaning::Value(_)) => rule.text(&heard).map(State::Text),
            (None, _) => rule.number(&heard).map(State::Number),
        };
        found.and_then(|state| {
            let is_list = matches!(state, State::Keyed(_) | State::Elements(_));
            if is_list
                && self.read.how.next.is_none()
                && let Some(reason) = heard.goes_on()
            {
                return reason.into();
            }
            // What does not fit is no number that anything is counted from.
            let fits = state.numbers().all(|one| self.steps.have_room_for(one));
            if fits { Found::Value(state) } else { Reason::OutOfRange.into() }
        })
    }
}

/// The task of asking what `step` asks at `url`, where variables are what `values` say.
fn asking<D: Driver>(driver: &D, step: Step, url: &Url, values: &mut Values) -> Task<D::Message> {
    let mut task = Task::new(driver, step, url);
    if let Some(slot) = task.step.cookies {
        values.set_cookies(slot, &task.url);
    }
    driver.fill(&mut task.messages[0], values);
    task
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
