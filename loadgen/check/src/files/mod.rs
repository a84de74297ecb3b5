//! Histories in files: JSON lines of ours, or events as Jepsen writes them, in EDN or JSON; gzipped or
//! not.
//!
//! The judges are pure; whatever reads or writes is here.

mod cursor;
mod error;
mod events;
mod fields;
mod file;
mod header;
mod json_lines;
mod lines;
mod memory;
mod objects;
mod start;
mod values;
mod write;

pub use error::{ReadError, Stopped, needs_more};
pub use file::{Reader, Recorded, read};
pub use start::{Given, Start};
pub use write::write;
