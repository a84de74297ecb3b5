//! The command line from end to end: the program as a process, against servers on real sockets.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod broken;
mod byte_server;
mod clients;
mod counter;
mod embedded;
mod exact;
mod exec;
mod faults;
mod faulty_counter;
mod hanging;
mod histories;
mod inside;
mod interrupts;
mod kept;
mod leftovers;
mod limits;
mod models;
mod mortal;
mod names;
mod output;
mod outputs;
mod program;
mod provoked;
mod reading;
mod report;
mod request;
mod schema;
mod serialised;
mod shortages;
mod stalls;
mod terminal;
mod text;
mod time;
mod unreachable;
mod usage;
mod workloads;
