//! What is wrong with a file, and where.

use std::path::{Path, PathBuf};

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;
use thiserror::Error as ThisError;

use super::at::Place;
use crate::cli::suggestion;

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("{}{}: {message}", path.display(), where_it_is(*place))]
pub(in crate::cli) struct FileError {
    /// The file.
    path: PathBuf,
    /// Where in it.
    place: Place,
    /// What was found, and what was expected.
    message: String,
}

/// What is wrong at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Wrong {
    pub(super) place: Place,
    pub(super) message: String,
}

fn where_it_is(place: Place) -> String {
    match place {
        Place { line: 0, .. } => String::new(),
        Place { line, column } => format!(":{line}:{column}"),
    }
}

impl Wrong {
    pub(super) fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into() }
    }

    pub(in crate::cli) fn of(self, path: &Path) -> FileError {
        FileError { path: path.to_owned(), place: self.place, message: self.message }
    }
}

/// What the parser says, in our words.
impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        let place = error.location().map(Place::from).unwrap_or_default();
        Self { place, message: message(error.without_snippet()) }
    }
}

fn message(error: &Error) -> String {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            unknown("there is no key", field, expected)
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            unknown("nothing here is called", variant, expected)
        }
        Error::SerdeMissingField { field, .. } => format!("`{field}` is missing here"),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            format!("found {unexpected}, expected {expected}")
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("`{key}` is there already: expected each key once")
        }
        Error::NullIntoString { .. } => "there is nothing here: expected a text".to_owned(),
        Error::Budget { breach, .. } => too_much(breach),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            "aliases (*NAME) make this file too large for a scenario".to_owned()
        }
        Error::IOError { cause } if cause.kind() == std::io::ErrorKind::FileTooLarge => {
            "the file is too large for a scenario".to_owned()
        }
        Error::IOError { cause } => format!("cannot read it: {cause}"),
        Error::MultipleDocuments { .. } => {
            "there is a second document: expected one scenario in a file".to_owned()
        }
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

/// That `word` is none of those that are expected.
pub(super) fn unknown(what: &str, word: &str, expected: &[&str]) -> String {
    let all = match expected {
        [] => "none".to_owned(),
        [only] => (*only).to_owned(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    };
    suggestion::add(format!("{what} `{word}`: expected {all}"), word, expected)
}

fn too_much(breach: &BudgetBreach) -> String {
    let what = match breach {
        BudgetBreach::Depth { .. } => "it is nested too deeply",
        BudgetBreach::Aliases { .. } | BudgetBreach::AliasAnchorRatio { .. } => {
            "there are too many aliases (*NAME)"
        }
        BudgetBreach::Anchors { .. } => "there are too many anchors (&NAME)",
        _ => "there is too much in it",
    };
    format!("{what} for a scenario")
}
