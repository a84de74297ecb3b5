//! The functions over the seeds that fuzzing begins with, and over those with a few changes.

use std::fs;
use std::path::Path;

use fastrand::Rng;

use super::token::{is_whole, normal};

/// How often each seed is changed; `FUZZ_CHANGES` says otherwise.
const CHANGES: u64 = 50;

/// Runs `target` over each of its seeds, and over that with changes.
fn over_seeds(name: &str, target: fn(&[u8])) {
    let changes = std::env::var("FUZZ_CHANGES").map_or(CHANGES, |count| count.parse().unwrap());
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
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
fn numbers_of_the_seeds_are_found() {
    over_seeds("extract", super::extract);
}

#[test]
fn answers_of_the_seeds_are_read() {
    over_seeds("response", super::response);
}

#[test]
fn a_number_is_normal_whatever_it_looks_like() {
    for (text, expected) in [
        ("7", "7"),
        ("-0125e-1", "-12.5"),
        ("1,010", "1010"),
        ("20.0", "20"),
        ("1e3", "1000"),
        ("5e-3", "0.005"),
        ("-0.0", "0"),
    ] {
        assert_eq!(normal(text).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "-", "x", "1e", "1.2.3", "1e99999"] {
        assert_eq!(normal(text), None, "{text}");
    }
}

#[test]
fn part_of_a_number_is_not_the_number() {
    for (text, number) in
        [("a 47 b", "47"), ("1,010", "1010"), ("x=-5;", "-5"), ("1e3.", "1000"), ("4,-12", "-12")]
    {
        assert!(is_whole(text, number), "{number} in {text}");
    }
    for (text, number) in
        [("147", "47"), ("47.5", "47"), ("1,010", "10"), ("0.5", "5"), ("-5", "5"), ("1e+06", "1")]
    {
        assert!(!is_whole(text, number), "{number} in {text}");
    }
}
