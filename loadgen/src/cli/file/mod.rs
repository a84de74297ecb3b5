//! The file of a scenario: any service on a page.
//!
//! It starts nothing, and reads no environment variable but those that it names.

mod at;
mod content;
mod document;
mod does;
mod error;
mod invariants;
mod load;
mod named;
mod names;
mod plan;
mod request;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod text;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use at::Place;
pub(super) use document::Document;
pub(super) use error::{FileError, Wrong};
pub(super) use load::fill;
pub(super) use plan::{Planned, Settings, plan, target};

/// What a new scenario may begin as.
pub(super) const EXAMPLE: &str = include_str!("../example.yaml");

/// A page has less by far.
const MOST_BYTES: u64 = 1024 * 1024;

/// Reads what the file at `path` says.
pub(super) fn read(path: &Path) -> Result<Document, FileError> {
    let wrong = |why: String| Wrong::new(Place::default(), why).of(path);
    let file = File::open(path).map_err(|error| wrong(format!("cannot read it: {error}")))?;
    let mut text = String::new();
    let read = file.take(MOST_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| wrong(format!("cannot read it: {error}")))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(wrong(format!(
            "it is longer than {MOST_BYTES} bytes, too long for a scenario"
        )));
    }
    parse(&text).map_err(|wrong| wrong.of(path))
}

/// What `text` says, in a test of what makes it.
#[cfg(test)]
pub(super) fn parsed(text: &str) -> Result<(), String> {
    is_right(&parse(text).map_err(|wrong| wrong.message)?)
}

/// Whether `document` can be planned, in a test of what makes it.
#[cfg(test)]
pub(super) fn is_right(document: &Document) -> Result<(), String> {
    tests::planned_of(document).map_err(|wrong| wrong.message)
}

/// What `text` says that lets a service begin anew: a step, as `post: /reset`.
pub(super) fn reset(text: &str) -> Result<document::Step, String> {
    serde_saphyr::from_str(text).map_err(|error| {
        let Wrong { message, .. } = Wrong::from(error);
        format!("`{text}`: {message}: expected a step, as 'post: /reset'")
    })
}

/// What `text` says.
pub(super) fn parse(text: &str) -> Result<Document, Wrong> {
    let budget = serde_saphyr::budget! {
        max_depth: 32,
        max_nodes: 50_000,
        max_events: 200_000,
        max_aliases: 1000,
        max_anchors: 1000,
    };
    let options = serde_saphyr::options! { budget: budget, with_snippet: false };
    Ok(serde_saphyr::from_str_with_options(text, options)?)
}
