//! A list of numbers that is saved as it grows.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::sync::{Mutex, fatal};

/// Numbers in the order in which they were saved: in a file, a line each, or in memory.
pub struct Journal(Place);

enum Place {
    Memory(Mutex<Vec<i64>>),
    File { path: PathBuf, file: Mutex<File> },
}

impl Journal {
    /// A journal that ends with the process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self(Place::Memory(Mutex::new(Vec::new())))
    }

    /// The journal in the file at `path`, which is made where there is none.
    ///
    /// # Errors
    /// When the file cannot be opened, or holds anything but numbers.
    pub fn in_file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let journal = Self(Place::File { path: path.to_owned(), file: Mutex::new(file) });
        journal.read()?;
        Ok(journal)
    }

    /// Saves `number` behind the others.
    ///
    /// A file that cannot be written ends the process: a journal that goes on without what it was
    /// given would be a specimen of its own.
    pub(crate) fn append(&self, number: i64) {
        match &self.0 {
            Place::Memory(numbers) => numbers.lock().push(number),
            Place::File { path, file } => {
                // In one write: what a dying process leaves is whole lines.
                if let Err(error) = file.lock().write_all(format!("{number}\n").as_bytes()) {
                    fatal(&format!("cannot write {}: {error}", path.display()));
                }
            }
        }
    }

    /// Every number that was saved. A file that can no longer be read ends the process: it is not
    /// known any more what was saved.
    pub(crate) fn numbers(&self) -> Vec<i64> {
        self.read().unwrap_or_else(|error| fatal(&format!("{self:?} cannot be read: {error}")))
    }

    /// Every number that was saved.
    ///
    /// # Errors
    /// When the file cannot be read, or holds anything but numbers.
    pub fn read(&self) -> io::Result<Vec<i64>> {
        match &self.0 {
            Place::Memory(numbers) => Ok(numbers.lock().clone()),
            Place::File { path, file } => {
                // Nobody writes meanwhile: half a line may be a number, too.
                let _file = file.lock();
                let text = std::fs::read_to_string(path)?;
                let numbered = (1..).zip(text.split_inclusive('\n'));
                numbered
                    .map(|(at, line)| number(line).ok_or_else(|| not_a_number(at, line)))
                    .collect()
            }
        }
    }
}

/// The number on `line`, which must have an end: the next number is written behind it.
fn number(line: &str) -> Option<i64> {
    line.strip_suffix('\n')?.parse().ok()
}

fn not_a_number(at: usize, line: &str) -> io::Error {
    let reason = match line.strip_suffix('\n') {
        Some(text) => format!("line {at}: `{text}` is no number: expected one a line"),
        None => format!("line {at}: `{line}` is the last, and has no end: it may be half a number"),
    };
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Memory(_) => f.write_str("Journal in memory"),
            Place::File { path, .. } => write!(f, "Journal in {}", path.display()),
        }
    }
}
