//! What a file says of the load becomes what the options say, where these say nothing.

use std::str::FromStr;

use super::at::At;
use super::document::{Document, Load};
use super::error::Wrong;
use super::text::Text;
use crate::cli::options::Options;
use crate::cli::{rates, thresholds, values};

/// Fills in what `options` leave open.
pub(in crate::cli) fn fill(options: &mut Options, document: &Document) -> Result<(), Wrong> {
    let Load { clients, requests, duration, rate, ramp_up, stages, warm_up, timeout, seed } =
        &document.load;
    let load = &mut options.load;
    // What ends a load is one thing: an option for it takes the place of all that the file has.
    let is_ended = load.requests.is_some() || load.duration.is_some() || load.time_limit.is_some();
    if !is_ended {
        open(&mut load.requests, requests.as_ref(), values::count)?;
        open(&mut load.duration, duration.as_ref(), values::duration)?;
    }
    open(&mut load.concurrency, clients.as_ref(), values::count)?;
    let is_shaped = load.rate.is_some() || load.stages.is_some() || load.ramp_up.is_some();
    if !is_shaped {
        open(&mut load.rate, rate.as_ref(), rates::rate_above_zero)?;
        open(&mut load.ramp_up, ramp_up.as_ref(), values::duration)?;
        open(&mut load.stages, stages.as_ref(), rates::stages)?;
    }
    open(&mut load.warm_up, warm_up.as_ref(), rates::warm_up)?;
    open(&mut load.timeout, timeout.as_ref(), values::duration)?;
    open(&mut options.request.follow, document.follow.as_ref(), values::redirects)?;
    if let Some(seed) = seed
        && load.seed == DEFAULT_SEED
    {
        load.seed = parsed(seed, |text| {
            u64::from_str(text).map_err(|_| "expected a whole number".to_owned())
        })?;
    }
    if options.judging.thresholds.is_empty() {
        let all = document.thresholds.iter();
        options.judging.thresholds =
            all.map(|limit| parsed(limit, thresholds::threshold)).collect::<Result<_, _>>()?;
    }
    Ok(())
}

/// The one that counts where nobody says another.
const DEFAULT_SEED: u64 = 1;

/// Sets an option that is open to what the file says.
fn open<T>(
    option: &mut Option<T>,
    text: Option<&At<Text>>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<(), Wrong> {
    if let (None, Some(text)) = (&option, text) {
        *option = Some(parsed(text, parse)?);
    }
    Ok(())
}

fn parsed<T>(text: &At<Text>, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, Wrong> {
    parse(&text.value).map_err(|why| Wrong::new(text.place, format!("`{}`: {why}", text.value)))
}
