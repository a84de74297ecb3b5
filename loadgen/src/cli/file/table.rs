//! The table of a file, of which requests have rows.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::at::At;
use super::document::{self, Table};
use super::error::Wrong;
use crate::scenario::{Draw, Variables};

/// More of a table is not read.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// The rows of a table.
#[derive(Debug)]
pub(super) struct Rows {
    /// The names of the columns.
    names: Vec<String>,
    all: Vec<Vec<String>>,
    is_in_turn: bool,
}

impl Rows {
    /// Those of `table`, whose path is from `folder`.
    pub(super) fn of(table: &At<Table>, folder: &Path) -> Result<Self, Wrong> {
        let At { value: Table { file, rows }, place } = table;
        let wrong = |why: String| Wrong::new(*place, format!("table: {file}: {why}"));
        let opened = File::open(folder.join(file));
        let opened = opened.map_err(|error| wrong(format!("cannot read it: {error}")))?;
        let mut reader = csv::Reader::from_reader(opened.take(MOST_BYTES));
        let text = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let names: Vec<String> = text(reader.headers().map_err(|error| wrong(error.to_string()))?);
        let is_in_turn = *rows == document::Rows::InTurn;
        let rows: Result<Vec<_>, _> =
            reader.records().map(|record| record.map(|record| text(&record))).collect();
        let rows: Vec<Vec<String>> = rows.map_err(|error| wrong(error.to_string()))?;
        if rows.is_empty() {
            return Err(wrong(
                "there is no row behind the names: expected one at least".to_owned(),
            ));
        }
        Ok(Self { names, all: rows, is_in_turn })
    }

    /// The name of each column, and the least of it, where all are whole numbers.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, Option<i64>)> {
        self.names.iter().enumerate().map(|(column, name)| {
            let number = |row: &Vec<String>| row[column].parse::<i64>().ok();
            let numbers: Option<Vec<_>> = self.all.iter().map(number).collect();
            (name.as_str(), numbers.and_then(|numbers| numbers.into_iter().min()))
        })
    }

    /// What draws a row, where the columns are among the `variables`.
    pub(super) fn draw(self, variables: &Variables) -> Draw {
        let place = |name: &String| {
            let mut names = variables.names.iter();
            names.position(|known| known.text == *name).expect("it was gathered")
        };
        let slots = self.names.iter().map(place).collect();
        Draw::Row { slots, rows: Arc::from(self.all), is_in_turn: self.is_in_turn }
    }
}
