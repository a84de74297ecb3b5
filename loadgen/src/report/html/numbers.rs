//! Totals, rates and percentiles, as text.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{self, Write};

use check::history::Outcome;
use check::{Bounds, Operation};

use super::markup::{Escaped, Grouped, of, verdict};
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
    lines: Vec<(String, String)>,
}

/// What there is to say about a section in numbers.
pub(super) fn write_facts(
    section: &Section<'_>,
    distribution: Option<&Distribution<'_>>,
    page: &mut impl Write,
) -> io::Result<()> {
    let groups = match (section.report, section.judged) {
        (Some(report), _) => {
            write_warnings(report, page)?;
            of_report(report)
        }
        (None, Some(judged)) => of_history(judged, distribution),
        (None, None) => Vec::new(),
    };
    writeln!(page, "<div class=\"facts\">")?;
    for Group { name, lines } in groups {
        write!(page, "<section><h2>{name}</h2><dl>")?;
        for (label, value) in lines {
            write!(page, "<div><dt>{label}</dt><dd>{value}</dd></div>")?;
        }
        writeln!(page, "</dl></section>")?;
    }
    writeln!(page, "</div>")
}

fn line(label: &str, value: impl Display) -> (String, String) {
    (label.to_owned(), value.to_string())
}

fn plain(value: impl Display) -> String {
    format!("<span class=\"n\">{}</span>", Grouped(value.to_string()))
}

/// A time with its unit, of which the report has so many microseconds.
fn time(path: &str, us: u64) -> String {
    of(path, format!("{:.3}", ms(us))) + UNIT_MS
}

const UNIT_MS: &str = " <span class=\"unit\">ms</span>";
const UNIT_S: &str = " <span class=\"unit\">s</span>";

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
    let rate =
        rate.map_or("–".to_owned(), |rate| of("throughput.requests_per_s", format!("{rate:.1}")));
    groups.push(Group {
        name: "Load",
        lines: vec![
            line("Requests/s", rate),
            line("Took", of("elapsed_s", format!("{:.3}", report.elapsed_s)) + UNIT_S),
            line("Concurrency", of("plan.concurrency", plan.concurrency)),
        ],
    });
    if let Some(schedule) = &report.schedule {
        groups.push(of_schedule(schedule));
    }
    if let Some(latency) = latency_us {
        let percentile = |path: &str, us: Option<u64>| {
            us.map_or_else(
                || Escaped(&latency.percentile_ms(None)).to_string(),
                |us| time(path, us),
            )
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
        Bounds { min, max } => format!(
            "{} to {}",
            of(&format!("correctness.{name}.min"), min),
            of(&format!("correctness.{name}.max"), max)
        ),
    };
    let mut lines = vec![
        line("Model", Escaped(models)),
        line("Acknowledged", of("correctness.acknowledged", acknowledged)),
    ];
    lines.extend(
        correctness.read_from.as_ref().map(|source| {
            line("Read from", Escaped(&format!("{} by {}", source.url, source.rule)))
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

fn consistency_lines(all: &[ConsistencySummary]) -> impl Iterator<Item = (String, String)> {
    let lines = ConsistencySummary::lines(all).into_iter();
    lines.map(|(label, text)| line(label, Escaped(&text)))
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
                line("Model", Escaped(&judged.models())),
                line("Objects", plain(judged.history.objects.len())),
                line("Clients", plain(clients.len())),
                line("Duration", plain(format!("{span_s:.3}")) + UNIT_S),
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
        let at = |label, us: f64| line(label, plain(format!("{:.3}", us / 1000.0)) + UNIT_MS);
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
fn write_warnings(report: &Report, page: &mut impl Write) -> io::Result<()> {
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
    if lines.is_empty() {
        return Ok(());
    }
    write!(page, "<ul class=\"warnings\">")?;
    for line in lines {
        write!(page, "<li>{}</li>", Escaped(&line))?;
    }
    writeln!(page, "</ul>")
}

/// The percentiles, and where their curve is drawn.
pub(super) fn write_latency(
    distribution: &Distribution<'_>,
    page: &mut impl Write,
) -> io::Result<()> {
    let percentiles = [50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999];
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let count = distribution.count() as f64;
    writeln!(page, "<section class=\"latency\"><h2>Latency</h2>\n<div class=\"chart\"></div>")?;
    write!(
        page,
        "<table class=\"percentiles\"><thead><tr><th scope=\"col\">Of {} ok</th>\
         <th scope=\"col\">ms</th></tr></thead><tbody>",
        plain(distribution.count())
    )?;
    let mut row = |share: f64, us: f64| {
        let ms = plain(format!("{:.3}", us / 1000.0));
        write!(page, "<tr><th scope=\"row\">{share} %</th><td>{ms}</td></tr>")
    };
    // Beyond these, a percentile is the longest time under another name.
    for share in percentiles.into_iter().filter(|share| (100.0 - share) * count >= 100.0) {
        row(share, distribution.percentile_us(share))?;
    }
    row(100.0, distribution.max_us())?;
    writeln!(page, "</tbody></table></section>")
}

/// Several sections side by side.
pub(super) fn write_comparison(
    sections: &[Section<'_>],
    distributions: &[Option<Distribution<'_>>],
    page: &mut impl Write,
) -> io::Result<()> {
    writeln!(
        page,
        "<div class=\"wide\"><table class=\"comparison\"><thead><tr>\
         <th scope=\"col\">Run</th><th scope=\"col\">Verdict</th>\
         <th scope=\"col\">Acknowledged</th><th scope=\"col\">Lost</th>\
         <th scope=\"col\">Requests/s</th><th scope=\"col\">50 % <span class=\"unit\">ms</span></th>\
         <th scope=\"col\">99 % <span class=\"unit\">ms</span></th></tr></thead><tbody>"
    )?;
    for (number, (section, distribution)) in sections.iter().zip(distributions).enumerate() {
        let correctness = section.report.and_then(|report| report.correctness.as_ref());
        let lost = correctness.and_then(|correctness| correctness.lost).map(bounds_text);
        let rate = section.report.and_then(|report| report.throughput.requests_per_s);
        let percentile = |share| {
            let us = distribution.as_ref().map(|distribution| distribution.percentile_us(share));
            us.map(|us| format!("{:.3}", us / 1000.0))
        };
        let cells = [
            correctness.map(|correctness| correctness.acknowledged.to_string()),
            lost,
            rate.map(|rate| format!("{rate:.1}")),
            percentile(50.0),
            percentile(99.0),
        ];
        let verdict =
            section.verdict().map_or("–".to_owned(), |(kind, text)| verdict(kind, &text));
        write!(
            page,
            "<tr><th scope=\"row\"><a href=\"#run-{number}\"><bdi>{}</bdi></a></th><td>{verdict}</td>",
            Escaped(&section.title)
        )?;
        for cell in cells {
            write!(page, "<td>{}</td>", cell.map_or("–".to_owned(), plain))?;
        }
        writeln!(page, "</tr>")?;
    }
    writeln!(page, "</tbody></table></div>")
}
