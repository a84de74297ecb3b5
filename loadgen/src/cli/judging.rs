//! What the requests mean, and what they are so that they can be judged.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use check::Model;
use clap::ArgMatches;

use super::Service;
use super::options::Options;
use super::request::call;
use crate::extract::Extract;
use crate::plan::{Judging, Load, Plan, Read, StateRead};
use crate::scenario::{Call, PLACEHOLDER, Place, Scenario, Step};
use crate::secrets::masked_path;

/// The plan for a service, all that it takes being there.
pub(super) fn service_plan(
    options: &Options,
    matches: &ArgMatches,
    service: Service,
    load: Load,
) -> Result<Plan, String> {
    let Service { url, read, subject } = service;
    let mut call = call(options, matches)?;
    if options.history.is_some() && options.model.is_none() {
        return Err("--history needs --model MODEL, which says what the requests are".to_owned());
    }
    match options.model {
        Some(Model::Bounded { .. }) | None => {}
        Some(model) if read.is_none() => {
            return Err(format!("--model {model} needs --read URL: what was there at first?"));
        }
        Some(_) => {}
    }
    if options.result.is_some() && options.model.is_none() {
        return Err("--result needs --model MODEL, which says what a result is".to_owned());
    }
    if options.reads.is_some() {
        let Some(read) = &read else {
            return Err(
                "--reads says how many requests ask for --read URL, which is missing".to_owned()
            );
        };
        if read.url.origin() != url.origin() {
            return Err(format!(
                "--reads asks for {} over the connections to another host",
                read.url
            ));
        }
    }
    let implied = match options.model {
        Some(Model::Register) => true,
        Some(Model::Set) => options.result.is_none(),
        _ => false,
    };
    if options.writes || implied {
        if !has_placeholder(&url, &call) {
            return Err(format!(
                "each update is to have a value of its own: expected {PLACEHOLDER} in the URL, a \
                 header or the data"
            ));
        }
        call.is_filled = true;
    }
    let judging = options.model.map(|model| judging(options, model)).transpose()?;
    // It is shown wherever an operation is.
    let key = masked_path(&url);
    let read = read.map(|Read { url, extract }| StateRead { place: Place::Url(url), extract });
    let load = load.kept_as(&call);
    let reads = read.as_ref().zip(options.reads);
    let scenario = scenario((Place::Url(url), call), judging.as_ref(), reads, load.timeout);
    Ok(Plan { subject, specimen: None, scenario, read, load, key, judging })
}

/// What clients do that update with `update`, and read with a share of their requests.
pub(super) fn scenario(
    (place, call): (Place, Call),
    judging: Option<&Judging>,
    reads: Option<(&StateRead, f64)>,
    timeout: Duration,
) -> Scenario {
    let model = judging.map(|judging| judging.model);
    let result = judging.and_then(|judging| judging.result.as_ref());
    let update = Step::updating(place, call, model, result, timeout);
    let read = reads
        .map(|(read, share)| (update.reading(read.place.clone(), model, &read.extract), share));
    let scenario = Scenario::new(update, first_value());
    match read {
        Some((read, share)) => scenario.with(read, share),
        None => scenario,
    }
}

pub(super) fn judging(options: &Options, model: Model) -> Result<Judging, String> {
    let result = match (model, &options.result) {
        (Model::FetchAndAdd, None) => Some(Extract::LastInteger),
        (Model::FetchAndAdd | Model::Bounded { .. } | Model::Set, result) => result.clone(),
        (_, None) => None,
        (model, Some(_)) => {
            return Err(format!("--result: the answers to updates of a {model} carry none"));
        }
    };
    let effort = options.effort.effort();
    Ok(Judging { model, result, history_limit: options.history_limit, effort })
}

fn has_placeholder(url: &url::Url, call: &Call) -> bool {
    let holds = |text: &[u8]| {
        text.windows(PLACEHOLDER.len()).any(|window| window == PLACEHOLDER.as_bytes())
    };
    let path = url.path().replace("%7B", "{").replace("%7D", "}");
    holds(path.as_bytes())
        || url.query().is_some_and(|query| holds(query.as_bytes()))
        || call.headers.iter().any(|(_, value)| holds(value.as_bytes()))
        || call.body.as_deref().is_some_and(holds)
}

/// Values that no earlier run against the same service wrote: microseconds, with 16 digits until
/// the year 2286.
fn first_value() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_micros()).unwrap_or_default().clamp(LEAST_VALUE, GREATEST_VALUE)
}

const LEAST_VALUE: u64 = 1_000_000_000_000_000;
const GREATEST_VALUE: u64 = 9_000_000_000_000_000;
