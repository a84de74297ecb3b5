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

use super::layout::Screen;
use super::text::Details;
use super::{Making, Section};
use crate::secrets::masked;
use distribution::Distribution;
pub(super) use markup::Escaped;
use markup::EscapedLines;

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
            "{{title}}" => writeln!(page, "<title>{}</title>", Escaped(&title(sections)))?,
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

fn write_body(sections: &[Section<'_>], page: &mut impl Write) -> io::Result<()> {
    writeln!(page, "<header class=\"page\"><p>loadgen {}</p></header>", env!("CARGO_PKG_VERSION"))?;
    let distributions: Vec<_> = sections.iter().map(Distribution::of).collect();
    if sections.len() > 1 {
        numbers::write_comparison(sections, &distributions, page)?;
    }
    for (number, (section, distribution)) in sections.iter().zip(&distributions).enumerate() {
        write_section(number, section, distribution.as_ref(), page)?;
    }
    Ok(())
}

fn write_section(
    number: usize,
    section: &Section<'_>,
    distribution: Option<&Distribution<'_>>,
    page: &mut impl Write,
) -> io::Result<()> {
    writeln!(page, "<section class=\"run\" id=\"run-{number}\">")?;
    writeln!(page, "<header>\n<h1><bdi>{}</bdi></h1>", Escaped(&section.title))?;
    if let Some((verdict, text)) = section.verdict() {
        writeln!(page, "{}", markup::verdict(verdict, &text))?;
    }
    if let Some(report) = section.report {
        let (method, url) = (&report.plan.method, masked(report.target.url.as_str()));
        let (method, url) = (Escaped(method), Escaped(&url));
        writeln!(page, "<p class=\"note\"><code>{method} <bdi>{url}</bdi></code></p>")?;
        write_making(&report.making, page)?;
    }
    writeln!(page, "</header>")?;
    numbers::write_facts(section, distribution, page)?;
    if let Some(report) = section.report {
        steps::write_steps(&report.steps, page)?;
    }
    let shown = section.judged.map(proofs::chosen).unwrap_or_default();
    if let Some(judged) = section.judged {
        proofs::write_proofs(judged, &shown, page)?;
        proofs::write_objects(judged, page)?;
    }
    if let Some(distribution) = distribution {
        numbers::write_latency(distribution, page)?;
    }
    let has_history = section.judged.is_some_and(|judged| judged.operations() > 0);
    if has_history || section.report.and_then(seconds::series).is_some() {
        page.write_all(OVER_TIME.as_bytes())?;
    }
    if has_history {
        page.write_all(HISTORY.as_bytes())?;
    }
    if let Some(report) = section.report {
        let details = Details {
            percentiles: true,
            deviations: true,
            document_length: true,
            screen: Screen::default(),
        };
        let text = report.text(details);
        writeln!(
            page,
            "<details class=\"text\"><summary>The report as text</summary>\n<pre>{}</pre></details>",
            EscapedLines(&text)
        )?;
    }
    write!(page, "<script type=\"application/json\" class=\"data\">")?;
    data::write(section, distribution, &shown, page)?;
    writeln!(page, "</script>\n</section>")
}

fn write_making(making: &Making, page: &mut impl Write) -> io::Result<()> {
    let Making { command, started_at, version, .. } = making;
    write!(page, "<p class=\"note\">{started_at}, loadgen {version}")?;
    if let Some(command) = command {
        write!(page, ": <code><bdi>{}</bdi></code>", Escaped(command))?;
    }
    writeln!(page, "</p>")
}

/// What is drawn from the history, or without one from the seconds.
const OVER_TIME: &str = "\
<section class=\"over-time drawn\"><h2>Over time</h2><div class=\"chart\"></div></section>
";
/// What is drawn from the history.
const HISTORY: &str = "\
<section class=\"history drawn\"><h2>History</h2><div class=\"chart\"></div></section>
";

#[cfg(test)]
mod tests;
