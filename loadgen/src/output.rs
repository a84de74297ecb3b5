//! Where results go: to standard output, and into the files that were asked for.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use crate::destination::{Destination, Log, Written};
use crate::escape;
use crate::judge::Judged;
use crate::report::{
    Latency, Report, Section, TableStyle, write_csv, write_hgrm, write_junit, write_markdown,
    write_page, write_percentiles, write_requests, write_table,
};
use crate::tell::tell;

/// What there is to write, once everything is judged.
pub struct Results<'r> {
    /// What there is a history and a page of.
    pub sections: &'r [Section<'r>],
    /// The text for standard output.
    pub text: &'r dyn Fn() -> String,
    /// The report as JSON.
    pub json: &'r dyn Fn() -> serde_json::Result<String>,
    /// What there should be a section of, and is none: what was not run or not read, and why.
    pub missing: Option<&'r str>,
    /// What ab's table looks like.
    pub table: &'r TableStyle,
    /// Whether that has the document's length, where it did not vary.
    pub has_length: bool,
}

/// A form of the results.
pub enum Format {
    /// Of all of them.
    Whole(fn(&Results<'_>, &mut dyn Write) -> io::Result<Written>),
    /// Of the kind of what is judged that has this index.
    OfKind(fn(&Results<'_>, usize, &mut dyn Write) -> io::Result<Written>),
}

/// The report as JSON.
pub static JSON: Format = Format::Whole(write_json);
/// The first section's history.
pub static HISTORY: Format = Format::OfKind(write_history);
/// The operations of the first section's history in an order that explains every answer.
pub static CERTIFICATE: Format = Format::OfKind(write_certificate);
/// The page.
pub static HTML: Format = Format::Whole(write_html);
/// `JUnit`'s XML.
pub static JUNIT: Format = Format::Whole(write_as_junit);
/// A summary in Markdown.
pub static MARKDOWN: Format = Format::Whole(write_as_markdown);
/// The first section's seconds as CSV.
pub static CSV: Format = Format::Whole(write_as_csv);
/// `HdrHistogram`'s text of the first section's percentiles.
pub static HGRM: Format = Format::Whole(write_as_hgrm);
/// ab's CSV of them.
pub static PERCENTILES: Format = Format::Whole(write_as_percentiles);
/// ab's TSV of the first section's requests.
pub static REQUESTS: Format = Format::Whole(write_as_requests);
/// ab's table of HTML.
pub static TABLE: Format = Format::Whole(write_as_table);
/// What goes to standard output where nothing else was to.
static TEXT: Format = Format::Whole(write_text);

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Format")
    }
}

/// One output: what is written, and where.
#[derive(Debug)]
pub struct Output {
    /// The option that asks for it.
    pub option: &'static str,
    /// What is written.
    pub format: &'static Format,
    /// Of which kind of what is judged, by its index, where it is of one.
    pub kind: usize,
    /// Where it goes.
    pub place: Destination,
}

/// Everything that is written at the end of a session, and the server's log, which is written as it
/// comes.
#[derive(Debug, Default)]
pub struct Outputs {
    /// What is written at the end.
    pub at_end: Vec<Output>,
    /// Where the output of the server under test goes.
    pub log: Option<Arc<Log>>,
}

/// An output that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {what} to {place}: {error}")]
pub struct Unwritten {
    what: &'static str,
    place: Destination,
    error: io::Error,
}

impl Outputs {
    /// Writes every output, and the text to standard output where none of them goes there; returns
    /// those that could not be written. One that fails keeps no other from being written.
    ///
    /// An output whose reader has seen enough counts as written.
    #[must_use]
    pub fn write(&self, results: &Results<'_>) -> Vec<Unwritten> {
        let is_stdout = |place: &Destination| *place == Destination::Stdout;
        let log = self.log.as_deref();
        let taken = self.at_end.iter().map(|output| &output.place).chain(log.map(Log::place));
        let place = Destination::Stdout;
        let text = Output { option: "the report", format: &TEXT, kind: 0, place };
        let text = (!taken.into_iter().any(is_stdout)).then_some(&text);
        // Standard output comes last: its reader may take its time, or stop it for good.
        let (last, first): (Vec<_>, Vec<_>) =
            self.at_end.iter().chain(text).partition(|output| is_stdout(&output.place));
        let written = first.into_iter().chain(last).filter_map(|output| output.write(results));
        let failed_log = log.and_then(|log| Some((log.place().clone(), log.failure()?)));
        let failed_log =
            failed_log.map(|(place, error)| Unwritten { what: "--exec-log", place, error });
        failed_log.into_iter().chain(written).collect()
    }
}

impl Output {
    fn write(&self, results: &Results<'_>) -> Option<Unwritten> {
        let mut write = |file: &mut dyn Write| match self.format {
            Format::Whole(write) => write(results, file),
            Format::OfKind(write) => write(results, self.kind, file),
        };
        match self.place.write(&mut write) {
            Ok(Written::Yes) => None,
            Ok(Written::No(reason)) => {
                tell(format_args!("loadgen: {reason}"));
                None
            }
            Err(error) => Some(Unwritten { what: self.option, place: self.place.clone(), error }),
        }
    }
}

fn write_text(results: &Results<'_>, file: &mut dyn Write) -> io::Result<Written> {
    file.write_all((results.text)().as_bytes())?;
    Ok(Written::Yes)
}

fn write_json(results: &Results<'_>, file: &mut dyn Write) -> io::Result<Written> {
    writeln!(file, "{}", escape::json(&(results.json)()?))?;
    Ok(Written::Yes)
}

fn judged<'s>(results: &Results<'s>) -> Option<&'s Judged> {
    results.sections.first().and_then(|section| section.judged)
}

fn write_history(results: &Results<'_>, kind: usize, file: &mut dyn Write) -> io::Result<Written> {
    match judged(results) {
        Some(judged) => {
            check::files::write(file, judged.kinds[kind].model, &judged.of_kind(kind))?;
            Ok(Written::Yes)
        }
        None => Ok(Written::No("no history was kept, so none is written")),
    }
}

fn write_certificate(
    results: &Results<'_>,
    kind: usize,
    file: &mut dyn Write,
) -> io::Result<Written> {
    match judged(results).and_then(|judged| Some((judged, judged.certificate(kind)?))) {
        Some((judged, ordered)) => {
            check::files::write(file, judged.kinds[kind].model, &ordered)?;
            Ok(Written::Yes)
        }
        None => Ok(Written::No("no certificate is written, as there is no valid order")),
    }
}

fn write_html(results: &Results<'_>, mut file: &mut dyn Write) -> io::Result<Written> {
    write_page(results.sections, &mut file)?;
    Ok(Written::Yes)
}

fn write_as_junit(results: &Results<'_>, file: &mut dyn Write) -> io::Result<Written> {
    write_junit(results.sections, results.missing, file)?;
    Ok(Written::Yes)
}

fn write_as_markdown(results: &Results<'_>, file: &mut dyn Write) -> io::Result<Written> {
    write_markdown(results.sections, results.missing, file)?;
    Ok(Written::Yes)
}

fn write_as_table(results: &Results<'_>, file: &mut dyn Write) -> io::Result<Written> {
    write_table(results.sections, results.table, results.has_length, file)?;
    Ok(Written::Yes)
}

fn report<'s>(results: &Results<'s>) -> Option<&'s Report> {
    results.sections.first().and_then(|section| section.report)
}

fn write_as_csv(results: &Results<'_>, file: &mut dyn Write) -> io::Result<Written> {
    match report(results) {
        Some(report) => {
            write_csv(&report.series, file)?;
            Ok(Written::Yes)
        }
        None => Ok(Written::No("there was no load, so no seconds are written")),
    }
}

fn write_as_hgrm(results: &Results<'_>, file: &mut dyn Write) -> io::Result<Written> {
    write_latency(results, file, write_hgrm)
}

fn write_as_percentiles(results: &Results<'_>, file: &mut dyn Write) -> io::Result<Written> {
    write_latency(results, file, write_percentiles)
}

fn write_latency(
    results: &Results<'_>,
    file: &mut dyn Write,
    write: fn(&Latency, &mut dyn Write) -> io::Result<()>,
) -> io::Result<Written> {
    match report(results).and_then(|report| report.latency_us.as_ref()) {
        Some(latency) => {
            write(latency, file)?;
            Ok(Written::Yes)
        }
        None => Ok(Written::No("not one request was ok, so no percentiles are written")),
    }
}

fn write_as_requests(results: &Results<'_>, file: &mut dyn Write) -> io::Result<Written> {
    match report(results).and_then(|report| Some((report.timings.as_ref()?, report))) {
        Some((timings, report)) => {
            write_requests(timings, report.making.begun, file)?;
            Ok(Written::Yes)
        }
        None => Ok(Written::No("there were more requests than -g keeps, so none is written")),
    }
}
