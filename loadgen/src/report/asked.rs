//! What was asked for, and of whom.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use store::WORKLOADS;
use url::Url;

use super::RateSummary;
use super::layout::{Field, field};
use crate::plan::{Plan, Shape};
use crate::secrets::masked;

/// Where the requests went.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TargetSummary {
    /// The URL; its secrets are masked where it is shown.
    #[serde(serialize_with = "as_masked")]
    #[schemars(with = "String")]
    pub url: Url,
    /// What the server of specimens served, where the run started it.
    pub workload: Option<&'static str>,
    /// How that was protected.
    pub mode: Option<&'static str>,
}

/// What was asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanSummary {
    /// The method.
    pub method: String,
    /// How many requests; `None` for as many as the duration allows.
    pub requests: Option<u64>,
    /// How many at once.
    pub concurrency: usize,
    /// Requests per second; `None` for a closed loop, or where they end with the last stage.
    pub rate: Option<f64>,
    /// Everything about the rates of an open loop; `None` for a closed one.
    pub rates: Option<RateSummary>,
    /// In which time the clients of a closed loop join; 0 where all do at once.
    pub ramp_up_s: f64,
    /// For how long; `None` for as long as the requests take.
    pub duration_s: Option<f64>,
    /// What is sent in addition at first: so many requests, …
    pub warm_up_requests: u64,
    /// … or for so long.
    pub warm_up_s: f64,
    /// How long a request may take.
    pub timeout_s: f64,
    /// How many redirects of a request were followed, at most; of steps, in the one that follows most.
    pub follow: u32,
    /// How long making a connection may take; `None` for as long as the request has.
    pub connect_timeout_s: Option<f64>,
    /// Whether new connections look the target's name up again.
    pub re_resolve: bool,
    /// Whether connections are kept.
    pub keep_alive: bool,
    /// How many different requests took turns.
    pub turns: usize,
    /// The share of the requests that read.
    pub reads: f64,
    /// Whether the server was started again before the state was read the last time.
    pub restart: bool,
    /// Which client sent the requests.
    pub client: &'static str,
    /// The proxy that they went through, its secrets masked; `None` where they went to the target.
    pub proxy: Option<String>,
    /// How many requests a connection carried at a time, at most.
    pub streams: usize,
}

impl TargetSummary {
    pub(super) fn new(plan: &Plan, url: Url) -> Self {
        Self {
            url,
            workload: plan.specimen.map(|specimen| specimen.workload),
            mode: plan.specimen.map(|specimen| specimen.mode),
        }
    }

    /// What was served, where the run started it.
    pub(super) fn specimen_fields(&self) -> Vec<Field> {
        // That it was a counter goes without saying: it is what runs without being named.
        let workload = self.workload.filter(|name| *name != WORKLOADS[0].name);
        let workload = workload.map(|workload| field("Server Workload:", workload));
        let mode = self.mode.map(|mode| field("Server Mode:", mode));
        workload.into_iter().chain(mode).collect()
    }
}

impl PlanSummary {
    pub(super) fn new(plan: &Plan) -> Self {
        let proxy = plan.load.connecting.naming.proxy.as_ref();
        let rates = RateSummary::new(&plan.load.shape);
        let ramp_up = match plan.load.shape {
            Shape::Closed { ramp_up } => ramp_up,
            Shape::Open { .. } => Duration::ZERO,
        };
        Self {
            method: plan.scenario.first().call.method.to_string(),
            requests: plan.load.requests,
            concurrency: plan.load.concurrency,
            rate: rates.as_ref().and_then(|rates| rates.rate),
            rates,
            ramp_up_s: ramp_up.as_secs_f64(),
            duration_s: plan.load.duration.map(|duration| duration.as_secs_f64()),
            warm_up_requests: plan.load.warm_up.requests(),
            warm_up_s: plan.load.warm_up.time().as_secs_f64(),
            timeout_s: plan.load.timeout.as_secs_f64(),
            follow: plan.scenario.follows(),
            connect_timeout_s: plan.load.connecting.timeout.map(|time| time.as_secs_f64()),
            re_resolve: plan.load.connecting.re_resolves,
            keep_alive: plan.load.keep_alive,
            turns: 1 + plan.scenario.first().others.len(),
            reads: plan.scenario.reads(),
            restart: plan.subject.restarts(),
            client: plan.load.client.name(),
            proxy: proxy.map(|proxy| masked(proxy.as_str())),
            streams: plan.load.client.streams(),
        }
    }
}

fn as_masked<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&masked(url.as_str()))
}
