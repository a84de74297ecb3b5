//! How much is sent, and when.

use std::num::NonZeroU64;
use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::options::{LoadArguments, OnDeath, Options};
use super::rates::{Spread, Stages};
use super::values;
use crate::plan::{Arrival, Client, Load, Profile, Shape, WarmUp};
use crate::resources::{cores, most_connections};

/// ab's implied number of requests under `-t`.
const TIME_LIMIT_REQUESTS: u64 = 50_000;

/// What counts of a closed loop where nothing is given; an open loop takes its requests from here.
pub(super) struct Defaults {
    pub(super) requests: u64,
    pub(super) concurrency: usize,
    pub(super) ramp_up: Duration,
}

/// Refuses a rate that does not say when it ends.
pub(super) fn refuse_endless(options: &Options) -> Result<(), String> {
    let is_bounded = options.load.stages.is_some()
        || options.load.requests.is_some()
        || options.load.duration.or(options.load.time_limit).is_some();
    if options.load.rate.is_none() || is_bounded {
        return Ok(());
    }
    Err("--rate goes on for ever: expected --duration TIME or -n N".to_owned())
}

/// Whether a URL asks for TLS.
fn speaks_tls(options: &Options) -> bool {
    let is_asked = |url: &str| url.get(..8).is_some_and(|s| s.eq_ignore_ascii_case("https://"));
    options.url.as_ref().is_some_and(|url| url.scheme() == "https")
        || options.judging.read.as_deref().is_some_and(is_asked)
}

/// The load that the options ask for.
pub(super) fn load(
    options: &Options,
    matches: &ArgMatches,
    defaults: &Defaults,
) -> Result<Load, String> {
    let given = options.load.requests.map(NonZeroU64::get);
    let requests = match (options.load.time_limit, options.load.duration, given) {
        (Some(_), _, Some(requests))
            if position(matches, "requests") > position(matches, "time_limit") =>
        {
            Some(requests)
        }
        (Some(_), _, _) => Some(TIME_LIMIT_REQUESTS),
        (None, Some(_), requests) => requests,
        (None, None, requests) if options.load.stages.is_some() => requests,
        (None, None, requests) => Some(requests.unwrap_or(defaults.requests)),
    };
    let shape = shape(options, defaults.ramp_up)?;
    let warm_up = options.load.warm_up.unwrap_or(WarmUp::NONE);
    let duration = options.load.time_limit.or(options.load.duration);
    if duration.is_some() && warm_up.requests() > 0 {
        return Err("--warm-up N with a duration would have no fixed end: expected --warm-up TIME"
            .to_owned());
    }
    let at_most = usize::try_from(requests.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let threads =
        options.load.threads.map_or(cores().min(values::MAX_THREADS), std::num::NonZero::get);
    let default_concurrency =
        if shape.is_open() { most_in_flight(threads) } else { defaults.concurrency };
    let concurrency = match options.load.concurrency {
        Some(concurrency) if concurrency.get() > at_most => {
            let plural = if at_most == 1 { "" } else { "s" };
            return Err(format!(
                "-c {concurrency} is more than the {at_most} request{plural} of -n: raise -n or lower -c"
            ));
        }
        Some(concurrency) => concurrency.get(),
        None => default_concurrency.min(at_most),
    };
    let proxy = options.proxies.proxy(options.url.as_ref())?;
    let client = client(options, proxy.is_some())?;
    let survives_death = options.server.on_death == OnDeath::Continue;
    Ok(Load {
        requests,
        duration,
        shape,
        warm_up,
        concurrency,
        threads: threads.min(concurrency),
        keep_alive: !options.load.no_keep_alive,
        client,
        timeout: options.load.timeout.unwrap_or(Duration::from_secs(30)),
        connecting: options.reaching.connecting(
            options.url.as_ref(),
            client,
            options.tls.tls(speaks_tls(options), client.protocol())?,
            proxy,
        )?,
        stall: options.load.stall.unwrap_or(Duration::from_secs(2)),
        // A death breaks connections, too.
        survives_broken: options.load.survive_receive_errors || survives_death,
        survives_death,
    })
}

/// Which client sends the requests: an ordinary one where they go through a proxy.
fn client(options: &Options, has_proxy: bool) -> Result<Client, String> {
    if options.load.http3 {
        return Err("--http3: HTTP/3 is not supported: expected --http2, or neither".to_owned());
    }
    match options.load.client() {
        client if !has_proxy => Ok(client),
        Client::Http2 { .. } => {
            Err("--http2 does not go through a proxy: leave out either it or the proxy".to_owned())
        }
        Client::Http1 | Client::Reqwest if options.server.exec.is_some() => {
            Err("--exec starts a server on this machine: leave out either it or the proxy"
                .to_owned())
        }
        Client::Http1 | Client::Reqwest => Ok(Client::Reqwest),
    }
}

/// When requests are sent; the clients of a closed loop join in `default_ramp_up` where nothing is given.
fn shape(options: &Options, default_ramp_up: Duration) -> Result<Shape, String> {
    let LoadArguments { rate, ramp_up, stages, arrival, seed, .. } = &options.load;
    let profile = match (rate, stages, ramp_up) {
        (first, Some(Stages(stages)), _) => Profile::staged(first.unwrap_or(0.0), stages),
        (Some(rate), None, Some(ramp_up)) => Profile::ramped(*rate, *ramp_up),
        (Some(rate), None, None) => Profile::constant(*rate),
        (None, None, _) if *arrival != Spread::Constant => {
            return Err("--arrival spreads the requests of a rate: expected --rate RATE".to_owned());
        }
        (None, None, ramp_up) => {
            return Ok(Shape::Closed { ramp_up: ramp_up.unwrap_or(default_ramp_up) });
        }
    };
    let arrival = match arrival {
        Spread::Constant => Arrival::Constant,
        Spread::Poisson => Arrival::Poisson { seed: *seed },
    };
    Ok(Shape::Open { profile, arrival })
}

/// How many requests of an open loop may be in flight where nobody says: as many as this process may
/// have connections, up to a bound that no target is to be overrun with by accident.
fn most_in_flight(threads: usize) -> usize {
    const MOST: usize = 10_000;
    most_connections(threads).clamp(1, MOST)
}

/// Where an option stands on the command line; 0 where it does not.
fn position(matches: &ArgMatches, id: &str) -> usize {
    let given = matches.value_source(id) == Some(ValueSource::CommandLine);
    if given { matches.index_of(id).unwrap_or(0) } else { 0 }
}
