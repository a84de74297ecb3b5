//! The same tests on every database that is built in: real ones, as `scripts/services` starts them.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]
#![cfg_attr(
    not(any(feature = "postgres", feature = "mysql", feature = "redis", feature = "mongodb")),
    expect(dead_code, unused_imports, reason = "a file has no wire that could be cut")
)]

mod app;
mod basics;
mod conditions;
mod databases;
mod faults;
mod place;
mod updates;
mod wire;
