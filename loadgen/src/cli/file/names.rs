//! The names of a file: what they stand for, and where each has its place.

use std::env::VarError;
use std::path::Path;
use std::sync::Arc;

use super::at::{At, Place};
use super::document::{self, Document, Pick, Step, Table};
use super::error::Wrong;
use super::named::Named;
use crate::cli::table::Rows;
use crate::scenario::{COOKIES, Constant, Draw, From, Name, Variables, is_name};
use crate::secrets;

/// The names of a file.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) variables: Variables,
    /// The row that each request has of a table.
    row: Option<Draw>,
}

impl Names {
    /// Those of `document`, which is in `folder`; `sets` replaces the texts of its variables.
    pub(super) fn of(
        document: &Document,
        folder: &Path,
        sets: &[(String, String)],
    ) -> Result<Self, Wrong> {
        let constants = constants(document, sets)?;
        let mut names: Vec<Name> = Vec::new();
        let mut add = |name: Name, place: Place| {
            let text = &name.text;
            is_name(text).map_err(|error| Wrong::new(place, error.to_string()))?;
            if constants.iter().any(|constant| constant.name == *text) {
                return Err(Wrong::new(place, format!("`{text}` is one of the variables already")));
            }
            match names.iter_mut().find(|known| known.text == *text) {
                Some(known) => known.add(&name),
                None => names.push(name),
            }
            Ok(())
        };
        let steps = || all_steps(document);
        let picks = steps().map(|step| &step.pick).chain([&document.pick]);
        for (name, pick) in picks.flat_map(Named::iter) {
            let from = from(pick)?;
            add(Name::new(name, from.least(), from.written()), pick.place)?;
        }
        for (name, rule) in steps().flat_map(|step| step.keep.iter()) {
            add(Name::new(name, None, None), rule.place)?;
        }
        let table = document.table.as_ref().map(|table| rows(table, folder)).transpose()?;
        let columns = table.iter().flat_map(Rows::columns);
        for name in columns {
            add(name, document.table.as_ref().map(|at| at.place).unwrap_or_default())?;
        }
        if document.cookies {
            names.push(Name::new(COOKIES, None, None));
        }
        let names: Arc<[Name]> = names.into();
        let constants = constants.into();
        let variables = Variables { has_value: false, names, constants };
        let row = table.map(|table| table.draw(&variables));
        Ok(Self { variables, row })
    }

    /// What each request or round draws, of which these `picks` are for all.
    pub(super) fn common(&self, picks: &Named<At<Pick>>) -> Result<Vec<Draw>, Wrong> {
        let mut draws = self.draws(picks)?;
        draws.extend(self.row.clone());
        Ok(draws)
    }

    /// What each of `picks` draws.
    pub(super) fn draws(&self, picks: &Named<At<Pick>>) -> Result<Vec<Draw>, Wrong> {
        picks
            .iter()
            .map(|(name, pick)| Ok(Draw::One { slot: self.slot(name), from: from(pick)? }))
            .collect()
    }

    /// The place of the session's cookies, where they are kept.
    pub(super) fn cookies(&self) -> Option<usize> {
        self.variables.slot(COOKIES)
    }

    /// The place of a name that is there.
    pub(super) fn slot(&self, name: &str) -> usize {
        self.variables.slot(name).expect("it was gathered")
    }
}

/// Every step of a file.
pub(super) fn all_steps(document: &Document) -> impl Iterator<Item = &Step> {
    let steps = document.steps.iter().map(|(_, step)| step);
    document.session.iter().chain(steps).chain(&document.flow)
}

/// What has one text: the variables, and what is taken from the environment.
fn constants(document: &Document, sets: &[(String, String)]) -> Result<Vec<Constant>, Wrong> {
    let mut constants = Vec::new();
    for (name, text) in document.variables.iter() {
        is_name(name).map_err(|error| Wrong::new(text.place, error.to_string()))?;
        let set = sets.iter().rev().find(|(set, _)| set == name).map(|(_, text)| text);
        let text = set.unwrap_or(&text.value.0).clone();
        constants.push(Constant { name: name.to_owned(), text });
    }
    if let Some((name, _)) = sets.iter().find(|(name, _)| document.variables.get(name).is_none()) {
        let names = document.variables.names();
        let message = super::error::unknown("--set: the file has no variable", name, &names);
        return Err(Wrong::new(Place::default(), message));
    }
    for name in &document.env {
        let text = std::env::var(&name.value).map_err(|error| {
            let why = match error {
                VarError::NotPresent => "is not set",
                VarError::NotUnicode(_) => "is not UTF-8",
            };
            Wrong::new(name.place, format!("the environment variable {} {why}", name.value))
        })?;
        secrets::hide(&text);
        constants.push(Constant { name: format!("env.{}", name.value), text });
    }
    Ok(constants)
}

/// The rows of `table`, whose path is from `folder`.
fn rows(At { value: table, place }: &At<Table>, folder: &Path) -> Result<Rows, Wrong> {
    let is_in_turn = table.rows == document::Rows::InTurn;
    let rows = Rows::read(&folder.join(&table.file), is_in_turn);
    rows.map_err(|why| Wrong::new(*place, format!("table: {}: {why}", table.file)))
}

/// What a variable is drawn from.
fn from(pick: &At<Pick>) -> Result<From, Wrong> {
    match &pick.value {
        Pick::Text(text) => text.parse().map_err(|_| {
            let expected = "expected a range (1..100), a list ([ann, bob]) or uuid";
            Wrong::new(pick.place, format!("`{text}` cannot be picked from: {expected}"))
        }),
        Pick::List(list) if list.is_empty() => {
            Err(Wrong::new(pick.place, "there is nothing in the list to pick from"))
        }
        Pick::List(list) => Ok(From::List(list.iter().map(ToString::to_string).collect())),
    }
}
