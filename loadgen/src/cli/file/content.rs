//! The content of a request, as a file has it.

use serde_json::Value;

use super::at::{At, Place};
use super::document::Step;
use super::error::Wrong;
use super::named::Named;
use super::text::Text;
use crate::scenario::{Escape, Variables};

/// The content of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) escape: Escape,
    /// Its type, unless the headers give another.
    pub(super) media_type: Option<&'static str>,
}

/// What `step` sends, where it sends anything.
pub(super) fn content(step: &Step, variables: &Variables) -> Result<Option<Content>, Wrong> {
    let places = [
        step.json.as_ref().map(|json| json.place),
        step.form
            .as_ref()
            .map(|form| form.iter().next().map_or(Place::default(), |(_, at)| at.place)),
        step.body.as_ref().map(|body| body.place),
    ];
    if let [_, second, ..] = places.iter().flatten().collect::<Vec<_>>()[..] {
        return Err(Wrong::new(*second, "expected one of json, form and body"));
    }
    Ok(if let Some(json) = &step.json {
        let mut text = String::new();
        write(&json.value, variables, &mut text);
        let media_type = Some("application/json");
        Some(Content { bytes: text.into_bytes(), escape: Escape::Json, media_type })
    } else if let Some(form) = &step.form {
        Some(of_form(form))
    } else {
        let text = |body: &At<String>| Content {
            bytes: body.value.clone().into_bytes(),
            escape: Escape::None,
            media_type: Some("text/plain"),
        };
        step.body.as_ref().map(text)
    })
}

fn of_form(form: &Named<At<Text>>) -> Content {
    let field =
        |(name, value): (&str, &At<Text>)| format!("{}={}", encoded(name), encoded(&value.value));
    let fields: Vec<_> = form.iter().map(field).collect();
    let media_type = Some("application/x-www-form-urlencoded");
    Content { bytes: fields.join("&").into_bytes(), escape: Escape::Form, media_type }
}

/// Percent-encoded, but for the variables in it.
fn encoded(text: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    crate::scenario::in_url(&encoded.replace('+', "%20"))
}

/// Writes JSON; a text that is nothing but a variable of numbers is written as a number.
fn write(value: &Value, variables: &Variables, into: &mut String) {
    match value {
        Value::String(text) if is_number(text, variables) => into.push_str(text),
        Value::Array(all) => {
            into.push('[');
            for (index, one) in all.iter().enumerate() {
                into.push_str(if index > 0 { "," } else { "" });
                write(one, variables, into);
            }
            into.push(']');
        }
        Value::Object(all) => {
            into.push('{');
            for (index, (name, one)) in all.iter().enumerate() {
                into.push_str(if index > 0 { "," } else { "" });
                into.push_str(&Value::from(name.as_str()).to_string());
                into.push(':');
                write(one, variables, into);
            }
            into.push('}');
        }
        other => into.push_str(&other.to_string()),
    }
}

/// Whether `text` is one variable alone, whose values are numbers.
fn is_number(text: &str, variables: &Variables) -> bool {
    Variables::name_alone(text).is_some_and(|name| variables.is_number(name))
}
