//! The report as Markdown, as CI shows it for a job: the verdict, the figures, and the requests that prove
//! an error.
//!
//! What comes from outside is text, in whatever dialect: it makes no heading, row, link or fence.

use std::io::{self, Write};

use check::Verdict;

use super::layout::{Field, Screen};
use super::text::text_of;
use super::{Section, Stall, witness};
use crate::escape::{fenced, markdown};
use crate::judge::Severity;

/// Writes what there is of each of `sections`, below a table of them where there are several, and what is
/// `missing`.
///
/// # Errors
/// When `file` cannot be written.
pub fn write_markdown(
    sections: &[Section<'_>],
    missing: Option<&str>,
    file: &mut dyn Write,
) -> io::Result<()> {
    writeln!(file, "## loadgen\n")?;
    if let Some(missing) = missing {
        writeln!(file, "✗ **Missing:** {}\n", markdown(missing))?;
    }
    if sections.len() > 1 {
        write_overview(sections, file)?;
    }
    for section in sections {
        write_section(section, file)?;
    }
    let command = sections.iter().find_map(|section| section.report?.making.command.as_ref());
    match command {
        Some(command) => write!(file, "Command:\n\n{}", fenced(command)),
        None => Ok(()),
    }
}

/// A row for each run.
fn write_overview(sections: &[Section<'_>], file: &mut dyn Write) -> io::Result<()> {
    writeln!(file, "| run | verdict | requests/s | p50 ms | p99 ms | max ms |")?;
    writeln!(file, "| --- | --- | ---: | ---: | ---: | ---: |")?;
    for section in sections {
        let rate = section.report.and_then(|report| report.throughput.requests_per_s);
        let latency = section.report.and_then(|report| report.latency_us.as_ref());
        let of = |us: fn(&super::Latency) -> Option<u64>| {
            latency.map_or_else(String::new, |latency| latency.percentile_ms(us(latency)))
        };
        writeln!(
            file,
            "| {} | {} | {} | {} | {} | {} |",
            markdown(&section.title),
            headline(section),
            rate.map_or_else(String::new, |rate| format!("{rate:.0}")),
            markdown(&of(|latency| latency.p50)),
            markdown(&of(|latency| latency.p99)),
            markdown(&of(|latency| Some(latency.max))),
        )?;
    }
    writeln!(file)
}

fn write_section(section: &Section<'_>, file: &mut dyn Write) -> io::Result<()> {
    writeln!(file, "### Run: {}\n", markdown(&section.title))?;
    writeln!(file, "{}\n", headline(section))?;
    let fields = fields(section);
    if !fields.is_empty() {
        writeln!(file, "| | |\n| --- | --- |")?;
        for Field { label, value, .. } in fields {
            let label = label.trim().trim_end_matches(':');
            writeln!(file, "| {} | {} |", markdown(label), markdown(&value))?;
        }
        writeln!(file)?;
    }
    let findings = section.findings();
    let findings = findings.iter().filter(|finding| finding.severity > Severity::Note);
    let findings: Vec<_> = findings.collect();
    for finding in findings.iter().take(MOST_FINDINGS) {
        writeln!(file, "- Found: {}", markdown(&finding.text))?;
    }
    if findings.len() > MOST_FINDINGS {
        writeln!(file, "- Found: {} more", findings.len() - MOST_FINDINGS)?;
    }
    if !findings.is_empty() {
        writeln!(file)?;
    }
    let blocks = section.judged.map(|judged| witness::blocks(judged, Screen::default()));
    let blocks = blocks.filter(|blocks| !blocks.is_empty());
    blocks.map_or(Ok(()), |blocks| writeln!(file, "{}", fenced(&text_of(blocks))))
}

/// A summary is read by people, and its size is limited (1 MiB on GitHub).
const MOST_FINDINGS: usize = 20;

/// The verdict with its sign, and what was expected of a specimen.
fn headline(section: &Section<'_>) -> String {
    let verdict = match section.verdict() {
        None => "nothing was judged".to_owned(),
        Some((verdict, text)) => {
            let sign = match verdict {
                Verdict::Valid => "✓",
                Verdict::Invalid => "✗",
                Verdict::Unknown => "?",
            };
            format!("{sign} **{}**", markdown(text.trim()))
        }
    };
    match &section.expected {
        None => verdict,
        Some(expected) if expected.is_met => verdict + " (as expected)",
        Some(_) => verdict + " (NOT as expected)",
    }
}

/// What the text has in its columns.
fn fields(section: &Section<'_>) -> Vec<Field> {
    let Some(report) = section.report else { return Vec::new() };
    let mut fields = report.measured_fields();
    fields.extend(report.latency_fields());
    fields.extend(report.stall.as_ref().map(Stall::field));
    fields.extend(report.end_fields());
    fields.extend(report.correctness_fields());
    fields
}

#[cfg(test)]
mod tests;
