//! Any sequence of operations, answered as a number that nobody shares would answer it.

use loadgen_store::RaceWindow;
use proptest::prelude::*;

use super::{answer_without_seats, open};
use crate::modes;

proptest! {
    #[test]
    fn every_mode_answers_as_its_twin(
        capacity in 0..8_usize,
        books in prop::collection::vec(any::<bool>(), 0..20),
    ) {
        for mode in modes("booking") {
            let seats = open(mode, capacity, RaceWindow::None);
            let mut twin = i64::try_from(capacity).unwrap();
            for &book in books.iter().chain([&false]) {
                if !book {
                    prop_assert_eq!(seats.left(), twin, "{}", mode.name);
                    continue;
                }
                let expected = twin > 0 || answer_without_seats(mode);
                prop_assert_eq!(seats.book(), expected, "{}: {} left", mode.name, twin);
                twin = (twin - 1).max(0);
            }
        }
    }
}
