//! Where the results are to go.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::options::{CheckOptions, CompareOptions, FormatOptions, Options, OutputArguments};
use crate::destination::{Destination, Log};
use crate::output::{
    CERTIFICATE, CSV, Format, HGRM, HISTORY, HTML, JSON, JUNIT, MARKDOWN, Output, Outputs,
    PERCENTILES, REQUESTS, TABLE,
};
use crate::plan::{Kind, Load};
use crate::report::TableStyle;

/// ab's -g keeps 24 bytes of each request: half a gigabyte, of as many as a history has at most.
const MOST_TIMINGS: u64 = 20_000_000;

/// The outputs of a load, which judges these `kinds`.
pub(super) fn of_load(options: &Options, kinds: &[Kind]) -> Result<Outputs, String> {
    let mut places = Places::default();
    let stdout = Path::new("-");
    let FormatOptions { html, junit, markdown } = &options.outputs.formats;
    let of_kinds = [
        ("--history", &HISTORY, options.judging.history.as_deref()),
        ("--certificate", &CERTIFICATE, options.judging.effort.certificate.as_deref()),
    ];
    let mut at_end = places.all_of(kinds, &of_kinds)?;
    let whole = places.all(&[
        ("--output", &JSON, options.outputs.output.as_deref()),
        ("--html", &HTML, html.as_deref()),
        ("--junit", &JUNIT, junit.as_deref()),
        ("--markdown", &MARKDOWN, markdown.as_deref()),
        ("--csv", &CSV, options.outputs.csv.as_deref()),
        ("--hgrm", &HGRM, options.outputs.hgrm.as_deref()),
        ("-e", &PERCENTILES, options.outputs.percentiles.as_deref()),
        ("-g", &REQUESTS, options.outputs.gnuplot.as_deref()),
        ("-w", &TABLE, is_table(options).then_some(stdout)),
    ])?;
    at_end.extend(whole);
    let log = options
        .server
        .exec_log
        .as_deref()
        .map(|path| places.take("--exec-log", path))
        .transpose()?;
    if options.outputs.live && log == Some(Destination::Stdout) && io::stdout().is_terminal() {
        return Err("--live needs the whole terminal: expected a file for --exec-log".to_owned());
    }
    Ok(Outputs { at_end, log: log.map(|place| Arc::new(Log::new(place))) })
}

/// The outputs of a history that is judged again.
pub(super) fn of_check(options: &CheckOptions) -> Result<Outputs, String> {
    let mut places = Places::default();
    places.read("the history that is read", &options.history);
    let FormatOptions { html, junit, markdown } = &options.formats;
    let at_end = places.all(&[
        ("--json", &JSON, options.json.then_some(Path::new("-"))),
        ("--certificate", &CERTIFICATE, options.effort.certificate.as_deref()),
        ("--html", &HTML, html.as_deref()),
        ("--junit", &JUNIT, junit.as_deref()),
        ("--markdown", &MARKDOWN, markdown.as_deref()),
    ])?;
    Ok(Outputs { at_end, log: None })
}

/// The outputs of a comparison of the reports at `read`.
pub(super) fn of_compare<'p>(
    options: &CompareOptions,
    read: impl IntoIterator<Item = &'p PathBuf>,
) -> Result<Outputs, String> {
    let mut places = Places::default();
    read.into_iter().for_each(|path| places.read("a report that is read", path));
    let at_end = places.all(&[("--output", &JSON, options.output.as_deref())])?;
    Ok(Outputs { at_end, log: None })
}

/// The option that asks for something of which there is one in a run, where one does.
pub(super) fn of_one_run(options: &Options) -> Option<&'static str> {
    let asked = [
        ("--history", options.judging.history.is_some()),
        ("--certificate", options.judging.effort.certificate.is_some()),
        ("--csv", options.outputs.csv.is_some()),
        ("--hgrm", options.outputs.hgrm.is_some()),
        ("-e", options.outputs.percentiles.is_some()),
        ("-g", options.outputs.gnuplot.is_some()),
    ];
    asked.iter().find(|(_, is_asked)| *is_asked).map(|(option, _)| *option)
}

/// The times of how many requests are kept one by one.
pub(super) fn timings(options: &Options, load: &Load) -> Result<Option<u64>, String> {
    if options.outputs.gnuplot.is_none() {
        return Ok(None);
    }
    match load.requests.filter(|requests| *requests > MOST_TIMINGS && load.duration.is_none()) {
        Some(requests) => Err(format!(
            "-g keeps the times of {MOST_TIMINGS} requests at most, which is fewer than the \
             {requests} of -n: --hgrm has the percentiles of any number"
        )),
        None => Ok(Some(MOST_TIMINGS)),
    }
}

/// As with ab, attributes ask for the table, too.
fn is_table(options: &Options) -> bool {
    let OutputArguments { table, table_attributes, row_attributes, cell_attributes, .. } =
        &options.outputs;
    *table || [table_attributes, row_attributes, cell_attributes].iter().any(|one| one.is_some())
}

/// What ab's table looks like.
pub(super) fn table_style(options: &Options) -> TableStyle {
    let usual = TableStyle::default();
    let given = |attributes: &Option<String>, usual: String| attributes.clone().unwrap_or(usual);
    TableStyle {
        table: given(&options.outputs.table_attributes, usual.table),
        row: given(&options.outputs.row_attributes, usual.row),
        cell: given(&options.outputs.cell_attributes, usual.cell),
    }
}

/// What stands for the name of a kind in that of a file.
const KIND: &str = "{kind}";

/// An option that may ask for a format.
type Asked<'o> = (&'static str, &'static Format, Option<&'o Path>);

/// The places that are taken, each by an option.
#[derive(Default)]
struct Places(Vec<(&'static str, Destination)>);

impl Places {
    /// What is read is not written over. Standard input is nobody's output.
    fn read(&mut self, what: &'static str, path: &Path) {
        if path.as_os_str() != "-"
            && let Ok(place) = Destination::at(path)
        {
            self.0.push((what, place));
        }
    }

    fn all(&mut self, asked: &[Asked<'_>]) -> Result<Vec<Output>, String> {
        let given =
            asked.iter().filter_map(|(option, format, path)| Some((*option, *format, (*path)?)));
        given
            .map(|(option, format, path)| {
                Ok(Output { option, format, kind: 0, place: self.take(option, path)? })
            })
            .collect()
    }

    /// Of several `kinds` of what is judged each has a file of its own, with its name in the file's.
    fn all_of(&mut self, kinds: &[Kind], asked: &[Asked<'_>]) -> Result<Vec<Output>, String> {
        if kinds.len() < 2 {
            return self.all(asked);
        }
        let mut outputs = Vec::new();
        for (option, format, path) in asked {
            let Some(path) = path else { continue };
            let text = path.to_string_lossy();
            if !text.contains(KIND) {
                let names: Vec<_> = kinds.iter().map(|kind| kind.name.as_str()).collect();
                return Err(format!(
                    "{option} {text}: {} are judged, each in its own file: expected {KIND} in its \
                     name",
                    names.join(" and ")
                ));
            }
            for (kind, Kind { name, .. }) in kinds.iter().enumerate() {
                let place = self.take(option, Path::new(&text.replace(KIND, name)))?;
                outputs.push(Output { option, format, kind, place });
            }
        }
        Ok(outputs)
    }

    /// Before the run: a file that cannot be written is wrong usage, not a surprise afterwards.
    fn take(&mut self, option: &'static str, path: &Path) -> Result<Destination, String> {
        let place = Destination::at(path)
            .map_err(|error| format!("{option}: cannot write {}: {error}", path.display()))?;
        if let Some((other, _)) = self.0.iter().find(|(_, taken)| taken.is_same(&place)) {
            return Err(format!(
                "{option}: {place} is taken by {other}: each output needs its own place"
            ));
        }
        self.0.push((option, place.clone()));
        Ok(place)
    }
}
