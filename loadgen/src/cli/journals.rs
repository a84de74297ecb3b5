//! The files in which embedded servers save what is to outlive them.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use tempfile::TempDir;

/// Files that embedded servers write and read again.
///
/// They have no name, but are open here, where the servers find them. So they end with this
/// process, however that ends. What takes several files has a folder, which is removed.
#[derive(Debug, Default)]
pub struct Journals {
    files: Vec<File>,
    folders: Vec<TempDir>,
}

impl Journals {
    /// Makes an empty one, and says where it is for as long as `self` is.
    pub(super) fn make(&mut self) -> Result<PathBuf, String> {
        let file = tempfile::tempfile()
            .map_err(|error| format!("cannot make a temporary file: {error}"))?;
        let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
        self.files.push(file);
        Ok(path.into())
    }

    /// Makes an empty folder, and says where it is for as long as `self` is.
    pub(super) fn folder(&mut self) -> Result<PathBuf, String> {
        let folder = tempfile::Builder::new().prefix("loadgen-").tempdir();
        let folder = folder.map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        let path = folder.path().to_owned();
        self.folders.push(folder);
        Ok(path)
    }
}
