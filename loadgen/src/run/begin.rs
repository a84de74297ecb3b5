//! What comes before a load: sessions are opened, and the state is read.

use std::time::{Duration, Instant};

use check::Model;
use url::Url;

use super::lookups::Counted;
use super::opening::{open, reset};
use super::watched::Watch;
use super::{RunError, unless};
use crate::extract::{Decimal, Steps};
use crate::invariant::All;
use crate::plan::{Plan, Read};
use crate::scenario::Values;
use crate::signal::Signal;
use crate::state::{Before, Reader, Readers, State};
use crate::subject::{self, host};
use crate::wire::{Address, Driver};

/// What a load begins with.
pub(super) struct Begun<M> {
    /// What each client has of its session; empty where none are opened.
    pub(super) opened: Vec<Values>,
    /// What reads the states, where any are read.
    pub(super) readers: Option<Readers<M>>,
    pub(super) before: Option<Before>,
    /// How long it took to read that.
    pub(super) took_to_read: Duration,
    /// What reads the values that invariants speak of.
    pub(super) watch: Watch<M>,
    /// These values.
    pub(super) watched: All,
}

/// Opens the sessions of `plan` with a service that is at `base`, and has these `addresses`, and reads its
/// state.
pub(super) async fn begin<D: Driver>(
    driver: &D,
    plan: &Plan,
    (base, addresses): (&Url, &[Address]),
    interrupt: &Signal<()>,
) -> Result<Begun<D::Message>, RunError> {
    let here = Counted::default().endpoint(plan, base, addresses.to_vec());
    unless(interrupt, reset(driver, plan, base, &here)).await??;
    let opened = unless(interrupt, open(driver, plan, base, &here)).await??;
    let values = read_with(plan, &opened);
    let mut readers = Vec::new();
    for read in &plan.reads {
        let read = read.on(base);
        readers.push(reader(driver, plan, (base, addresses), read, values.clone()).await?);
    }
    let readers = Readers::new(readers);
    let watch = Watch::new(driver, plan, (base, addresses), &values);
    let watched = unless(interrupt, watch.read(driver)).await?;
    let unread = |(url, error)| RunError::Read { url: Box::new(url), error };
    let watched = watched.map_err(unread)?;
    let asked = Instant::now();
    let before = match &readers {
        Some(readers) => {
            let twice = unless(interrupt, readers.read_twice(driver, plan.load.timeout)).await?;
            Some(begins_with(plan, base, twice.map_err(unread)?)?)
        }
        None => None,
    };
    let took_to_read = asked.elapsed();
    Ok(Begun { opened, readers, before, took_to_read, watch, watched })
}

/// What the state of `plan` is read with, where clients have `opened` sessions: that of the first.
pub(super) fn read_with(plan: &Plan, opened: &[Values]) -> Values {
    let none = || Values::of_client(0, plan.scenario.seed, &plan.scenario.variables);
    opened.first().cloned().unwrap_or_else(none)
}

/// What reads the state as `read` says; the load goes to `base`, which has these `addresses`.
async fn reader<D: Driver>(
    driver: &D,
    plan: &Plan,
    (base, addresses): (&Url, &[Address]),
    read: Read,
    values: Values,
) -> Result<Reader<D::Message>, RunError> {
    let is_elsewhere = host(&read.url) != host(base);
    let addresses = if is_elsewhere {
        subject::resolve(&read.url, &plan.load.connecting.naming).await?
    } else {
        addresses.to_vec()
    };
    // Its lookups are none of the load's.
    let endpoint = Counted::default().endpoint(plan, &read.url, addresses);
    Ok(Reader::new(driver, plan, endpoint, read, values))
}

/// What a load of `plan` to `base` begins with. Values and elements are whole; only what is counted may
/// stand above a fraction. Where nothing else says how much there is, the state does.
fn begins_with(plan: &Plan, base: &Url, before: Before) -> Result<Before, RunError> {
    for (read, state) in plan.reads.iter().zip(before.state.parts()) {
        let kind = read.how.judged.and_then(|judged| plan.kinds().get(judged));
        let url = || Box::new(read.place.on(base));
        match (kind.map(|kind| kind.model), state) {
            (Some(model @ (Model::Register | Model::Set)), State::Number(number))
                if number.to_integer().is_none() =>
            {
                return Err(RunError::Fraction { url: url(), number: *number, model });
            }
            (Some(Model::Accounts { .. }), State::Keyed(_)) => {
                let decimals = kind.map_or(0, |kind| kind.decimals);
                if let Some(number) = state.between(Steps::from(decimals, Decimal::default())) {
                    return Err(RunError::Decimals { url: url(), number, decimals });
                }
            }
            (Some(model), state) if model.needs_initial() && state.is_nothing() => {
                return Err(RunError::NoStart { url: url(), model });
            }
            _ => {}
        }
    }
    Ok(before)
}
