//! The report as text: ab's blocks, names and order, then a block about correctness.

use std::fmt;

use super::connection_times::{connection_times, ms, percentile_table};
use super::layout::{Field, Screen, Tone, field, lines, wrap};
use super::{
    EndedAt, Pace, Report, Requests, Rounds, Serialised, Server, ThresholdSummary, TlsSummary,
    reached, steps,
};
use crate::secrets::masked_path;
use crate::wire::is_success;

/// What of the report is shown: ab's `-d`, `-S` and `-l`.
#[derive(Debug, Clone, Copy)]
pub struct Details {
    /// The table of percentiles.
    pub percentiles: bool,
    /// Medians and standard deviations in the table of connection times.
    pub deviations: bool,
    /// Whether the document's length is shown as a number if it did not vary.
    pub document_length: bool,
    /// Where it is shown.
    pub screen: Screen,
}

/// All of it, and plain.
impl Default for Details {
    fn default() -> Self {
        let screen = Screen::default();
        Self { percentiles: true, deviations: true, document_length: true, screen }
    }
}

/// The whole report, as it is printed to a file.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Details::default()))
    }
}

impl Report {
    /// The whole report, line by line: what was measured, what was found, and the verdict at last.
    #[must_use]
    pub fn text(&self, details: Details) -> String {
        let screen = details.screen;
        let mut blocks = vec![
            wrap(&format!("Benchmarking {} (be patient)", self.host()), screen.at_most(usize::MAX)),
            lines(self.server_fields(), screen),
            lines(self.document_fields(details), screen),
            lines(self.measured_fields(), screen),
        ];
        blocks.push(steps::table(&self.steps, screen));
        if let Some(parts) = &self.parts_us {
            blocks.push(connection_times(parts, details));
        }
        if let Some(latency) = self.latency_us.as_ref().filter(|_| details.percentiles) {
            blocks.push(percentile_table(latency, self.service_us.as_ref(), screen));
        }
        blocks.push(lines(self.making.fields(), screen));
        blocks.extend(self.witnesses(screen));
        blocks.extend(self.stall.as_ref().map(|stall| lines(stall.fields(), screen)));
        blocks.push(lines(self.end_fields(), screen));
        blocks.push(lines(self.correctness_fields(), screen));
        text_of(blocks)
    }

    /// A parsed URL has no host that a terminal would obey.
    fn host(&self) -> &str {
        self.target.url.host_str().unwrap_or_default()
    }

    fn server_fields(&self) -> Vec<Field> {
        let port = self.target.url.port_or_known_default();
        let mut fields = vec![
            field("Server Software:", self.document.server_software.as_deref().unwrap_or_default()),
            field("Server Hostname:", self.host()),
            field("Server Port:", port.unwrap_or_default()),
        ];
        fields.extend(self.plan.proxy.iter().map(|proxy| field("Proxy:", proxy)));
        fields.extend(self.tls.iter().flat_map(TlsSummary::fields));
        fields.extend(self.target.specimen_fields());
        fields
    }

    fn document_fields(&self, details: Details) -> Vec<Field> {
        let length = match self.document.bytes {
            Some(bytes) if details.document_length && !self.document.varies => {
                format!("{bytes} bytes")
            }
            _ => "Variable".to_owned(),
        };
        vec![
            field("Document Path:", masked_path(&self.target.url)),
            field("Document Length:", length),
        ]
    }

    /// Counts, amounts and rates; no rate is claimed where not one request is ok.
    pub(super) fn measured_fields(&self) -> Vec<Field> {
        let Requests { error_groups: groups, .. } = &self.requests;
        let answered = self.requests.answered();
        let failed = self.requests.sent - answered;
        let mut fields = vec![
            field("Concurrency Level:", self.plan.concurrency),
            field("Time taken for tests:", format!("{:.3} seconds", self.elapsed_s)),
        ];
        fields.extend(self.schedule.iter().flat_map(Pace::fields));
        fields.extend(self.generator.field());
        if self.drain_s >= LEAST_DRAIN_S {
            fields.push(field("Drain:", format!("{:.3} seconds", self.drain_s)));
        }
        if self.requests.warm_up > 0 {
            let value = format!("{} (counted only in the verdict)", self.requests.warm_up);
            fields.push(field("Warm-up requests:", value));
        }
        fields.extend(self.rounds.iter().flat_map(Rounds::fields));
        fields.push(field("Complete requests:", answered));
        if self.plan.follow > 0 {
            let value = format!("{} (sent as separate requests)", self.requests.followed);
            fields.push(field("Followed redirects:", value));
        }
        fields.push(field("Failed requests:", failed));
        if failed > 0 {
            let groups = format!(
                "(Connect: {}, Receive: {}, Length: {}, Exceptions: {})",
                groups.connect, groups.receive, groups.length, groups.exceptions
            );
            fields.push(field("", groups));
        }
        fields.extend(self.error_lines().map(|line| field("", line)));
        if self.requests.unasked > 0 {
            let Requests { unasked, doubtful, .. } = self.requests;
            let plural = if unasked == 1 { "" } else { "s" };
            let answers = if doubtful == 1 { "answer" } else { "answers" };
            let value = format!("on {unasked} connection{plural}; {doubtful} {answers} in doubt");
            fields.push(field("Unasked answers:", value));
        }
        if self.requests.unconfirmed > 0 {
            let value = format!(
                "{} (2xx, but not as --expect or --answers say)",
                self.requests.unconfirmed
            );
            fields.push(field("Unconfirmed answers:", value));
        }
        if self.requests.non_2xx() > 0 {
            let statuses = self.requests.status.iter();
            let others: Vec<_> = statuses
                .filter(|(status, _)| !is_success(**status))
                .map(|(status, count)| format!("{status}: {count}"))
                .collect();
            let value = format!("{} ({})", self.requests.non_2xx(), others.join(", "));
            fields.push(field("Non-2xx responses:", value));
            fields.extend(self.answer_lines().map(|line| field("", line)));
        }
        if self.plan.keep_alive {
            fields.push(field("Keep-Alive requests:", self.requests.kept_alive));
        }
        let addresses = self.addresses.as_deref().unwrap_or_default();
        fields.extend(reached::fields(addresses, &self.lookups, self.plan.re_resolve));
        fields.extend(self.amount_fields());
        fields.extend(self.rate_fields());
        fields.extend(ThresholdSummary::fields(&self.thresholds));
        let serialised = self.serialised.as_ref().map(serialised_text);
        fields.extend(serialised.map(|text| field("Serialised:", text)));
        fields
    }

    /// The latencies in short.
    pub(super) fn latency_fields(&self) -> Vec<Field> {
        let Some(latency) = &self.latency_us else { return Vec::new() };
        let fields = [
            ("Latency p50:", latency.p50),
            ("Latency p90:", latency.p90),
            ("Latency p99:", latency.p99),
            ("Latency max:", Some(latency.max)),
        ];
        let field = |(label, us)| field(label, format!("{} [ms]", latency.percentile_ms(us)));
        fields.into_iter().map(field).collect()
    }

    fn amount_fields(&self) -> Vec<Field> {
        let throughput = &self.throughput;
        let bytes = |count: u64| format!("{count} bytes");
        let mut fields = vec![field("Total transferred:", bytes(throughput.bytes_read))];
        if throughput.body_bytes_written > 0 {
            fields.push(field("Total body sent:", bytes(throughput.bytes_written)));
        }
        fields.push(field("HTML transferred:", bytes(throughput.body_bytes_read)));
        fields
    }

    /// As every other time, the time per request is of successes alone: how long one took, and that
    /// divided among all that are under way at once.
    #[expect(clippy::cast_precision_loss, reason = "a concurrency is far below 2^52")]
    fn rate_fields(&self) -> Vec<Field> {
        let Some(rate) = self.throughput.requests_per_s else { return Vec::new() };
        let per_second = field("Requests per second:", format!("{rate:.2} [#/sec] (mean)"));
        // Of a rate of 0, all were answered in the drain.
        let Some(latency) = self.latency_us.as_ref().filter(|_| rate > 0.0) else {
            return vec![per_second];
        };
        let each_ms = latency.mean / 1000.0;
        let mut fields =
            vec![per_second, field("Time per request:", format!("{each_ms:.3} [ms] (mean)"))];
        // In an open loop a concurrency is a bound, and not what was under way.
        if self.schedule.is_none() {
            let all_ms = each_ms / self.plan.concurrency as f64;
            let value = format!("{all_ms:.3} [ms] (mean, across all concurrent requests)");
            fields.push(field("Time per request:", value));
        }
        let kilobytes_per_s = self.throughput.bytes_read_per_s / 1024.0;
        let value = format!("{kilobytes_per_s:.2} [Kbytes/sec] received");
        fields.push(field("Transfer rate:", value));
        fields
    }

    /// What else ended the run early, and the server where it is the user's or ended by itself.
    pub(super) fn end_fields(&self) -> Vec<Field> {
        let died = self.server.as_ref().is_some_and(Server::died);
        let mut fields = Vec::new();
        if let (Some(reason), false) = (&self.partial, died) {
            fields.push(field("Partial run:", reason).toned(Tone::Bad));
        }
        fields.extend(self.ended_at.as_ref().map(EndedAt::field));
        let is_ours = self.target.mode.is_some();
        if let Some(server) = self.server.as_ref().filter(|_| died || !is_ours) {
            fields.extend(server.fields());
        }
        fields
    }
}

/// A shorter drain is not worth a line.
const LEAST_DRAIN_S: f64 = 0.001;

/// That the target served one request at a time, in a line.
pub(super) fn serialised_text(serialised: &Serialised) -> String {
    let Serialised { service_time_us, requests_per_s } = serialised;
    let service_ms = ms(*service_time_us);
    format!(
        "one request at a time: {requests_per_s:.1} requests/s, 1 / {service_ms:.2} ms, \
         whatever the concurrency"
    )
}

/// Blocks, with an empty line between them.
pub(super) fn text_of(mut blocks: Vec<Vec<String>>) -> String {
    blocks.retain(|block| !block.is_empty());
    let blocks: Vec<_> = blocks.iter().map(|block| block.join("\n") + "\n").collect();
    blocks.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_is_told_with_its_rate() {
        let serialised = Serialised { service_time_us: 5020, requests_per_s: 199.18 };
        assert_eq!(
            serialised_text(&serialised),
            "one request at a time: 199.2 requests/s, 1 / 5.02 ms, whatever the concurrency"
        );
    }
}
