//! The specimens, for a script to run through every detector, and the matrix of what came of it.
//!
//! `matrix specimens` prints a line for each specimen: workload, mode, and bug, `-` if there is none.
//! `matrix FOLDER DETECTOR…` reads trials from stdin (see [`Trial`]) and writes `matrix.txt`,
//! `matrix.md` and `matrix.tsv` for these detectors to FOLDER.
//!
//! Exit status: 0 if every cell is as expected, 1 if one is not, 2 if it was called wrongly, 77 if
//! one was not measured.

#![forbid(unsafe_code)]

mod cell;
mod form;
mod trial;

use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use cell::{Cell, Row};
use store::{Detector, Specimen, WORKLOADS, Workload};
use trial::Trial;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [command] if command == "specimens" => {
            specimens().for_each(|specimen| println!("{}", line(specimen)));
            Ok(ExitCode::SUCCESS)
        }
        [folder, detectors @ ..] if !detectors.is_empty() => matrix(Path::new(folder), detectors),
        _ => Err("usage: matrix specimens, or matrix FOLDER DETECTOR...".to_owned()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("matrix: {error}");
        ExitCode::from(2)
    })
}

fn specimens() -> impl Iterator<Item = Specimen> {
    WORKLOADS.into_iter().flat_map(Workload::specimens)
}

fn line(Specimen { workload, mode }: Specimen) -> String {
    let bug = mode.bug.map_or("-".to_owned(), |bug| bug.to_string().replace(' ', "-"));
    format!("{} {} {bug}", workload.name, mode.name)
}

fn matrix(folder: &Path, detectors: &[String]) -> Result<ExitCode, String> {
    let detectors = detectors.iter().map(|name| detector(name)).collect::<Result<Vec<_>, _>>()?;
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| format!("stdin: {error}"))?;
    let trials = text.lines().map(str::parse).collect::<Result<Vec<Trial>, _>>()?;
    let rows: Vec<_> =
        specimens().map(|specimen| Row::new(specimen, &detectors, &trials)).collect();
    let forms = [
        ("txt", form::text(&detectors, &rows)),
        ("md", form::markdown(&detectors, &rows)),
        ("tsv", form::tsv(&detectors, &rows)),
    ];
    for (extension, form) in forms {
        let path = folder.join(format!("matrix.{extension}"));
        fs::write(&path, form).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut cells = rows.iter().flat_map(|row| row.cells.iter().flatten());
    Ok(if cells.clone().any(Cell::is_unexpected) {
        ExitCode::from(1)
    } else if cells.any(Cell::is_missing) {
        ExitCode::from(77)
    } else {
        ExitCode::SUCCESS
    })
}

fn detector(name: &str) -> Result<Detector, String> {
    let found = Detector::ALL.into_iter().find(|detector| detector.to_string() == name);
    found.ok_or_else(|| format!("`{name}` is no detector"))
}
