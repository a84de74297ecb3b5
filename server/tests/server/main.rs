//! The server's tests: the app without a socket, the library on a socket, the binary as a process.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod about;
mod alike;
mod app;
mod arbitrary;
mod client;
mod connections;
mod contract;
mod documents;
mod errors;
mod hang;
mod journal;
mod limits;
mod modes;
mod process;
mod program;
mod serving;
mod shutdown;
mod workloads;
