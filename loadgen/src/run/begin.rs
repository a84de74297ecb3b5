//! What comes before a load: sessions are opened, and the state is read.

use std::time::{Duration, Instant};

use check::Model;
use url::Url;

use super::lookups::Counted;
use super::opening::{open, reset};
use super::watched::Watch;
use super::{RunError, unless};
use crate::invariant::All;
use crate::plan::{Plan, Read};
use crate::scenario::Values;
use crate::signal::Signal;
use crate::state::{Before, ReadError, Reader, State};
use crate::subject::{self, host};
use crate::wire::{Address, Driver};

/// What a load begins with.
pub(super) struct Begun<M> {
    /// What each client has of its session; empty where none are opened.
    pub(super) opened: Vec<Values>,
    /// What reads the state, where it is read.
    pub(super) reader: Option<Reader<M>>,
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
    let reader = match plan.read.as_ref().map(|read| read.on(base)) {
        Some(read) => Some(reader(driver, plan, (base, addresses), read, values.clone()).await?),
        None => None,
    };
    let watch = Watch::new(driver, plan, (base, addresses), &values);
    let watched = unless(interrupt, watch.read(driver)).await?;
    let watched = watched.map_err(|error| RunError::Read { url: Box::new(base.clone()), error })?;
    let asked = Instant::now();
    let before = match &reader {
        Some(reader) => {
            let twice = reader.read_twice(driver, plan.load.timeout);
            Some(begins_with(plan, reader.url(), unless(interrupt, twice).await?)?)
        }
        None => None,
    };
    let took_to_read = asked.elapsed();
    Ok(Begun { opened, reader, before, took_to_read, watch, watched })
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

/// What a load of `plan` begins with, where `found` is what was read at `url`. Values and elements are
/// whole; only what is counted may stand above a fraction. Where nothing else says how much there is, the
/// state does.
fn begins_with(
    plan: &Plan,
    url: &Url,
    found: Result<Before, ReadError>,
) -> Result<Before, RunError> {
    let url = || Box::new(url.clone());
    let before = found.map_err(|error| RunError::Read { url: url(), error })?;
    let model = plan.judging.as_ref().map(|judging| judging.model);
    match (model, &before.state) {
        (Some(model @ (Model::Register | Model::Set)), State::Number(number))
            if number.to_integer().is_none() =>
        {
            Err(RunError::Fraction { url: url(), number: *number, model })
        }
        (Some(model), state) if model.needs_initial() && state.is_nothing() => {
            Err(RunError::NoStart { url: url(), model })
        }
        _ => Ok(before),
    }
}
