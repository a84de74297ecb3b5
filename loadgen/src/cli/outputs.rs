//! Where the results are to go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compare::CompareOptions;
use super::options::{CheckOptions, Options};
use crate::destination::{Destination, Log};
use crate::output::{CERTIFICATE, Format, HISTORY, HTML, JSON, Output, Outputs};

/// The outputs of a load.
pub(super) fn of_load(options: &Options) -> Result<Outputs, String> {
    let mut places = Places::default();
    let at_end = places.all(&[
        ("--output", &JSON, options.output.as_deref()),
        ("--history", &HISTORY, options.history.as_deref()),
        ("--certificate", &CERTIFICATE, options.effort.certificate.as_deref()),
        ("--html", &HTML, options.html.as_deref()),
    ])?;
    let log =
        options.exec_log.as_deref().map(|path| places.take("--exec-log", path)).transpose()?;
    Ok(Outputs { at_end, log: log.map(|place| Arc::new(Log::new(place))) })
}

/// The outputs of a history that is judged again.
pub(super) fn of_check(options: &CheckOptions) -> Result<Outputs, String> {
    let mut places = Places::default();
    places.read("the history that is read", &options.history);
    let at_end = places.all(&[
        ("--json", &JSON, options.json.then_some(Path::new("-"))),
        ("--certificate", &CERTIFICATE, options.effort.certificate.as_deref()),
        ("--html", &HTML, options.html.as_deref()),
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
                Ok(Output { option, format, place: self.take(option, path)? })
            })
            .collect()
    }

    /// Before the run: a file that cannot be written is wrong usage, not a surprise afterwards.
    fn take(&mut self, option: &'static str, path: &Path) -> Result<Destination, String> {
        let place = Destination::at(path)
            .map_err(|error| format!("{option}: cannot write {}: {error}", path.display()))?;
        if let Some((other, _)) = self.0.iter().find(|(_, taken)| taken.is_same(&place)) {
            return Err(format!(
                "{option}: {place} is the place of {other}: each output needs one of its own"
            ));
        }
        self.0.push((option, place.clone()));
        Ok(place)
    }
}
