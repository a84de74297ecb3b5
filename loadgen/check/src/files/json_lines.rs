//! Histories read from JSON lines: a header, and an operation a line.

use std::io::Read;

use super::cursor::{Json, Problem};
use super::error::ReadError;
use super::fields::Fields;
use super::file::{Reader, Recorded};
use super::header::Header;
use super::lines::Lines;
use super::memory::Memory;
use super::objects::{Objects, Raw};
use crate::history::{Op, Outcome};
use crate::models::Model;

/// What a value of a long line, which is an element of its list, takes until it is kept: as a
/// number, in a list that has to grow, and as an element with a number.
const VALUE_BYTES: usize = 6 * size_of::<i64>();

/// Reads a history that begins on the line called `first`; what `reader` says counts before what its
/// header does.
pub(super) fn read(input: impl Read, first: u64, reader: &Reader) -> Result<Recorded, ReadError> {
    let memory = Memory::new(reader.memory_bytes);
    let mut lines = Lines::new(input, first, memory);
    let (number, line) = lines.next()?.unwrap_or((first, b""));
    memory.check_line(number, line, 0, VALUE_BYTES)?;
    let header = Header::read(line).map_err(|problem| ReadError::at(number, problem))?;
    let model = reader.model.or(header.model).ok_or(ReadError::NoModel)?;
    let mut objects = Objects::new(!header.is_exclusive, reader.initial.as_ref(), model)?;
    for (key, value) in header.initial {
        objects
            .set_initial(&key, model, value)
            .map_err(|problem| ReadError::at(number, problem))?;
    }
    memory.check(number, objects.bytes())?;
    while let Some((number, line)) = lines.next()? {
        if !line.trim_ascii().is_empty() {
            memory.check_line(number, line, objects.bytes(), VALUE_BYTES)?;
            operation(line, model, &mut objects)
                .map_err(|problem| ReadError::at(number, problem))?;
            memory.check(number, objects.bytes())?;
        }
    }
    Ok(Recorded { model, history: objects.into_history(), starts: Vec::new() })
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
