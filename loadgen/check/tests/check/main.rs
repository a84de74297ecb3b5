//! The judges against every order that there is, and against histories with a planted anomaly.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod bounded;
mod brute;
mod certificate;
mod counter;
mod dispense;
mod doubt;
mod fetch_and_add;
mod files;
mod generate;
mod incremental;
mod lock;
mod models;
mod odd;
mod once;
mod planted;
mod queue;
mod racy;
mod register;
mod sample;
mod search;
mod sentences;
mod set;
mod twin;
mod unique;
mod versioned;
mod weaker;
