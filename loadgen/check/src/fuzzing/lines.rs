//! Histories in JSON lines, as loadgen writes them and as others may.

use super::said::{Named, said};
use super::texts::{self, MODELS};
use crate::Model;
use crate::files::{Reader, Recorded};

/// More lines than these are read, and not looked at one by one.
const MOST_LINES: usize = 16;

/// Reads `bytes` as JSON lines: whole and in pieces it is the same, each line says what a library of
/// JSON finds in it, what is read and written again reads the same, and no more memory is held than
/// may be.
///
/// # Panics
/// When any of that does not hold.
pub fn json_lines(bytes: &[u8]) {
    let recorded = texts::read(bytes, &Reader::default());
    let model = recorded.map_or(MODELS[bytes.len() % MODELS.len()], |recorded| recorded.model);
    for line in bytes.split(|byte| *byte == b'\n').skip(1).take(MOST_LINES) {
        if let Ok(line) = str::from_utf8(line) {
            compare(line, model);
        }
    }
}

/// Holds what the reader makes of a line against what a library does.
fn compare(line: &str, model: Model) {
    // Blank lines are passed over, and the library takes -0 for a fraction.
    if line.trim_ascii().is_empty() || line.contains("-0") {
        return;
    }
    let text = format!("{{\"schema\":\"loadgen/history/1\"}}\n{line}");
    let initial = model.needs_initial().then(|| "0".parse().expect("it is a number"));
    let reader = Reader { model: Some(model), initial, ..Reader::default() };
    let found = reader.read(text.as_bytes()).ok().map(|Recorded { mut history, .. }| {
        let object = history.objects.remove(0);
        let named = Named::of(&object);
        (object.key, object.operations[0], named)
    });
    assert_eq!(found, said(line, model), "{model}: {line}");
}
