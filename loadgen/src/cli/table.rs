//! A table of values, of which requests have rows.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use crate::extract::Written;
use crate::scenario::{Draw, Name, Variables};

/// More of a table is not read.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// The rows of a table.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// The names of the columns.
    names: Vec<String>,
    all: Arc<[Vec<String>]>,
    is_in_turn: bool,
}

impl Rows {
    /// Those of the file at `path`, of which each request has the next.
    pub(super) fn in_turn(path: &str) -> Result<Self, String> {
        Self::read(Path::new(path), true)
    }

    /// Those of the file at `path`, of which each request has the next, or any.
    pub(super) fn read(path: &Path, is_in_turn: bool) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| format!("cannot read it: {error}"))?;
        let mut reader = csv::Reader::from_reader(file.take(MOST_BYTES));
        let text = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let names: Vec<String> = text(reader.headers().map_err(|error| error.to_string())?);
        let rows = reader.records().map(|record| record.map(|record| text(&record)));
        let all: Vec<Vec<String>> =
            rows.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        if all.is_empty() {
            return Err("there is no row after the line of names: expected at least one".to_owned());
        }
        Ok(Self { names, all: all.into(), is_in_turn })
    }

    /// The name of each column, with what is known of what stands in it.
    pub(super) fn columns(&self) -> impl Iterator<Item = Name> {
        self.names.iter().enumerate().map(|(column, name)| {
            let texts = || self.all.iter().map(move |row| row[column].as_str());
            let numbers: Option<Vec<_>> = texts().map(|text| text.parse::<i64>().ok()).collect();
            let least = numbers.and_then(|numbers| numbers.into_iter().min());
            Name::new(name, least, Written::of(texts()))
        })
    }

    /// What draws a row, where the columns are among the `variables`.
    pub(super) fn draw(self, variables: &Variables) -> Draw {
        let place = |name: &String| variables.slot(name).expect("it was gathered");
        let slots = self.names.iter().map(place).collect();
        Draw::Row { slots, rows: self.all, is_in_turn: self.is_in_turn }
    }
}
