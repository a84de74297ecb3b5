//! Where a number stands in an answer.
//!
//! Nothing is guessed: a rule finds the number that it names, or says why it does not. Where no rule is
//! given, the answer has to have exactly one number in it.

mod candidates;
mod coding;
mod content;
mod elements;
mod find;
mod found;
mod group;
mod head;
mod json;
mod keyed;
mod markup;
mod next;
mod number;
mod pattern;
mod prom;
mod recall;
mod rule;
mod steps;
#[cfg(test)]
mod tests;
mod text;

pub use candidates::NotFound;
pub(crate) use candidates::place_of_only;
pub(crate) use content::{Body, Heard};
pub use found::{Found, Reason};
pub(crate) use head::header;
pub(crate) use json::{Json, Pointed};
pub use keyed::ByKey;
pub(crate) use keyed::{Kind, Scalar};
pub(crate) use next::{Leads, Next};
pub use number::Decimal;
pub use prom::Sample;
pub use rule::{Extract, ParseExtractError};
pub(crate) use steps::{Steps, Written};
