//! Which reports are set side by side.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::options::CompareOptions;
use super::{echo, outputs};
use crate::output::Outputs;
use crate::report::Screen;

/// Reports that are set side by side.
#[derive(Debug)]
pub struct Compare {
    /// The reports that are compared with; `-` is standard input.
    pub baseline: Vec<PathBuf>,
    /// The reports that are compared.
    pub candidate: Vec<PathBuf>,
    /// Whether they are compared though they were not asked for the same.
    pub force: bool,
    /// By how many percent a figure may be worse; `None` where by any.
    pub fail_on_regression: Option<f64>,
    /// How it is shown.
    pub screen: Screen,
    /// The command line, its secrets masked.
    pub command: String,
    /// What is written where.
    pub outputs: Outputs,
}

pub(super) fn compare(options: &CompareOptions, arguments: &[OsString]) -> Result<Compare, String> {
    let [baseline, candidate] = sides(options)?;
    let outputs = outputs::of_compare(options, baseline.iter().chain(&candidate))?;
    Ok(Compare {
        baseline,
        candidate,
        force: options.force,
        fail_on_regression: options.fail_on_regression,
        screen: Screen::of_stdout(options.color),
        command: echo::command_line(arguments),
        outputs,
    })
}

/// The files of both sides.
fn sides(
    CompareOptions { reports, baseline, .. }: &CompareOptions,
) -> Result<[Vec<PathBuf>; 2], String> {
    let sides = match (baseline.as_slice(), reports.as_slice()) {
        ([], [a, b]) => [files(a)?, files(b)?],
        ([], [_]) => {
            return Err("expected two reports, A and B, or --baseline A and B".to_owned());
        }
        ([], _) => {
            return Err(format!(
                "expected two reports, not {}: put patterns in quotes, as in \
                 loadgen compare 'main-*.json' 'pr-*.json', or name those of A with --baseline",
                reports.len()
            ));
        }
        // A shell has made several files of a pattern, and only the first is the option's.
        ([only], [_, _, ..]) if files(only)?.len() == 1 => {
            return Err(format!(
                "--baseline takes one report, {}, and {} are compared with it: put a pattern in \
                 quotes, as in --baseline 'main-*.json', or repeat --baseline; \
                 loadgen compare A 'pr-*.json' compares several with one",
                only.display(),
                reports.len()
            ));
        }
        (baseline, reports) => [all_files(baseline)?, all_files(reports)?],
    };
    refuse_repeated(&sides)?;
    Ok(sides)
}

fn all_files(given: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    Ok(given.iter().map(|path| files(path)).collect::<Result<Vec<_>, _>>()?.concat())
}

/// The file that `given` names, or those whose names fit it, if it is a pattern.
fn files(given: &Path) -> Result<Vec<PathBuf>, String> {
    let pattern = given.to_str().filter(|text| text.contains(['*', '?', '[']));
    let Some(pattern) = pattern.filter(|_| !given.exists()) else {
        return Ok(vec![given.to_owned()]);
    };
    let found = glob::glob(pattern).map_err(|error| format!("{pattern}: {error}"))?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    if found.is_empty() {
        return Err(format!("{pattern}: no file matches this pattern"));
    }
    Ok(found)
}

/// A run that counts twice makes a difference look certain that is not. One report beside itself is
/// seen to be the same.
fn refuse_repeated([baseline, candidate]: &[Vec<PathBuf>; 2]) -> Result<(), String> {
    let is_pair = baseline.len() == 1 && candidate.len() == 1;
    let mut seen = HashSet::new();
    for path in baseline.iter().chain(candidate) {
        let is_stdin = path.as_os_str() == "-";
        let file = path.canonicalize().ok().filter(|_| !is_stdin);
        if !seen.insert(file.unwrap_or_else(|| path.clone())) && (is_stdin || !is_pair) {
            return Err(format!("{} is given twice: expected each report once", path.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser as _;

    use super::*;
    use crate::cli::options::{Cli, Subcommand};

    /// The names of the files on both sides, in a folder with these files.
    fn named(files: &[&str], arguments: &[&str]) -> Result<[Vec<String>; 2], String> {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            fs::write(folder.path().join(file), "").unwrap();
        }
        let place = |argument: &&str| match *argument {
            option if option.starts_with('-') => option.to_owned(),
            name => folder.path().join(name).to_str().unwrap().to_owned(),
        };
        let arguments = arguments.iter().map(place);
        let words = ["loadgen", "compare"].map(str::to_owned).into_iter().chain(arguments);
        let Some(Subcommand::Compare(options)) = Cli::parse_from(words).command else {
            panic!("it is another command")
        };
        let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let names = |side: Vec<PathBuf>| side.into_iter().map(name).collect();
        let here = format!("{}/", folder.path().display());
        sides(&options).map(|sides| sides.map(names)).map_err(|error| error.replace(&here, ""))
    }

    #[test]
    fn a_side_is_a_file_or_several() {
        let files = ["a-1", "a-2", "b-1", "b-2", "b-[x]"];
        for (arguments, baseline, candidate) in [
            (&["a-1", "b-1"][..], &["a-1"][..], &["b-1"][..]),
            (&["a-*", "b-?"], &["a-1", "a-2"], &["b-1", "b-2"]),
            (&["a-1", "b-?"], &["a-1"], &["b-1", "b-2"]),
            // It is there, so it is no pattern.
            (&["a-1", "b-[x]"], &["a-1"], &["b-[x]"]),
            (&["--baseline", "a-*", "b-1", "b-2"], &["a-1", "a-2"], &["b-1", "b-2"]),
            (&["b-?", "--baseline", "a-1", "--baseline", "a-2"], &["a-1", "a-2"], &["b-1", "b-2"]),
            (&["--baseline", "a-1", "b-1"], &["a-1"], &["b-1"]),
            // It is seen to be the same.
            (&["a-1", "a-1"], &["a-1"], &["a-1"]),
        ] {
            let found = named(&files, arguments).unwrap();
            assert_eq!(found, [baseline, candidate].map(<[&str]>::to_vec), "{arguments:?}");
        }
    }

    #[test]
    fn what_names_no_two_sides_is_refused() {
        let files = ["a-1", "a-2", "a-3", "b-1", "b-2"];
        for (arguments, expected) in [
            (&["a-1"][..], "expected two reports, A and B"),
            (&["a-1", "a-2", "b-1"], "expected two reports, not 3: put patterns in quotes"),
            (&["a-1", "c-*"], "c-*: no file matches this pattern"),
            (&["a-***", "b-1"], "a-***: "),
            (
                &["--baseline", "a-1", "a-2", "a-3", "b-1"],
                "--baseline takes one report, a-1, and 3",
            ),
            (&["a-*", "a-1"], "a-1 is given twice"),
            (&["--baseline", "a-*", "b-1", "b-1"], "b-1 is given twice"),
            (&["-", "-"], "- is given twice"),
        ] {
            let error = named(&files, arguments).unwrap_err();
            assert!(error.starts_with(expected), "{arguments:?}: {error}");
        }
    }
}
