//! What a run came to. The types are the JSON form; `text` and `comparison` show the same values.

mod ab;
mod anomaly;
mod checked;
mod compared;
mod comparison;
mod consistency;
mod correctness;
mod csv;
mod dry_run;
mod ended_at;
mod examples;
mod first_answers;
mod generator;
mod hgrm;
#[cfg(test)]
mod hostile;
mod html;
mod junit;
mod latency;
mod layout;
mod making;
mod markdown;
mod pace;
mod reached;
mod section;
mod series;
mod server;
mod specimen;
mod stall;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod threshold;
mod tls;
mod witness;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::{Serialize, Serializer};
use store::WORKLOADS;
use url::Url;

use crate::escape::bytes;
use crate::exit::Conclusion;
use crate::judge::{Facts, Finding, Judged, Judgement};
use crate::plan::{Plan, Shape};
use crate::record::{Counts, Record, Span, Timing};
use crate::secrets::masked;
use crate::wire::header;

pub(crate) use ab::write_requests;
pub use ab::{TableStyle, write_percentiles, write_table};
pub use anomaly::AnomalySummary;
pub use checked::{AssumedStart, Checked, Unread};
pub use compared::ComparedReports;
pub use comparison::{Compared, Comparison};
pub use consistency::ConsistencySummary;
pub use correctness::{Correctness, HistorySummary};
pub use csv::write_csv;
pub(crate) use dry_run::text as dry_run_text;
pub use ended_at::EndedAt;
pub use examples::ErrorExample;
pub use generator::Generator;
pub use hgrm::write_hgrm;
pub use html::write_page;
pub use junit::write_junit;
pub use latency::{Latency, Part, Parts, Phase, Phases};
pub use layout::{Color, Screen};
pub use making::Making;
pub use markdown::write_markdown;
pub use pace::{Pace, RateSummary, StageSummary};
pub use reached::{AddressSummary, LookupSummary};
pub use section::Section;
pub use series::SecondSummary;
pub use server::Server;
pub use stall::{Completed, Stall};
pub use text::Details;
pub use threshold::ThresholdSummary;
pub use tls::{AgreedSummary, TlsSummary};

pub use crate::judge::{Ended, Serialised};
use layout::{Field, field};

/// The report of one run, in the shape of its JSON form.
#[derive(Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    /// How the report was made.
    #[serde(flatten)]
    pub making: Making,
    /// Where the requests went.
    pub target: TargetSummary,
    /// What was asked for.
    pub plan: PlanSummary,
    /// From the start to the end of the last request, or to when time was up or the run was told to
    /// stop.
    pub elapsed_s: f64,
    /// How long after that requests in flight were waited for.
    pub drain_s: f64,
    /// Why the run ended early; `None` where it did not.
    pub partial: Option<String>,
    /// The anomaly that the run was ended for, where it was to end at the first.
    pub ended_at: Option<EndedAt>,
    /// How the requests ended.
    pub requests: Requests,
    /// The first of each error of `requests.errors`, by its name.
    pub error_examples: BTreeMap<String, ErrorExample>,
    /// Rates.
    pub throughput: Throughput,
    /// How an open loop kept to its times; `None` of a closed one.
    pub schedule: Option<Pace>,
    /// Times of the requests that are ok, from when they were due; `None` without any. Percentiles
    /// rank what was dropped as longer than any.
    pub latency_us: Option<Latency>,
    /// The same from when they were sent, and without what was dropped; `None` of a closed loop, where
    /// that is no difference.
    pub service_us: Option<Latency>,
    /// Times of all others; `None` without any.
    pub latency_failed_us: Option<Latency>,
    /// The parts of `latency_us`, as ab divides it.
    pub parts_us: Option<Parts>,
    /// What came in each second, from the start, the warm-up's seconds among them.
    pub series: Vec<SecondSummary>,
    /// What the figures were to keep to, and whether they did.
    pub thresholds: Vec<ThresholdSummary>,
    /// The phases of a request, each with its percentiles.
    pub phases_us: Phases,
    /// Where connections went, by address; `None` where the client does not tell.
    pub addresses: Option<Vec<AddressSummary>>,
    /// How often the target's name was looked up.
    pub lookups: LookupSummary,
    /// How TLS was agreed on; `None` where it was not spoken, or the client does not tell.
    pub tls: Option<TlsSummary>,
    /// The answers that are ok.
    pub document: Document,
    /// Whether the answers were right; `None` where nothing was judged.
    pub correctness: Option<Correctness>,
    /// That the target served one request at a time; `None` where it did not, or no history says.
    pub serialised: Option<Serialised>,
    /// When the target did nothing for too long; `None` where it never did.
    pub stall: Option<Stall>,
    /// What became of the server; `None` where loadgen did not start it.
    pub server: Option<Server>,
    /// What the load cost this side.
    pub generator: Generator,
    /// What was sent, and the first head of each status that came back.
    #[serde(skip)]
    pub sample: Sample,
    /// The times of each request that was answered, the shortest first; `None` where not all were kept.
    #[serde(skip)]
    pub(crate) timings: Option<Vec<Timing>>,
    /// What was judged, and everything that is not right.
    #[serde(skip)]
    pub(crate) judgement: Judgement,
}

/// Where the requests went.
#[derive(Debug, Serialize)]
pub struct TargetSummary {
    /// The URL; its secrets are masked where it is shown.
    #[serde(serialize_with = "as_masked")]
    pub url: Url,
    /// What the server of specimens served, where the run started it.
    pub workload: Option<&'static str>,
    /// How that was protected.
    pub mode: Option<&'static str>,
}

/// What was asked for.
#[derive(Debug, Serialize)]
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
    /// How long making a connection may take; `None` for as long as the request has.
    pub connect_timeout_s: Option<f64>,
    /// Whether new connections look the target's name up again.
    pub re_resolve: bool,
    /// Whether connections are kept.
    pub keep_alive: bool,
    /// The share of the requests that read.
    pub reads: f64,
    /// Whether the server was started again before the state was read the last time.
    pub restart: bool,
    /// Which client sent the requests.
    pub client: &'static str,
}

/// How the requests ended: `sent` is the sum of `ok`, `fail` and `unknown`.
#[derive(Debug, Serialize)]
pub struct Requests {
    /// Begun, including those that came to nothing, and without the warm-up.
    pub sent: u64,
    /// Begun in the warm-up: judged, and in no other figure.
    pub warm_up: u64,
    /// Answered completely with a 2xx.
    pub ok: u64,
    /// Certainly not applied.
    pub fail: u64,
    /// Applied or not.
    pub unknown: u64,
    /// Complete answers by status.
    pub status: BTreeMap<u16, u64>,
    /// The beginning of the content of the first answer of each status, its secrets masked.
    pub first_answers: BTreeMap<u16, String>,
    /// Requests without a complete answer, by what happened instead.
    pub errors: BTreeMap<String, u64>,
    /// The same in ab's groups.
    pub error_groups: ErrorGroups,
    /// Complete answers after which the connection could be used again.
    pub kept_alive: u64,
    /// Connections on which something came that nobody had asked for.
    pub unasked: u64,
    /// Complete answers over such connections that may belong to other requests.
    pub doubtful: u64,
}

/// Requests without a complete answer, each in one of ab's groups.
#[derive(Debug, Serialize)]
pub struct ErrorGroups {
    /// No connection, or none that took a byte.
    pub connect: u64,
    /// The connection failed or was closed too early.
    pub receive: u64,
    /// A length that differs is no failure: always 0.
    pub length: u64,
    /// Timeouts and illegal answers.
    pub exceptions: u64,
}

/// Rates and amounts. Rates are of what was over while the run lasted, amounts of all.
#[derive(Debug, Serialize)]
pub struct Throughput {
    /// Of requests that are ok; `None` where not one is.
    pub requests_per_s: Option<f64>,
    /// Of complete answers, heads included.
    pub bytes_read_per_s: f64,
    /// Of requests, heads included.
    pub bytes_written_per_s: f64,
    /// Complete answers, heads included.
    pub bytes_read: u64,
    /// Their content.
    pub body_bytes_read: u64,
    /// Requests, heads included.
    pub bytes_written: u64,
    /// Their content.
    pub body_bytes_written: u64,
}

/// What the answers that are ok looked like.
#[derive(Debug, Serialize)]
pub struct Document {
    /// The Server header of the first answer with the lowest status.
    pub server_software: Option<String>,
    /// The length of the first content.
    pub bytes: Option<u64>,
    /// Whether others differed.
    pub varies: bool,
}

/// One request and its answers, for whoever wants to see them.
#[derive(Debug)]
pub struct Sample {
    /// The bytes of the request.
    pub request: String,
    /// The first head of each status.
    pub heads: BTreeMap<u16, String>,
}

impl Sample {
    /// The request and the heads for a person to read, their secrets masked.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("Request:\n{}\n", masked(&self.request));
        for (status, head) in &self.heads {
            let _ = write!(text, "First answer with status {status}:\n{}\n", masked(head));
        }
        text
    }
}

impl Report {
    pub(crate) fn new(plan: &Plan, facts: Facts, judgement: Judgement) -> Self {
        let ended = facts.ended();
        let Facts { url, request, mut record, span, usage, server, stalled, source, .. } = facts;
        let (counts, latency) = (record.counts(), record.latency());
        let judged = judgement.judged.as_ref();
        let correctness = judgement.correctness.as_ref();
        Self {
            schema: "loadgen/report/1",
            making: Making::begun(usage.started_at),
            error_examples: examples::examples(plan, &url, &record),
            target: TargetSummary::new(plan, url),
            plan: PlanSummary::new(plan),
            elapsed_s: span.elapsed.as_secs_f64(),
            drain_s: span.drain.as_secs_f64(),
            partial: judgement.early_end().map(masked),
            ended_at: judgement.ended_at.as_ref().map(|proof| EndedAt::new(plan, proof)),
            throughput: Throughput::new(&counts, span),
            schedule: Pace::new(&plan.load, &record, span),
            latency_us: Latency::new(&latency.total, record.dropped()),
            service_us: record.pace.as_ref().and_then(|pace| Latency::new(&pace.service, 0)),
            latency_failed_us: Latency::new(&latency.failed, 0),
            parts_us: Parts::new(&latency),
            series: SecondSummary::all(record.series.seconds()),
            thresholds: judgement.thresholds.iter().map(ThresholdSummary::new).collect(),
            phases_us: Phases::new(&latency, &record.reached),
            addresses: reached::addresses(plan, &record),
            lookups: LookupSummary::new(&record),
            tls: TlsSummary::new(&record),
            document: Document::new(&record, &counts),
            correctness: correctness.map(|one| Correctness::new(one, judged, source)),
            serialised: judgement.serialised,
            stall: stalled.map(|stalled| Stall::new(stalled, judgement.ended_by_stall, judged)),
            server: server.map(|(end, _)| Server::new(end, ended, judgement.said.clone())),
            generator: Generator::new(&plan.load, usage, &record.threads),
            sample: Sample::new(&record, request),
            requests: Requests::new(counts, &record),
            timings: record.take_timings(),
            judgement,
        }
    }

    /// The history and its verdicts; `None` where no history was kept.
    #[must_use]
    pub fn judged(&self) -> Option<&Judged> {
        self.judgement.judged.as_ref()
    }

    /// Everything that is not right.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.judgement.findings
    }

    /// The exit code that follows, and why.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        Conclusion::of(self.findings(), self.correctness.as_ref().map(text::headline))
    }
}

impl TargetSummary {
    fn new(plan: &Plan, url: Url) -> Self {
        Self {
            url,
            workload: plan.specimen.map(|specimen| specimen.workload),
            mode: plan.specimen.map(|specimen| specimen.mode),
        }
    }

    /// What was served, where the run started it.
    fn specimen_fields(&self) -> Vec<Field> {
        // That it was a counter goes without saying: it is what runs without being named.
        let workload = self.workload.filter(|name| *name != WORKLOADS[0].name);
        let workload = workload.map(|workload| field("Server Workload:", workload));
        let mode = self.mode.map(|mode| field("Server Mode:", mode));
        workload.into_iter().chain(mode).collect()
    }
}

impl PlanSummary {
    fn new(plan: &Plan) -> Self {
        let rates = RateSummary::new(&plan.load.shape);
        let ramp_up = match plan.load.shape {
            Shape::Closed { ramp_up } => ramp_up,
            Shape::Open { .. } => Duration::ZERO,
        };
        Self {
            method: plan.scenario.update().call.method.to_string(),
            requests: plan.load.requests,
            concurrency: plan.load.concurrency,
            rate: rates.as_ref().and_then(|rates| rates.rate),
            rates,
            ramp_up_s: ramp_up.as_secs_f64(),
            duration_s: plan.load.duration.map(|duration| duration.as_secs_f64()),
            warm_up_requests: plan.load.warm_up.requests(),
            warm_up_s: plan.load.warm_up.time().as_secs_f64(),
            timeout_s: plan.load.timeout.as_secs_f64(),
            connect_timeout_s: plan.load.connecting.timeout.map(|time| time.as_secs_f64()),
            re_resolve: plan.load.connecting.re_resolves,
            keep_alive: plan.load.keep_alive,
            reads: plan.scenario.reads(),
            restart: plan.subject.restarts(),
            client: plan.load.client.name(),
        }
    }
}

impl Requests {
    fn new(counts: Counts, record: &Record) -> Self {
        let Counts { outcomes, statuses, failures, failure_kinds, kept_alive, doubtful, .. } =
            counts;
        Self {
            sent: outcomes.sum(),
            warm_up: record.warmed_up(),
            ok: outcomes.ok,
            fail: outcomes.fail,
            unknown: outcomes.unknown,
            status: statuses.iter().collect(),
            first_answers: first_answers::first_answers(record),
            errors: failures,
            error_groups: ErrorGroups {
                connect: failure_kinds.connect,
                receive: failure_kinds.receive,
                length: 0,
                exceptions: failure_kinds.exceptions,
            },
            kept_alive,
            unasked: record.unasked,
            doubtful: doubtful.sum(),
        }
    }

    /// Complete answers, whatever their status.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.status.values().sum()
    }

    /// Complete answers that are not a success.
    #[must_use]
    pub fn non_2xx(&self) -> u64 {
        self.answered() - self.ok
    }
}

impl Throughput {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn new(counts: &Counts, span: Span) -> Self {
        let Counts { outcomes, within, traffic, .. } = counts;
        let elapsed_s = span.elapsed.as_secs_f64();
        let per_s = |count: u64| if elapsed_s > 0.0 { count as f64 / elapsed_s } else { 0.0 };
        Self {
            requests_per_s: (outcomes.ok > 0).then(|| per_s(within.ok)),
            bytes_read_per_s: per_s(within.bytes_read),
            bytes_written_per_s: per_s(within.bytes_written),
            bytes_read: traffic.bytes_read,
            body_bytes_read: traffic.body_bytes_read,
            bytes_written: traffic.bytes_written,
            body_bytes_written: traffic.body_bytes_written,
        }
    }
}

impl Document {
    fn new(record: &Record, counts: &Counts) -> Self {
        let head = record.first_answers.iter().next().map(|(_, first)| &first.head);
        Self {
            server_software: head.and_then(|head| header(head, "server")),
            bytes: counts.document.map(|document| document.bytes),
            varies: counts.document.is_some_and(|document| document.varies),
        }
    }
}

impl Sample {
    fn new(record: &Record, request: String) -> Self {
        let heads = record.first_answers.iter();
        Self { request, heads: heads.map(|(status, first)| (status, bytes(&first.head))).collect() }
    }
}

fn as_masked<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&masked(url.as_str()))
}
