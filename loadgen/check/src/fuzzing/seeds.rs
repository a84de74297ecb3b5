//! Targets over the seeds that fuzzing begins with, and over those with a few changes. The tests of
//! each crate that has targets share this file.

use std::fs;
use std::path::Path;

use fastrand::Rng;

/// Runs `target` over each of the seeds in `folder`, and over that with changes: `changes` of them,
/// unless `FUZZ_CHANGES` says how many.
pub(super) fn run(folder: &Path, changes: u64, target: fn(&[u8])) {
    let changes = std::env::var("FUZZ_CHANGES").map_or(changes, |count| count.parse().unwrap());
    let mut seeds: Vec<_> =
        fs::read_dir(folder).unwrap().map(|seed| seed.unwrap().path()).collect();
    assert!(seeds.len() >= 3, "{} has {} seeds", folder.display(), seeds.len());
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
