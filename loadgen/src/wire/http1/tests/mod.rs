//! The client against services that answer in every legal and many illegal ways.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg_attr(not(test), expect(dead_code, reason = "fuzzing needs part of the script"))]

pub(crate) mod agreement;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod heads;
#[cfg(test)]
mod illegal;
#[cfg(test)]
mod legal;
#[cfg(test)]
mod offending;
mod reference;
#[cfg(test)]
mod requests;
mod script;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod sequence;
#[cfg(test)]
mod streaming;
#[cfg(test)]
mod tables;
