//! One run, as its report tells it.
//!
//! A report may come from anywhere: what is not needed is passed over, and what is needed has to be
//! there.

use check::Verdict;
use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

/// A run whose report was read.
#[derive(Debug, Clone)]
pub struct Run {
    /// Where its report was read.
    pub name: String,
    pub(super) told: Told,
}

/// Why bytes are not the report of a run, and what would be.
#[derive(Debug, thiserror::Error)]
pub enum NoReport {
    /// They are no JSON, or a key is missing or not what it should be.
    #[error("expected a report as --output writes it: {0}")]
    Wrong(String),
    /// They are the reports of several specimens.
    #[error(
        "expected the report of one run, not of {0}: a run with --mode MODE, or with a URL, has one"
    )]
    Several(usize),
    /// They are something else, or a report of another kind.
    #[error("expected a report whose schema is {RUN}, not {0}")]
    Schema(String),
}

const RUN: &str = "loadgen/report/1";
const SPECIMENS: &str = "loadgen/comparison/1";

/// Which kind of report it is.
#[derive(Deserialize)]
struct Kind {
    schema: Option<String>,
}

/// The reports of specimens.
#[derive(Deserialize)]
struct Specimens {
    runs: Vec<Told>,
}

/// What is needed of a report. A key without a default has to be there, though it may be null.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    version: Option<String>,
    pub(super) target: Target,
    pub(super) plan: Value,
    #[serde(default)]
    partial: Option<String>,
    pub(super) requests: Requests,
    pub(super) throughput: Throughput,
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) latency_us: Option<Latency>,
    #[serde(default)]
    pub(super) service_us: Option<Latency>,
    #[serde(default)]
    pub(super) schedule: Option<Schedule>,
    #[serde(default)]
    pub(super) correctness: Option<Correctness>,
    #[serde(default)]
    pub(super) generator: Option<Generator>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Target {
    #[serde(deserialize_with = "url")]
    pub(super) url: Url,
    #[serde(default)]
    pub(super) workload: Option<String>,
    #[serde(default)]
    mode: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Requests {
    pub(super) sent: u64,
    pub(super) ok: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Throughput {
    #[serde(deserialize_with = "amount_or_null")]
    pub(super) requests_per_s: Option<f64>,
}

/// Times in microseconds. A percentile that is null lies among requests that were dropped: it is
/// longer than any.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Latency {
    #[serde(deserialize_with = "amount")]
    pub(super) mean: f64,
    #[serde(deserialize_with = "percentile")]
    pub(super) p50: f64,
    #[serde(deserialize_with = "percentile")]
    pub(super) p90: f64,
    #[serde(deserialize_with = "percentile")]
    pub(super) p99: f64,
    #[serde(deserialize_with = "percentile")]
    pub(super) p99_9: f64,
    #[serde(deserialize_with = "amount")]
    pub(super) max: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Schedule {
    pub(super) dropped: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Correctness {
    pub(super) model: String,
    #[serde(deserialize_with = "verdict")]
    verdict: Verdict,
    #[serde(default)]
    pub(super) lost: Option<Lost>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Lost {
    pub(super) min: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Generator {
    pub(super) threads: u64,
}

impl Run {
    /// The run whose report is in `json`, which was read at `name`.
    ///
    /// # Errors
    /// When it is no report of one run.
    pub fn new(name: String, json: &[u8]) -> Result<Self, NoReport> {
        let kind: Kind = parsed(json)?;
        let told = match kind.schema.as_deref() {
            Some(RUN) => parsed(json)?,
            Some(SPECIMENS) => only(parsed::<Specimens>(json)?.runs)?,
            Some(other) => return Err(NoReport::Schema(shortened(other))),
            None => return Err(NoReport::Schema("none".to_owned())),
        };
        told.hold()?;
        Ok(Self { name, told })
    }

    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.told.correctness.as_ref().map(|correctness| correctness.verdict)
    }

    pub(super) fn version(&self) -> Option<&str> {
        self.told.version.as_deref()
    }

    pub(super) fn mode(&self) -> Option<&str> {
        self.told.target.mode.as_deref()
    }

    pub(super) fn is_partial(&self) -> bool {
        self.told.partial.is_some()
    }
}

impl Told {
    /// What no type says.
    fn hold(&self) -> Result<(), NoReport> {
        let Requests { sent, ok } = self.requests;
        if ok > sent {
            let text =
                format!("requests.ok: expected at most the {sent} of requests.sent, not {ok}");
            return Err(NoReport::Wrong(text));
        }
        if !self.plan.is_object() {
            return Err(NoReport::Wrong("plan: expected an object".to_owned()));
        }
        Ok(())
    }

    /// Requests that were due, whether they were sent or not.
    pub(super) fn due(&self) -> u64 {
        let dropped = self.schedule.as_ref().map_or(0, |schedule| schedule.dropped);
        self.requests.sent.saturating_add(dropped)
    }
}

fn parsed<'j, T: Deserialize<'j>>(json: &'j [u8]) -> Result<T, NoReport> {
    let mut parser = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(&mut parser).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { String::new() } else { format!("{}: ", shortened(&path)) };
        NoReport::Wrong(format!("{place}{}", error.inner()))
    })?;
    parser.end().map_err(|error| NoReport::Wrong(error.to_string()))?;
    Ok(parsed)
}

fn only(runs: Vec<Told>) -> Result<Told, NoReport> {
    let [run] = <[Told; 1]>::try_from(runs).map_err(|runs| NoReport::Several(runs.len()))?;
    Ok(run)
}

/// Text of somebody else's, where a part of it will do.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn amount<'d, D: Deserializer<'d>>(deserializer: D) -> Result<f64, D::Error> {
    let amount = f64::deserialize(deserializer)?;
    if amount >= 0.0 {
        return Ok(amount);
    }
    Err(D::Error::invalid_value(Unexpected::Float(amount), &"a number that is not negative"))
}

/// A number that is not negative, where there is one.
#[derive(Deserialize)]
struct Amount(#[serde(deserialize_with = "amount")] f64);

fn amount_or_null<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(Option::<Amount>::deserialize(deserializer)?.map(|Amount(amount)| amount))
}

fn percentile<'d, D: Deserializer<'d>>(deserializer: D) -> Result<f64, D::Error> {
    amount_or_null(deserializer).map(|amount| amount.unwrap_or(f64::INFINITY))
}

fn url<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = |_| D::Error::invalid_value(Unexpected::Str(&shortened(&text)), &"a URL");
    Url::parse(&text).map_err(wrong)
}

fn verdict<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Verdict, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_str() {
        "valid" => Ok(Verdict::Valid),
        "invalid" => Ok(Verdict::Invalid),
        "unknown" => Ok(Verdict::Unknown),
        other => {
            Err(D::Error::unknown_variant(&shortened(other), &["valid", "invalid", "unknown"]))
        }
    }
}
