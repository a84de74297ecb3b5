//! The command line from end to end: the program as a process, against servers on real sockets.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod broken;
mod byte_server;
mod clients;
mod corpus;
mod counter;
mod embedded;
mod escapes;
mod exact;
mod exec;
mod faults;
mod faulty_counter;
mod hanging;
mod histories;
mod http_server;
mod inside;
mod interrupts;
mod kept;
mod last_line;
mod limits;
mod meanings;
mod models;
mod mortal;
mod names;
mod output;
mod program;
mod provoked;
mod reading;
mod report;
mod request;
mod schema;
mod screen;
mod secrets;
mod serialised;
mod settling;
mod shortages;
mod stalls;
mod terminal;
mod text;
mod time;
mod twice;
mod unreachable;
mod usage;
mod workloads;
