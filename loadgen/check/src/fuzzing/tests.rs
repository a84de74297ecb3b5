//! The functions over the seeds that fuzzing begins with, and over those with a few changes.

use std::path::Path;

use super::seeds;
use crate::files::{ReadError, Reader};

/// How often each seed is changed.
const CHANGES: u64 = 300;

fn over_seeds(name: &str, target: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(name);
    seeds::run(&seeds, CHANGES, target);
}

#[test]
fn verdicts_of_the_seeds_hold() {
    over_seeds("certificate", super::certificate);
}

#[test]
fn events_of_the_seeds_are_read() {
    over_seeds("edn", super::edn);
}

#[test]
fn journals_of_the_seeds_are_read() {
    over_seeds("journal", super::journal);
}

/// Found by fuzzing: the bound on memory was asked with each operation, and not after the header.
#[test]
fn what_objects_were_at_first_is_within_the_memory_as_well() {
    let elements = vec!["7"; 100].join(",");
    let set = format!("\"set\",\"initial\":{{\"a\":[{elements}]}}");
    for (of, memory_bytes) in [("\"register\",\"initial\":{\"a\":null}", 1), (&set, 600)] {
        let text = format!("{{\"schema\":\"loadgen/history/1\",\"model\":{of}}}");
        let reader = Reader { memory_bytes, ..Reader::default() };
        let read = reader.read(text.as_bytes());
        assert!(matches!(read, Err(ReadError::Memory { line: 1, .. })), "{read:?}");
    }
}

#[test]
fn lines_of_the_seeds_are_read() {
    over_seeds("json_lines", super::json_lines);
}
