//! The files in which embedded servers save what is to outlive them.

use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

/// Files that embedded servers write and read again; they are removed when this is dropped.
#[derive(Debug, Default)]
pub struct Journals(Vec<TempPath>);

impl Journals {
    /// Makes an empty one.
    pub(super) fn make(&mut self) -> Result<&Path, String> {
        let file = NamedTempFile::with_prefix("loadgen-")
            .map_err(|error| format!("cannot make a temporary file: {error}"))?;
        Ok(self.0.push_mut(file.into_temp_path()))
    }
}
