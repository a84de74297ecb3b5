//! The first line of a history in JSON lines.

use super::cursor::{Cursor, Json, Problem, shown};
use super::fields::once;
use super::write::{SCHEMA, SCHEMA_OF_VALUES};
use crate::models::Model;

/// What the first line says.
pub(super) struct Header {
    pub(super) model: Option<Model>,
    /// What objects were at first, by their names, as they come.
    pub(super) initial: Vec<(String, Json)>,
    /// Whether nobody did anything but what the history says.
    pub(super) is_exclusive: bool,
}

impl Header {
    /// Reads the first line, whose unknown fields are passed over.
    pub(super) fn read(line: &[u8]) -> Result<Self, Problem> {
        let (mut is_history, mut model, mut initial) = (None, None, None);
        let mut is_exclusive = None;
        let mut cursor = Cursor::new(line)?;
        let read = cursor.object(|name, cursor| match name {
            "schema" => once(&mut is_history, schema(cursor)?),
            "model" => once(&mut model, named_model(cursor)?),
            "initial" => once(&mut initial, objects(cursor)?),
            "exclusive" => once(&mut is_exclusive, cursor.truth()?),
            _ => cursor.pass_over(),
        });
        // A file of operations alone is more likely than anything else that has no schema.
        read.and_then(|()| cursor.end())
            .map_err(|problem| format!("the header: {problem}"))
            .and_then(|()| {
                is_history.ok_or_else(|| format!("no \"schema\": expected \"{SCHEMA}\""))
            })?;
        Ok(Self {
            model: model.flatten(),
            initial: initial.unwrap_or_default(),
            is_exclusive: is_exclusive.unwrap_or(true),
        })
    }
}

fn schema(cursor: &mut Cursor<'_>) -> Result<(), Problem> {
    let expected = format!("\"{SCHEMA}\"");
    let found = cursor.named(&expected)?;
    if found == SCHEMA || found == SCHEMA_OF_VALUES {
        return Ok(());
    }
    Err(format!("is {}: expected {expected}", shown(&found)))
}

/// `None` for null: whoever reads the history says it.
fn named_model(cursor: &mut Cursor<'_>) -> Result<Option<Model>, Problem> {
    if cursor.word("null") {
        return Ok(None);
    }
    let name = cursor.named("the name of a model or null")?;
    name.parse().map(Some).map_err(|error| format!("is {}: {error}", shown(&name)))
}

fn objects(cursor: &mut Cursor<'_>) -> Result<Vec<(String, Json)>, Problem> {
    let mut initial = Vec::new();
    cursor.object(|key, cursor| {
        initial.push((key.to_owned(), cursor.json()?));
        Ok(())
    })?;
    Ok(initial)
}
