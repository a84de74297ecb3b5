//! Sessions are opened before the load: each client does once what its requests rest on.

use std::cell::Cell;

use check::history::Outcome;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::time::timeout;
use url::Url;

use super::RunError;
use crate::plan::Plan;
use crate::redirect::{First, Hop, Unfollowed, follow};
use crate::reply::Reply;
use crate::scenario::{Step, Values};
use crate::secrets::masked;
use crate::wire::{Driver, Endpoint, Failure, Progress};
use crate::worker::Task;

/// So many sessions are opened at a time: a login is dear on purpose.
const AT_A_TIME: usize = 8;

/// So much of an answer that is no success is shown.
const MOST_SHOWN_BYTES: usize = 300;

/// What the clients of `plan` have once each of them has opened its session with the service at `base`,
/// in their order; empty where no session is opened.
pub(super) async fn open<D: Driver>(
    driver: &D,
    plan: &Plan,
    base: &Url,
    endpoint: &Endpoint,
) -> Result<Vec<Values>, RunError> {
    if plan.scenario.opening.is_empty() {
        return Ok(Vec::new());
    }
    let tasks: Vec<_> =
        plan.scenario.opening.iter().map(|step| Task::new(driver, step.clone(), base)).collect();
    let clients = u32::try_from(plan.load.concurrency).expect("clients are few");
    let opening = stream::iter(0..clients).map(|client| {
        let scenario = &plan.scenario;
        let mut values = Values::of_client(client, scenario.seed, &scenario.variables);
        values.next(u64::from(client), scenario.first_value + u64::from(client));
        let opening = Opening { driver, endpoint, tasks: &tasks };
        async move {
            opening.all(&mut values).await.map_err(|(step, why)| RunError::Session {
                client,
                step,
                why,
            })?;
            Ok(values)
        }
    });
    opening.buffered(AT_A_TIME).try_collect().await
}

/// Lets the service of `plan` at `base` begin anew, where that is to be.
pub(super) async fn reset<D: Driver>(
    driver: &D,
    plan: &Plan,
    base: &Url,
    endpoint: &Endpoint,
) -> Result<(), RunError> {
    let Some(step) = &plan.scenario.reset else { return Ok(()) };
    let tasks = [Task::new(driver, step.clone(), base)];
    let mut values = Values::of_client(0, plan.scenario.seed, &plan.scenario.variables);
    let opening = Opening { driver, endpoint, tasks: &tasks };
    opening.all(&mut values).await.map_err(|(_, why)| RunError::Reset { why })
}

/// What opens one client's session.
struct Opening<'o, D: Driver> {
    driver: &'o D,
    endpoint: &'o Endpoint,
    tasks: &'o [Task<D::Message>],
}

impl<D: Driver> Opening<'_, D> {
    /// Takes every step, and keeps what the answers have; or the name of the first that came to
    /// nothing, and why.
    async fn all(&self, values: &mut Values) -> Result<(), (String, String)> {
        let mut reply = Reply::of_state();
        for task in self.tasks {
            let step = &task.step;
            let wrong = |why: String| (step.name.clone(), why);
            let taken = self.take(task, values, &mut reply).await;
            let (url, unfollowed) = taken.map_err(|failure| wrong(failure.to_string()))?;
            let heard = reply.heard();
            if step.cookies.is_some() {
                values.keep_cookies(&url, heard.head);
            }
            if step.answers.told(&heard).outcome() != Outcome::Ok {
                return Err(wrong(refused(&reply, unfollowed)));
            }
            if let Some(missing) = step.keeps.iter().find(|keep| !keep.keep(&heard, values)) {
                let rule = &missing.extract;
                return Err(wrong(format!("the answer has no {} at {rule}", missing.name)));
            }
        }
        Ok(())
    }

    /// Takes a step, and goes on to where its answers lead: where the last came from, and why that is not
    /// followed.
    async fn take(
        &self,
        task: &Task<D::Message>,
        values: &mut Values,
        reply: &mut Reply,
    ) -> Result<(Url, Unfollowed), Failure> {
        let Task { step, url, messages, .. } = task;
        values.draw(&step.draws);
        if let Some(slot) = step.cookies {
            values.set_cookies(slot, url);
        }
        values.mark();
        let mut message = messages[0].clone();
        self.driver.fill(&mut message, values);
        let first = First { step, turn: 0, base: url };
        let mut hop: Option<Hop<_>> = None;
        loop {
            let asked = hop.as_ref().map_or(&message, |hop| &hop.message);
            let asked = timeout(step.timeout, self.ask(step, asked, reply)).await;
            asked.unwrap_or_else(|_| Err(Failure::timeout(true)))?;
            match follow(self.driver, first, hop.as_ref(), &reply.heard(), values) {
                Ok(next) => hop = Some(next),
                Err(why) => {
                    let url = hop.as_ref().map_or(url, |hop| hop.trail.url());
                    return Ok((url.clone(), why));
                }
            }
        }
    }

    async fn ask(
        &self,
        step: &Step,
        message: &D::Message,
        reply: &mut Reply,
    ) -> Result<(), Failure> {
        let connection = self.driver.connect(self.endpoint).await?;
        let mut slot = self.driver.slot(&connection).ok_or(Failure::GoneAway)?;
        let progress = Cell::new(Progress::Nothing);
        let mut listening = reply.listen_to_all(step);
        self.driver.exchange(&mut slot, message, &progress, &mut listening).await?;
        Ok(())
    }
}

/// What was answered instead of a success.
fn refused(reply: &Reply, unfollowed: Unfollowed) -> String {
    let heard = reply.heard();
    let status = match unfollowed {
        Unfollowed::NoRedirect => format!("it answered {}", heard.status),
        why => format!("it answered {} ({why})", heard.status),
    };
    match heard.body.text_if_any().ok().map(|text| masked(text.trim())) {
        Some(text) if !text.is_empty() => {
            let end = text.floor_char_boundary(MOST_SHOWN_BYTES.min(text.len()));
            format!("{status}: {}", &text[..end])
        }
        _ => status,
    }
}
