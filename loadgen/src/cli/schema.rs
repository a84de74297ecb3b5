//! JSON Schemas of what is read and written, made from the types.

use check::history::{Op, Outcome};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::file::Document;
use crate::report::{Checked, ComparedReports, Comparison, Repeated, Report, Unread};

/// What a schema is of.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schemas {
    /// A scenario file
    Scenario,
    /// A JSON report: of a run, of several runs, of a history, or of a comparison
    Report,
    /// One line of a history
    History,
}

impl Schemas {
    /// The schema, as it is printed.
    pub(super) fn text(self) -> String {
        let draft = SchemaSettings::draft2020_12();
        let schema = match self {
            Self::Scenario => of::<Document>(draft),
            Self::Report => of::<Written>(draft.for_serialize()),
            Self::History => of::<Line>(draft.for_serialize()),
        };
        serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
    }
}

fn of<T: JsonSchema>(settings: SchemaSettings) -> Schema {
    SchemaGenerator::new(settings).into_root_schema_for::<T>()
}

/// Whatever `--output` writes. Its member `schema` says which it is.
#[derive(JsonSchema)]
#[schemars(untagged, title = "A report of loadgen")]
#[expect(dead_code, reason = "it is there for its schema")]
enum Written {
    Run(Box<Report>),
    Specimens(Box<Comparison>),
    Repeated(Box<Repeated>),
    History(Box<Checked>),
    HistoryTooLarge(Unread),
    Reports(Box<ComparedReports>),
}

/// A line of a history: the first says what it is, and each of the others is an operation.
#[derive(JsonSchema)]
#[schemars(untagged, title = "A line of a history of loadgen")]
#[expect(dead_code, reason = "it is there for its schema")]
enum Line {
    First(Header),
    Other(Operation),
}

/// The first line.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it is there for its schema")]
struct Header {
    /// The second version has values that are not integers, and models that came later.
    #[schemars(extend("enum" = ["loadgen/history/1", "loadgen/history/2"]))]
    schema: String,
    /// What the operations mean, as `--model` has it; `null` where whoever judges it says so.
    model: Option<String>,
    /// What objects were at first: a number or text, a list of elements, or the balances of accounts. An object that is
    /// not named here was what its model begins with.
    #[schemars(skip_serializing_if = "Option::is_none")]
    initial: Option<serde_json::Map<String, Value>>,
    /// Whether nobody else changed the objects.
    #[schemars(skip_serializing_if = "Option::is_none")]
    exclusive: Option<bool>,
}

/// An operation: a request and its answer.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it is there for its schema")]
struct Operation {
    /// Who asked. A client asks one thing at a time.
    client: u32,
    /// When the request began, in nanoseconds from any instant that all lines have in common.
    call: u64,
    /// When its answer was complete; `null` where there is none.
    r#return: Option<u64>,
    /// What was asked for.
    op: Op,
    /// Of which object.
    key: String,
    /// What was asked with: a number or text, `[expected, new]` of a `cas`, `[amount, from, to]` of a `move`.
    #[schemars(skip_serializing_if = "Option::is_none")]
    arg: Option<Value>,
    /// What was answered; only where the outcome is `ok`.
    #[schemars(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    /// Whether it was applied.
    outcome: Outcome,
    /// Whether it is `fail` by a status of which nobody said what it means.
    #[schemars(skip_serializing_if = "Option::is_none")]
    assumed: Option<bool>,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `UPDATE_SCHEMA=1` makes them anew.
    #[test]
    fn the_schemas_are_those_of_the_types() {
        let schemas = [
            ("scenario", Schemas::Scenario),
            ("report", Schemas::Report),
            ("history", Schemas::History),
        ];
        for (name, schemas) in schemas {
            let path =
                Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/{name}.schema.json"));
            let made = schemas.text();
            if std::env::var_os("UPDATE_SCHEMA").is_some() {
                std::fs::write(&path, &made).unwrap();
            }
            let known = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(known == made, "{}: UPDATE_SCHEMA=1 makes it anew", path.display());
        }
    }

    /// What is in a history is what the judges know.
    #[test]
    fn every_operation_and_outcome_has_its_name() {
        let text = Schemas::History.text();
        for op in check::history::Op::ALL {
            assert!(text.contains(&format!("\"{}\"", op.name())), "{}", op.name());
        }
    }
}
