//! Totals, rates and percentiles, as text.

use std::collections::BTreeSet;

use check::history::Outcome;
use check::{Bounds, Operation};
use maud::{Markup, Render, html};

use super::markup::{Outside, heads, of, plain, unit, verdict};
use super::{Distribution, Section};
use crate::judge::Judged;
use crate::report::Pace;
use crate::report::connection_times::ms;
use crate::report::text::serialised_text;
use crate::report::verdict::bounds_text;
use crate::report::{ConsistencySummary, Correctness, Report, Server};
use crate::subject::Provoked;

/// A named group of lines.
struct Group {
    name: &'static str,
    lines: Vec<(String, Markup)>,
}

/// What there is to say about a section in numbers.
pub(super) fn facts(section: &Section<'_>, distribution: Option<&Distribution<'_>>) -> Markup {
    let groups = match (section.report, section.judged) {
        (Some(report), _) => of_report(report),
        (None, Some(judged)) => of_history(judged, distribution),
        (None, None) => Vec::new(),
    };
    html! {
        @if let Some(report) = section.report { (warnings(report)) }
        div.facts {
            @for Group { name, lines } in groups {
                section {
                    h2 { (name) }
                    dl { @for (label, value) in lines { div { dt { (label) } dd { (value) } } } }
                }
            }
        }
    }
}

fn line(label: &str, value: impl Render) -> (String, Markup) {
    (label.to_owned(), value.render())
}

/// A time with its unit, of which the report has so many microseconds.
fn time(path: &str, us: u64) -> Markup {
    html! { (of(path, format!("{:.3}", ms(us)))) (unit("ms")) }
}

fn of_report(report: &Report) -> Vec<Group> {
    let Report { requests, latency_us, plan, .. } = report;
    let mut groups = Vec::new();
    groups.extend(report.correctness.as_ref().map(of_correctness));
    groups.push(Group {
        name: "Requests",
        lines: vec![
            line("Sent", of("requests.sent", requests.sent)),
            line("Ok", of("requests.ok", requests.ok)),
            line("Fail", of("requests.fail", requests.fail)),
            line("Unknown", of("requests.unknown", requests.unknown)),
        ],
    });
    let rate = report.throughput.requests_per_s;
    let rate = rate.map(|rate| of("throughput.requests_per_s", format!("{rate:.1}")));
    let took = of("elapsed_s", format!("{:.3}", report.elapsed_s));
    groups.push(Group {
        name: "Load",
        lines: vec![
            line("Requests/s", rate.unwrap_or_else(none)),
            line("Took", html! { (took) (unit("s")) }),
            line("Concurrency", of("plan.concurrency", plan.concurrency)),
        ],
    });
    if let Some(schedule) = &report.schedule {
        groups.push(of_schedule(schedule));
    }
    if let Some(latency) = latency_us {
        let percentile = |path: &str, us: Option<u64>| {
            us.map_or_else(|| latency.percentile_ms(None).render(), |us| time(path, us))
        };
        groups.push(Group {
            name: "Latency",
            lines: vec![
                line("50 %", percentile("latency_us.p50", latency.p50)),
                line("90 %", percentile("latency_us.p90", latency.p90)),
                line("99 %", percentile("latency_us.p99", latency.p99)),
                line("99.9 %", percentile("latency_us.p99_9", latency.p99_9)),
                line("Longest", time("latency_us.max", latency.max)),
            ],
        });
    }
    groups
}

fn of_schedule(schedule: &Pace) -> Group {
    let Pace { rate_asked, rate_reached, dropped, late_p99_us, .. } = schedule;
    Group {
        name: "Schedule",
        lines: vec![
            line("Requests/s asked", of("schedule.rate_asked", format!("{rate_asked:.1}"))),
            line("Requests/s reached", of("schedule.rate_reached", format!("{rate_reached:.1}"))),
            line("Dropped", of("schedule.dropped", dropped)),
            line("Late, 99 %", time("schedule.late_p99_us", *late_p99_us)),
        ],
    }
}

fn of_correctness(correctness: &Correctness) -> Group {
    let Correctness { models, acknowledged, unknown, before, after, lost, excess, .. } =
        correctness;
    let bounds = |name: &str, bounds: Bounds| match bounds {
        Bounds { min, max } if min == max => of(&format!("correctness.{name}.min"), min),
        Bounds { min, max } => html! {
            (of(&format!("correctness.{name}.min"), min))
            " to "
            (of(&format!("correctness.{name}.max"), max))
        },
    };
    let mut lines = vec![
        line("Model", Outside(models)),
        line("Acknowledged", of("correctness.acknowledged", acknowledged)),
    ];
    lines.extend(
        correctness.read_from.as_ref().map(|source| {
            line("Read from", Outside(&format!("{} by {}", source.url, source.rule)))
        }),
    );
    lines.extend(before.map(|before| line("Before", of("correctness.before", before))));
    lines.extend(after.map(|after| line("After", of("correctness.after", after))));
    lines.extend(lost.map(|lost| line("Lost", bounds("lost", lost))));
    let excess = excess.filter(|excess| excess.max > 0);
    lines.extend(excess.map(|excess| line("Excess", bounds("excess", excess))));
    lines.push(line("Unknown", of("correctness.unknown", unknown)));
    lines.extend(consistency_lines(&correctness.consistency));
    Group { name: "Correctness", lines }
}

fn consistency_lines(all: &[ConsistencySummary]) -> impl Iterator<Item = (String, Markup)> {
    let lines = ConsistencySummary::lines(all).into_iter();
    lines.map(|(label, text)| line(label, Outside(&text)))
}

fn of_history(judged: &Judged, distribution: Option<&Distribution<'_>>) -> Vec<Group> {
    let operations = || judged.history.objects.iter().flat_map(|object| &object.operations);
    let count = |outcome| operations().filter(|one| one.outcome == outcome).count();
    let clients: BTreeSet<_> = operations().map(|operation| operation.client).collect();
    let ended = operations().filter(|operation| operation.outcome == Outcome::Ok);
    let first_ns = operations().map(|operation| operation.call_ns).min().unwrap_or(0);
    let last_ns = ended.map(Operation::completion_ns).max().unwrap_or(first_ns);
    let span_s = std::time::Duration::from_nanos(last_ns.saturating_sub(first_ns)).as_secs_f64();
    let mut groups = vec![
        Group {
            name: "History",
            lines: vec![
                line("Model", Outside(&judged.models())),
                line("Objects", plain(judged.history.objects.len())),
                line("Clients", plain(clients.len())),
                line("Duration", html! { (plain(format!("{span_s:.3}"))) (unit("s")) }),
            ],
        },
        Group {
            name: "Operations",
            lines: vec![
                line("All", plain(judged.operations())),
                line("Ok", plain(count(Outcome::Ok))),
                line("Fail", plain(count(Outcome::Fail))),
                line("Unknown", plain(count(Outcome::Unknown))),
            ],
        },
    ];
    groups[0].lines.extend(consistency_lines(&ConsistencySummary::of_history(judged)));
    if let Some(distribution) = distribution {
        let ms = |us: f64| plain(format!("{:.3}", us / 1000.0));
        let at = |label, us| line(label, html! { (ms(us)) (unit("ms")) });
        groups.push(Group {
            name: "Latency",
            lines: vec![
                at("50 %", distribution.percentile_us(50.0)),
                at("90 %", distribution.percentile_us(90.0)),
                at("99 %", distribution.percentile_us(99.0)),
                at("99.9 %", distribution.percentile_us(99.9)),
                at("Longest", distribution.max_us()),
            ],
        });
    }
    groups
}

/// What else is to be known: an early end, a target that stalled or serialised, and what the server
/// said.
fn warnings(report: &Report) -> Markup {
    let mut lines = Vec::new();
    lines.extend(report.partial.as_ref().map(|reason| format!("The run ended early: {reason}")));
    let ended_at = report.ended_at.as_ref();
    lines.extend(ended_at.map(|ended| format!("The run ended early: {}", ended.text())));
    let stall = report.stall.as_ref();
    lines.extend(stall.map(|stall| format!("The target stalled: {}", stall.headline())));
    lines.extend(stall.iter().flat_map(|stall| stall.lock_lines()));
    let serialised = report.serialised.as_ref().map(serialised_text);
    lines.extend(serialised.map(|text| format!("The target serialised: {text}")));
    lines.extend(report.generator.shown_warning().map(str::to_owned));
    lines.extend(report.error_lines());
    lines.extend(report.answer_lines());
    for finding in report.server.iter().flat_map(|server: &Server| &server.findings) {
        let times =
            if finding.count == 1 { String::new() } else { format!("{} × ", finding.count) };
        let when = match finding.provoked {
            None => "",
            Some(Provoked::HangUp) => " after we hung up",
            Some(Provoked::Stop) => " after our SIGTERM",
        };
        lines.push(format!("The server's output{when}: {times}{}", finding.line));
    }
    html! {
        @if !lines.is_empty() {
            ul.warnings { @for line in lines { li { (Outside(&line)) } } }
        }
    }
}

/// The percentiles, and where their curve is drawn.
pub(super) fn latency(distribution: &Distribution<'_>) -> Markup {
    let percentiles = [50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999];
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let count = distribution.count() as f64;
    // Beyond these, a percentile is the longest time under another name.
    let told = percentiles.into_iter().filter(|share| (100.0 - share) * count >= 100.0);
    let rows = told.map(|share| (share, distribution.percentile_us(share)));
    let rows = rows.chain([(100.0, distribution.max_us())]);
    html! {
        section.latency {
            h2 { "Latency" }
            div.chart {}
            table.percentiles {
                (heads(&[html! { "Of " (plain(distribution.count())) " ok" }, html! { "ms" }]))
                tbody {
                    @for (share, us) in rows {
                        tr {
                            th scope="row" { (share) " %" }
                            td { (plain(format!("{:.3}", us / 1000.0))) }
                        }
                    }
                }
            }
        }
    }
}

/// Several sections side by side.
pub(super) fn comparison(
    sections: &[Section<'_>],
    distributions: &[Option<Distribution<'_>>],
) -> Markup {
    let names =
        ["Run", "Verdict", "Acknowledged", "Lost", "Requests/s"].map(|name| html! { (name) });
    let times = ["50 %", "99 %"].map(|name| html! { (name) (unit("ms")) });
    let columns: Vec<_> = names.into_iter().chain(times).collect();
    let runs = sections.iter().zip(distributions).enumerate();
    html! {
        div.wide {
            table.comparison {
                (heads(&columns))
                tbody {
                    @for (number, (section, distribution)) in runs {
                        (compared(number, section, distribution.as_ref()))
                    }
                }
            }
        }
    }
}

fn compared(
    number: usize,
    section: &Section<'_>,
    distribution: Option<&Distribution<'_>>,
) -> Markup {
    let correctness = section.report.and_then(|report| report.correctness.as_ref());
    let lost = correctness.and_then(|correctness| correctness.lost).map(bounds_text);
    let rate = section.report.and_then(|report| report.throughput.requests_per_s);
    let percentile = |share| {
        let us = distribution.map(|distribution| distribution.percentile_us(share));
        us.map(|us| format!("{:.3}", us / 1000.0))
    };
    let cells = [
        correctness.map(|correctness| correctness.acknowledged.to_string()),
        lost,
        rate.map(|rate| format!("{rate:.1}")),
        percentile(50.0),
        percentile(99.0),
    ];
    let told = section.verdict().map(|(kind, text)| verdict(kind, &text));
    html! {
        tr {
            th scope="row" { a href={ "#run-" (number) } { bdi { (Outside(&section.title)) } } }
            td { (told.unwrap_or_else(none)) }
            @for cell in cells { td { (cell.map_or_else(none, plain)) } }
        }
    }
}

/// Where there is no number.
fn none() -> Markup {
    html! { "–" }
}
