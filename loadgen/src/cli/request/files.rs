//! What contents are read from.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The longest content of a request: all of it is in memory.
const MAX_CONTENT_BYTES: u64 = 256 << 20;

/// What is in a file.
pub(super) fn of_file(path: &Path) -> Result<Vec<u8>, String> {
    let content = File::open(path).and_then(bounded);
    content.map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// A text, or what is in the file behind an @.
pub(super) fn given(text: &str) -> Result<Vec<u8>, String> {
    match text.strip_prefix('@') {
        None => Ok(text.as_bytes().to_vec()),
        Some("-") => {
            let content = bounded(io::stdin().lock());
            content.map_err(|error| format!("cannot read standard input: {error}"))
        }
        Some(path) => of_file(path.as_ref()),
    }
}

/// All that can be read, which may have no end.
fn bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let count = from.take(MAX_CONTENT_BYTES + 1).read_to_end(&mut content)?;
    if count as u64 > MAX_CONTENT_BYTES {
        let limit = MAX_CONTENT_BYTES >> 20;
        return Err(io::Error::other(format!("it is longer than {limit} MiB")));
    }
    Ok(content)
}
