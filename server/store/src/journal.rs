//! A list of numbers that is saved as it grows.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::sync::{Mutex, fatal};

/// The longest line: the lowest number, and the end of the line.
const MAX_LINE_BYTES: usize = 21;
/// Far more than any run saves, and still far less than fills a memory.
const MAX_BYTES: u64 = 256 << 20;

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
    /// When it is no regular file, cannot be opened, or holds anything but numbers or too many.
    pub fn in_file(path: &Path) -> io::Result<Self> {
        // Before it is opened: a FIFO that nobody reads would never be.
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            let reason =
                "it is not a regular file, but a journal has to be read again from its beginning";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
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
    /// When the file cannot be read, or holds anything but numbers, or more than 256 MiB of them.
    pub fn read(&self) -> io::Result<Vec<i64>> {
        match &self.0 {
            Place::Memory(numbers) => Ok(numbers.lock().clone()),
            Place::File { path, file } => {
                // Nobody writes meanwhile: half a line may be a number, too.
                let _file = file.lock();
                let file = File::open(path)?;
                if file.metadata()?.len() > MAX_BYTES {
                    return Err(too_large());
                }
                read(file)
            }
        }
    }
}

/// The numbers of `file`, which may grow meanwhile.
fn read(file: impl io::Read) -> io::Result<Vec<i64>> {
    let mut file = BufReader::new(file.take(MAX_BYTES + 1));
    let (mut numbers, mut line) = (Vec::new(), Vec::new());
    let mut left = MAX_BYTES;
    for at in 1.. {
        line.clear();
        let room = MAX_LINE_BYTES as u64 + 1;
        let length = file.by_ref().take(room).read_until(b'\n', &mut line)?;
        if length == 0 {
            break;
        }
        left = left.checked_sub(length as u64).ok_or_else(too_large)?;
        if length > MAX_LINE_BYTES {
            return Err(invalid(format!("line {at}: longer than {MAX_LINE_BYTES} bytes")));
        }
        let line = String::from_utf8_lossy(&line);
        numbers.push(number(&line).ok_or_else(|| not_a_number(at, &line))?);
    }
    Ok(numbers)
}

/// The number on `line`, which must have an end: the next number is written behind it.
fn number(line: &str) -> Option<i64> {
    line.strip_suffix('\n')?.parse().ok()
}

fn not_a_number(at: usize, line: &str) -> io::Error {
    let reason = match line.strip_suffix('\n') {
        Some(text) => format!("line {at}: `{text}` is not a number: expected one on each line"),
        None => format!("line {at}: `{line}` is the last, and has no end: it may be half a number"),
    };
    invalid(reason)
}

fn too_large() -> io::Error {
    invalid(format!("larger than {} MiB, the most that a journal may be", MAX_BYTES >> 20))
}

fn invalid(reason: String) -> io::Error {
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
