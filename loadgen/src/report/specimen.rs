//! One of several specimens, as it is shown.

use store::Expectation;

use super::Report;
use crate::plan::Specimen;

/// What there is to say of a specimen.
#[derive(Clone, Copy)]
pub(super) struct Line<'r> {
    pub(super) specimen: Specimen,
    pub(super) as_expected: bool,
    pub(super) run: &'r Report,
}

/// What a specimen should do, behind "it should".
pub(super) fn should(expectation: Expectation) -> &'static str {
    match expectation {
        Expectation::Correct => "lose none, and serve many at a time",
        Expectation::LosesUpdates => "lose updates",
        Expectation::Oversells => "sell more than there is",
        Expectation::Crashes => "crash",
        Expectation::Hangs => "hang",
        Expectation::Serialises => "serve one at a time",
    }
}
