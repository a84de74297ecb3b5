//! Histories read from JSON lines: a header, and an operation a line.

use std::io::Read;

use super::cursor::{Json, Problem};
use super::error::ReadError;
use super::fields::Fields;
use super::header::Header;
use super::lines::Lines;
use super::objects::{Objects, Raw};
use crate::history::{History, Op, Outcome};
use crate::models::Model;

/// Reads a history that begins on the line called `first`; `model` counts before what its header
/// says.
pub(super) fn read(
    input: impl Read,
    first: u64,
    model: Option<Model>,
) -> Result<(Model, History), ReadError> {
    let mut lines = Lines::new(input, first);
    let (number, line) = lines.next()?.unwrap_or((first, b""));
    let header = Header::read(line).map_err(|problem| ReadError::at(number, problem))?;
    let model = model.or(header.model).ok_or(ReadError::NoModel)?;
    let mut objects = Objects::shared(!header.is_exclusive);
    for (key, value) in header.initial {
        objects
            .set_initial(&key, model, value)
            .map_err(|problem| ReadError::at(number, problem))?;
    }
    while let Some((number, line)) = lines.next()? {
        if !line.trim_ascii().is_empty() {
            operation(line, model, &mut objects)
                .map_err(|problem| ReadError::at(number, problem))?;
        }
    }
    Ok((model, objects.into_history()))
}

fn operation(line: &[u8], model: Model, objects: &mut Objects) -> Result<(), Problem> {
    let Fields { client, call, returned, op, key, arg, result, outcome, assumed } =
        Fields::read(line)?;
    let raw = Raw {
        client: there(client, "client")?,
        call_ns: there(call, "call")?,
        return_ns: there(returned, "return")?,
        op: there::<Op>(op, "op")?,
        arg: arg.unwrap_or(Json::Null),
        result: result.unwrap_or(Json::Null),
        outcome: there::<Outcome>(outcome, "outcome")?,
        is_assumed: assumed.unwrap_or(false),
    };
    objects.push(&there(key, "key")?, model, raw)
}

fn there<T>(field: Option<T>, name: &str) -> Result<T, Problem> {
    field.ok_or_else(|| format!("no \"{name}\": expected an operation with one"))
}
