//! Histories in files: JSON lines, or EDN as Jepsen writes it, gzipped or not.
//!
//! The judges are pure; whatever reads or writes is here.

mod cursor;
mod edn;
mod error;
mod fields;
mod file;
mod header;
mod json_lines;
mod lines;
mod objects;
mod write;

pub use error::ReadError;
pub use file::read;
pub use write::write;
