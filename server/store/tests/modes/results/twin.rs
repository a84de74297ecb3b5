//! Any sequence of operations, answered as an ordinary list would answer it.

use loadgen_store::ResultsFull;
use proptest::prelude::*;

use super::open;
use crate::modes;

proptest! {
    #[test]
    fn every_mode_answers_as_its_twin(
        capacity in 0..12_usize,
        saves in prop::collection::vec(prop::option::weighted(0.7, 0..5_i64), 0..30),
    ) {
        for mode in modes("results") {
            let results = open(mode, capacity);
            let mut twin = Vec::new();
            for save in saves.iter().chain([&None]) {
                let Some(id) = *save else {
                    prop_assert_eq!(results.list(), twin.clone(), "{}", mode.name);
                    continue;
                };
                let expected = if twin.len() < capacity { Ok(()) } else { Err(ResultsFull) };
                prop_assert_eq!(results.save(id), expected, "{}: {:?}", mode.name, twin);
                if expected.is_ok() {
                    twin.push(id);
                }
            }
        }
    }
}
