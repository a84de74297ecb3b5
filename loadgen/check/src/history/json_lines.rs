//! Histories read from JSON lines: a header, and an operation a line.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;
use serde_json::Value;

use super::error::ReadError;
use super::fields::{Fields, Json, Problem};
use super::lines::Lines;
use super::objects::{Objects, Raw};
use super::write::SCHEMA;
use super::{History, Initial, NIL};
use crate::model::Model;

/// Reads a history; `model` counts before what its header says.
pub(super) fn read(input: impl Read, model: Option<Model>) -> Result<(Model, History), ReadError> {
    let mut lines = Lines::new(input);
    let mut objects = Objects::default();
    let line = lines.next()?.unwrap_or_default();
    let said = header(line, &mut objects).map_err(|problem| ReadError::at(1, problem))?;
    let model = model.or(said).ok_or(ReadError::NoModel)?;
    loop {
        let number = lines.number + 1;
        let Some(line) = lines.next()? else { return Ok((model, objects.into_history())) };
        if !line.trim_ascii().is_empty() {
            operation(line, model, &mut objects)
                .map_err(|problem| ReadError::at(number, problem))?;
        }
    }
}

#[derive(Deserialize)]
struct Header {
    schema: Option<String>,
    model: Option<String>,
    #[serde(default)]
    initial: BTreeMap<String, Value>,
}

/// Takes what the first line says; the model, where it names one.
fn header(line: &[u8], objects: &mut Objects) -> Result<Option<Model>, Problem> {
    let header: Header = serde_json::from_slice(line)
        .map_err(|error| format!("no header: {error}: expected {{\"schema\":\"{SCHEMA}\", …}}"))?;
    match header.schema.as_deref() {
        Some(SCHEMA) => {}
        Some(other) => return Err(format!("\"schema\" is \"{other}\": expected \"{SCHEMA}\"")),
        None => return Err(format!("no \"schema\": expected \"{SCHEMA}\"")),
    }
    for (key, value) in header.initial {
        let initial = initial(&value).ok_or_else(|| {
            format!("\"initial\" of \"{key}\" is {value}: expected an integer, null or a list of integers")
        })?;
        objects.set_initial(&key, initial);
    }
    let model = header
        .model
        .map(|model| model.parse().map_err(|error| format!("\"model\" is \"{model}\": {error}")));
    model.transpose()
}

fn initial(value: &Value) -> Option<Initial> {
    let integer = |value: &Value| value.as_i64().filter(|value| *value != NIL);
    match value {
        Value::Null => Some(Initial::Value(NIL)),
        Value::Array(elements) => {
            elements.iter().map(integer).collect::<Option<_>>().map(Initial::Elements)
        }
        _ => integer(value).map(Initial::Value),
    }
}

fn operation(line: &[u8], model: Model, objects: &mut Objects) -> Result<(), Problem> {
    let fields = Fields::read(line)?;
    let missing = |name: &str| format!("no \"{name}\"");
    let raw = Raw {
        client: fields.client.ok_or_else(|| missing("client"))?,
        call_ns: fields.call.ok_or_else(|| missing("call"))?,
        return_ns: fields.returned.ok_or_else(|| missing("return"))?,
        op: fields.op.ok_or_else(|| missing("op"))?,
        arg: fields.arg.unwrap_or(Json::Null),
        result: fields.result.unwrap_or(Json::Null),
        outcome: fields.outcome.ok_or_else(|| missing("outcome"))?,
    };
    let key = fields.key.ok_or_else(|| missing("key"))?;
    objects.push(&key, model, raw)
}
