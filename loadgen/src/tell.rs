//! Lines for whoever watches: standard output is for results alone.

use std::fmt;
use std::io::{Write as _, stderr};

/// Writes a line to standard error; that nobody can read it is no reason to end a run.
pub fn tell(line: impl fmt::Display) {
    let _ = writeln!(stderr(), "{line}");
}
