//! The functions over the seeds that fuzzing begins with, and over those with a few changes.

use std::fs;
use std::path::Path;

use fastrand::Rng;

use crate::files::{ReadError, Reader};

/// How often each seed is changed; `FUZZ_CHANGES` says otherwise.
const CHANGES: u64 = 300;

/// Runs `target` over each of its seeds, and over that with changes.
fn over_seeds(name: &str, target: fn(&[u8])) {
    let changes = std::env::var("FUZZ_CHANGES").map_or(CHANGES, |count| count.parse().unwrap());
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(name);
    let mut seeds: Vec<_> = fs::read_dir(seeds).unwrap().map(|seed| seed.unwrap().path()).collect();
    assert!(seeds.len() >= 3, "{name} has {} seeds", seeds.len());
    seeds.sort_unstable();
    for path in seeds {
        println!("{}", path.display());
        let seed = fs::read(path).unwrap();
        target(&seed);
        for change in 0..changes {
            let bytes = changed(&mut Rng::with_seed(change), seed.clone());
            // Shown where it fails.
            println!("{change}: {}", bytes.escape_ascii());
            target(&bytes);
        }
    }
}

/// With up to four bytes set, put in, left out or repeated with what is around them.
fn changed(rng: &mut Rng, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..rng.u8(1..=4) {
        let at = rng.usize(0..=bytes.len());
        let end = bytes.len().min(at + rng.usize(1..=16));
        match rng.u8(0..4) {
            0 if at < end => bytes[at] = rng.u8(..),
            1 if at < end => drop(bytes.drain(at..end)),
            2 => bytes.splice(at..at, bytes[at..end].to_vec()).for_each(drop),
            _ => bytes.insert(at, rng.u8(..)),
        }
    }
    bytes
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
