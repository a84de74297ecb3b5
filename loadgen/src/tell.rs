//! Lines for whoever watches: standard output is for results alone.

use std::fmt;
use std::io::{Write as _, stderr};

use crate::escape;

/// Writes a line to standard error; that nobody can read it is no reason to end a run.
pub fn tell(line: impl fmt::Display) {
    let _ = writeln!(stderr(), "{}", escape::line(&line.to_string()));
}

/// Writes several lines to standard error.
pub fn tell_lines(lines: impl fmt::Display) {
    let _ = writeln!(stderr(), "{}", escape::lines(&lines.to_string()));
}
