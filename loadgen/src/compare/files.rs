//! Reports as files.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::run::{NoReport, Run};

/// The largest report that is read, in bytes: a day's, with its series of seconds, has half of it.
const LARGEST: u64 = 64 << 20;

/// A file that is not the report of a run.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {reason}")]
pub struct WrongReport {
    name: String,
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    #[error("expected a report of at most {} MiB", LARGEST >> 20)]
    TooLarge,
    #[error("{0}")]
    NoReport(#[from] NoReport),
}

/// The runs whose reports are at `paths`; `-` is standard input.
///
/// # Errors
/// When one of them cannot be read, or is no report of one run.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Run>, WrongReport> {
    paths.iter().map(|path| read_one(path)).collect()
}

fn read_one(path: &Path) -> Result<Run, WrongReport> {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { "standard input".into() } else { path.display().to_string() };
    let run = if is_stdin {
        bounded(io::stdin().lock())
    } else {
        File::open(path).map_err(Reason::from).and_then(bounded)
    };
    let run = run.and_then(|json| Ok(Run::new(name.clone(), &json)?));
    run.map_err(|reason| WrongReport { name, reason })
}

fn bounded(file: impl Read) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST { Err(Reason::TooLarge) } else { Ok(bytes) }
}
