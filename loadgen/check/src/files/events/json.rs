//! Events of Jepsen in JSON, as the same in EDN.

use clojure_reader::edn::Edn;
use serde_json::Value;

use super::super::cursor::Problem;

/// The fields whose strings are keywords in EDN.
const KEYWORDS: [&str; 3] = ["process", "type", "f"];

/// The event that `text` is.
pub(super) fn event(text: &str) -> Result<Edn<'static>, Problem> {
    let value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    let Value::Object(fields) = value else { return Ok(form(value)) };
    let fields = fields.into_iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) if KEYWORDS.contains(&&*name) => keyword(&text),
            value => form(value),
        };
        (keyword(&name), value)
    });
    Ok(Edn::Map(fields.collect()))
}

/// Some write them with the colon.
fn keyword(text: &str) -> Edn<'static> {
    Edn::Key(text.strip_prefix(':').unwrap_or(text).to_owned().into())
}

fn form(value: Value) -> Edn<'static> {
    match value {
        Value::Null => Edn::Nil,
        Value::Bool(value) => Edn::Bool(value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Edn::Int(number),
            None => Edn::Double(number.as_f64().unwrap_or(f64::NAN).into()),
        },
        Value::String(text) => Edn::Str(text.into()),
        Value::Array(values) => Edn::Vector(values.into_iter().map(form).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Edn::Map(fields.map(|(name, value)| (Edn::Str(name.into()), form(value))).collect())
        }
    }
}
