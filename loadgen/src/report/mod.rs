//! What a run came to. The types are the JSON form; `text` and `comparison` show the same values.

mod ab;
mod anomaly;
mod asked;
mod checked;
mod compared;
mod comparison;
mod connection_times;
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
mod kinds;
mod latency;
mod layout;
mod making;
mod markdown;
mod pace;
mod reached;
mod repeated;
mod requests;
mod sample;
mod section;
mod series;
mod server;
mod specimen;
mod stall;
mod steps;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod threshold;
mod throughput;
mod tls;
mod verdict;
mod witness;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::Conclusion;
use crate::judge::{Facts, Finding, Judged, Judgement};
use crate::plan::Plan;
use crate::record::Timing;
use crate::secrets::masked;
use kinds::States;

pub(crate) use ab::write_requests;
pub use ab::{TableStyle, write_percentiles, write_table};
pub use anomaly::AnomalySummary;
pub use asked::{PlanSummary, TargetSummary};
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
pub use kinds::KindSummary;
pub use latency::{Latency, Part, Parts, Phase, Phases};
pub use layout::{Color, Screen};
pub use making::Making;
pub use markdown::write_markdown;
pub use pace::{Pace, RateSummary, StageSummary};
pub use reached::{AddressSummary, LookupSummary};
pub use repeated::Repeated;
pub use requests::{ErrorGroups, Requests};
pub use sample::Sample;
pub use section::Section;
pub use series::{SecondSummary, StepSecondSummary};
pub use server::Server;
pub use stall::{Completed, Stall};
pub use steps::{Rounds, StepSummary};
pub use text::Details;
pub use threshold::ThresholdSummary;
pub use throughput::{Document, Throughput};
pub use tls::{AgreedSummary, TlsSummary};

pub use crate::judge::{Ended, Serialised};

/// The report of one run, in the shape of its JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    #[schemars(extend("const" = "loadgen/report/1"))]
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
    /// How many rounds of a flow there were; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rounds: Option<Rounds>,
    /// What came of each step, where there are several with names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepSummary>,
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

impl Report {
    pub(crate) fn new(plan: &Plan, facts: Facts, judgement: Judgement) -> Self {
        let ended = facts.ended();
        let Facts { url, request, mut record, span, usage, server, stalled, .. } = facts;
        let judged_as = plan.reads.iter().map(|read| read.how.judged);
        let sources: Vec<_> = judged_as.zip(facts.sources).collect();
        let after = facts.after.as_ref().and_then(|after| after.last().state.as_ref().ok());
        let states = States {
            sources: &sources,
            before: facts.before.as_ref().map(|before| &before.state),
            after,
        };
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
            schedule: Pace::new(plan, &record, span),
            latency_us: Latency::new(&latency.total, record.dropped()),
            service_us: record.pace.as_ref().and_then(|pace| Latency::new(&pace.service, 0)),
            latency_failed_us: Latency::new(&latency.failed, 0),
            parts_us: Parts::new(&latency),
            series: SecondSummary::all(record.series.seconds(), &plan.scenario.kind_names()),
            rounds: Rounds::of(plan, &record),
            steps: StepSummary::all(plan, &record),
            thresholds: judgement.thresholds.iter().map(ThresholdSummary::new).collect(),
            phases_us: Phases::new(&latency, &record.reached),
            addresses: reached::addresses(plan, &record),
            lookups: LookupSummary::new(&record),
            tls: TlsSummary::new(&record),
            document: Document::new(&record, &counts),
            correctness: correctness.map(|one| Correctness::new(one, judged, &states)),
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
        Conclusion::of(self.findings(), self.correctness.as_ref().map(verdict::headline))
    }
}
