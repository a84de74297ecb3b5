//! What is written is what its schema says.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::program::loadgen;

/// Of whatever `--output` writes.
pub(crate) static REPORT: Schema =
    Schema(LazyLock::new(|| validator(include_str!("../../../docs/report.schema.json"))));
/// Of a line of a history.
static HISTORY: Schema =
    Schema(LazyLock::new(|| validator(include_str!("../../../docs/history.schema.json"))));

pub(crate) struct Schema(LazyLock<Validator>);

impl Schema {
    #[track_caller]
    pub(crate) fn holds_of(&self, json: &Value) {
        let errors: Vec<_> = self.0.iter_errors(json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{json:#}");
    }
}

fn validator(schema: &str) -> Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

#[test]
fn every_line_of_a_history_is_what_its_schema_says() {
    let specimens: [&[&str]; 5] = [
        &["--workload", "counter", "--mode", "racy"],
        &["--workload", "booking", "--mode", "atomic"],
        &["--workload", "jobs", "--mode", "mutex"],
        &["--workload", "results", "--mode", "mutex"],
        &["--workload", "documents", "--mode", "atomic"],
    ];
    for specimen in specimens {
        let folder = tempfile::tempdir().unwrap();
        // The documents are of several kinds, each with a history of its own.
        let file = folder.path().join("{kind}.jsonl");
        let more: &[&str] = &["-q", "-n", "400", "-c", "5", "--history", file.to_str().unwrap()];
        loadgen(&[specimen, more].concat());
        let mut lines = 0;
        for file in folder.path().read_dir().unwrap() {
            let history = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for line in history.lines() {
                HISTORY.holds_of(&serde_json::from_str(line).unwrap());
                lines += 1;
            }
        }
        assert!(lines > 100, "{specimen:?}: {lines}");
    }
}

/// A schema that allows everything would hold of everything.
#[test]
fn what_is_neither_is_refused() {
    for wrong in [
        r#"{"client":1,"call":1,"op":"add","key":"i","outcome":"ok"}"#,
        r#"{"client":1,"call":1,"return":2,"op":"multiply","key":"i","outcome":"ok"}"#,
        r#"{"client":-1,"call":1,"return":2,"op":"add","key":"i","outcome":"ok"}"#,
        r#"{"schema":"loadgen/history/3","model":null}"#,
    ] {
        assert!(!HISTORY.0.is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
    }
    let ended = loadgen(&["-q", "-n", "20", "--mode", "mutex", "--output", "-"]).exited(0);
    let sound = ended.json();
    for (pointer, wrong) in [
        ("/schema", Value::from("loadgen/report/2")),
        ("/requests/ok", Value::from(-1)),
        ("/correctness/verdict", Value::from("perhaps")),
        ("/latency_us/p50", Value::from("fast")),
    ] {
        let mut report = sound["runs"][0].clone();
        *report.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = wrong;
        assert!(!REPORT.0.is_valid(&report), "{pointer}");
    }
}
