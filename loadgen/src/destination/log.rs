//! A file for what a server writes, as it writes it.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::AsFd as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::Destination;

/// A log, which replaces what was there when the server has started.
#[derive(Debug)]
pub struct Log {
    place: Destination,
    /// `None` in it where it could not be opened.
    file: OnceLock<Option<File>>,
    /// What went wrong first.
    failure: Mutex<Option<io::Error>>,
}

impl Log {
    /// A log that is going to be at `place`.
    #[must_use]
    pub fn new(place: Destination) -> Self {
        Self { place, file: OnceLock::new(), failure: Mutex::new(None) }
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &Destination {
        &self.place
    }

    /// Opens it, unless it is open: a server that is started again goes on with it.
    pub(crate) fn begin(&self) {
        self.file.get_or_init(|| {
            let file = match &self.place {
                Destination::Stdout => io::stdout().as_fd().try_clone_to_owned().map(File::from),
                Destination::Direct(path) => File::options().write(true).open(path),
                Destination::File(path) => File::create(path),
            };
            file.map_err(|error| self.fail(error)).ok()
        });
    }

    /// Writes what the server wrote. A failure does not end the run, but is kept.
    pub(crate) fn write(&self, bytes: &[u8]) {
        let Some(Some(mut file)) = self.file.get().map(Option::as_ref) else { return };
        match file.write_all(bytes) {
            // Whoever read it has seen enough.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => self.fail(error),
            _ => {}
        }
    }

    fn fail(&self, error: io::Error) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error);
    }

    /// What went wrong first, if anything did and it was not asked for yet.
    pub(crate) fn failure(&self) -> Option<io::Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
