//! Events in EDN.

use clojure_reader::edn::{self, Edn};
use clojure_reader::error::Code;

use super::super::error::ReadError;

/// The form that `text` is, which begins on this line.
pub(super) fn event(line: u64, text: &str) -> Result<Edn<'_>, ReadError> {
    let (form, rest) = edn::read(text).map_err(|error| {
        let within = error.line.map_or(0, |line| line as u64 - 1);
        ReadError::at(line + within, format!("not EDN: {}", told(&error.code)))
    })?;
    if !rest.trim().is_empty() {
        return Err(ReadError::at(line, "not EDN: more than one form where one was begun"));
    }
    Ok(form)
}

fn told(code: &Code) -> String {
    match code {
        Code::HashMapDuplicateKey => "a key comes twice in a map".to_owned(),
        Code::SetDuplicateKey => "an element comes twice in a set".to_owned(),
        Code::InvalidNumber => "a malformed number, or one out of range".to_owned(),
        other => format!("{other:?}"),
    }
}
