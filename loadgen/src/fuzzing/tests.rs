//! The functions over the seeds that fuzzing begins with, and over those with a few changes.

use std::path::Path;

use super::seeds;
use super::token::{is_whole, normal};

/// How often each seed is changed.
const CHANGES: u64 = 50;

fn over_seeds(name: &str, target: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    seeds::run(&seeds, CHANGES, target);
}

#[test]
fn numbers_of_the_seeds_are_found() {
    over_seeds("extract", super::extract);
}

#[test]
fn reports_of_the_seeds_are_read() {
    over_seeds("report", super::report);
}

#[test]
fn answers_of_the_seeds_are_read() {
    over_seeds("response", super::response);
}

#[test]
fn frames_of_the_seeds_are_read() {
    over_seeds("http2", super::http2);
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
