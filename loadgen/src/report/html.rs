//! The page: a report and its history in one HTML file that needs nothing else.
//!
//! What a reader must know stands in it as text: verdicts, numbers, and the operations that prove
//! an anomaly. The script only draws. Operations go into the page column by column, so that there
//! is never a second copy of a history in memory.

mod columns;
mod data;
mod distribution;
mod markup;
mod numbers;
mod proofs;
mod seconds;
mod steps;

use std::io::{self, Write};

use maud::{Markup, html};

use super::{Making, Report, Section};
use crate::secrets::masked;
use distribution::Distribution;
pub(super) use markup::Outside;
use markup::OutsideLines;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
/// By subject, in this order.
const SCRIPTS: [&str; 7] = [
    include_str!("html/data.js"),
    include_str!("html/charts.js"),
    include_str!("html/time.js"),
    include_str!("html/proof.js"),
    include_str!("html/canvas.js"),
    include_str!("html/timeline.js"),
    include_str!("html/page.js"),
];

/// Writes a page about `sections`, in their order.
///
/// # Errors
/// When `page` cannot be written.
pub fn write_page(sections: &[Section<'_>], page: &mut impl Write) -> io::Result<()> {
    for piece in PAGE.split_inclusive('\n') {
        match piece.trim() {
            "{{title}}" => write_markup(&html! { title { (Outside(&title(sections))) } }, page)?,
            "{{style}}" => page.write_all(STYLE.as_bytes())?,
            "{{body}}" => write_body(sections, page)?,
            "{{script}}" => SCRIPTS.iter().try_for_each(|part| page.write_all(part.as_bytes()))?,
            _ => page.write_all(piece.as_bytes())?,
        }
    }
    Ok(())
}

fn title(sections: &[Section<'_>]) -> String {
    match sections {
        [section] => {
            let verdict = section.verdict().map(|(_, text)| text + " – ").unwrap_or_default();
            format!("{verdict}{} – loadgen", section.title)
        }
        sections => {
            let titles: Vec<_> = sections.iter().map(|section| &*section.title).collect();
            format!("{} – loadgen", titles.join(", "))
        }
    }
}

fn write_markup(markup: &Markup, page: &mut impl Write) -> io::Result<()> {
    writeln!(page, "{}", markup.0)
}

fn write_body(sections: &[Section<'_>], page: &mut impl Write) -> io::Result<()> {
    let distributions: Vec<_> = sections.iter().map(Distribution::of).collect();
    let head = html! {
        header.page { p { "loadgen " (env!("CARGO_PKG_VERSION")) } }
        @if sections.len() > 1 { (numbers::comparison(sections, &distributions)) }
    };
    write_markup(&head, page)?;
    for (number, (section, distribution)) in sections.iter().zip(&distributions).enumerate() {
        write_section(number, section, distribution.as_ref(), page)?;
    }
    Ok(())
}

/// A section is text, and behind it what the script draws from, which is too much to be held twice.
fn write_section(
    number: usize,
    section: &Section<'_>,
    distribution: Option<&Distribution<'_>>,
    page: &mut impl Write,
) -> io::Result<()> {
    let shown = section.judged.map(proofs::chosen).unwrap_or_default();
    let has_history = section.judged.is_some_and(|judged| judged.operations() > 0);
    let has_seconds = section.report.and_then(seconds::series).is_some();
    let text = html! {
        (section_head(section))
        (numbers::facts(section, distribution))
        @if let Some(report) = section.report { (steps::steps(&report.steps)) }
        @if let Some(judged) = section.judged {
            (proofs::proofs(judged, &shown))
            (proofs::objects(judged))
        }
        @if let Some(distribution) = distribution { (numbers::latency(distribution)) }
        // Both are drawn, the first from the history, or without one from the seconds.
        @if has_history || has_seconds {
            section.over-time.drawn { h2 { "Over time" } div.chart {} }
        }
        @if has_history {
            section.history.drawn { h2 { "History" } div.chart {} }
        }
        @if let Some(report) = section.report {
            details.text {
                summary { "The report as text" }
                pre { (OutsideLines(&report.to_string())) }
            }
        }
    };
    writeln!(page, "<section class=\"run\" id=\"run-{number}\">")?;
    write_markup(&text, page)?;
    write!(page, "<script type=\"application/json\" class=\"data\">")?;
    data::write(section, distribution, &shown, page)?;
    writeln!(page, "</script>\n</section>")
}

fn section_head(section: &Section<'_>) -> Markup {
    html! {
        header {
            h1 { bdi { (Outside(&section.title)) } }
            @if let Some((verdict, text)) = section.verdict() { (markup::verdict(verdict, &text)) }
            @if let Some(report) = section.report { (asked(report)) }
        }
    }
}

/// What was sent where, and how the report was made.
fn asked(report: &Report) -> Markup {
    let Making { command, started_at, version, .. } = &report.making;
    let url = masked(report.target.url.as_str());
    html! {
        p.note { code { (Outside(&report.plan.method)) " " bdi { (Outside(&url)) } } }
        p.note {
            (started_at) ", loadgen " (version)
            @if let Some(command) = command { ": " code { bdi { (Outside(command)) } } }
        }
    }
}

#[cfg(test)]
mod tests;
