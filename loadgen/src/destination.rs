//! Where an output goes, and how what is there is replaced.

mod log;

use std::fmt;
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Seek as _, Write};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};
use tempfile::{Builder, NamedTempFile};

pub use log::Log;

/// Whether there was anything to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// There was, and it is.
    Yes,
    /// There was not, for this reason.
    No(&'static str),
}

/// A place that can be written to, as far as can be told before it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output, by whatever name.
    Stdout,
    /// A device or a FIFO: it is written to as it is.
    Direct(PathBuf),
    /// A file, which is replaced or made; no link, and in a folder that exists.
    File(PathBuf),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::Direct(path) | Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Destination {
    /// The place that `path` names; `-` is standard output. What is there is left as it is.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn at(path: &Path) -> io::Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Self::Stdout);
        }
        let found = match fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return new_file(path),
            Err(error) => return Err(error),
        };
        if is_stdout(&found) {
            return Ok(Self::Stdout);
        }
        if found.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if found.file_type().is_socket() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is a socket"));
        }
        access(path, AccessFlags::W_OK)?;
        match fs::canonicalize(path) {
            Ok(path) if found.is_file() => Ok(Self::File(path)),
            // Names below /proc lead to what has no other name any more.
            _ => Ok(Self::Direct(path.to_owned())),
        }
    }

    /// Whether both are the same, by whatever names: what is written to one is written over the
    /// other. Devices can be shared.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let identity = |place: &Self| match place {
            Self::Stdout => None,
            Self::Direct(path) | Self::File(path) => {
                let found = fs::metadata(path).ok()?;
                let is_device = found.file_type().is_char_device();
                (!is_device).then(|| (found.dev(), found.ino()))
            }
        };
        match (self, other) {
            (Self::Direct(_), Self::Direct(_)) => {
                identity(self).is_some() && identity(self) == identity(other)
            }
            _ => self == other || identity(self).is_some() && identity(self) == identity(other),
        }
    }

    /// Has `write` write what there is. Only where that succeeds is a file replaced.
    ///
    /// # Errors
    /// When it cannot be written, or `write` fails.
    pub fn write(
        &self,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<Written>,
    ) -> io::Result<Written> {
        let mut pass_on = |file: &mut dyn Write| {
            let mut file = BufWriter::new(file);
            let written = write(&mut file)?;
            file.flush().map(|()| written)
        };
        match self {
            Self::File(path) => replace(path, &mut pass_on),
            Self::Stdout => until_closed(pass_on(&mut io::stdout().lock())),
            Self::Direct(path) => {
                until_closed(pass_on(&mut File::options().write(true).open(path)?))
            }
        }
    }
}

/// That whoever read it has seen enough is no error.
fn until_closed(written: io::Result<Written>) -> io::Result<Written> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Written::Yes),
        written => written,
    }
}

/// A file that is yet to be made at `path`, or where a link there leads to.
fn new_file(path: &Path) -> io::Result<Destination> {
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(to) = fs::read_link(&path) else { break };
        path = folder(&path).join(to);
    }
    let name = path.file_name().ok_or(ErrorKind::NotFound)?;
    let folder = fs::canonicalize(folder(&path))?;
    // It goes again at once: whether one can be made is all that is asked.
    staged_in(&folder)?;
    Ok(Destination::File(folder.join(name)))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn is_stdout(found: &Metadata) -> bool {
    let stdout = io::stdout();
    let Ok(file) = stdout.as_fd().try_clone_to_owned() else { return false };
    let Ok(other) = File::from(file).metadata() else { return false };
    let is_device = found.file_type().is_char_device();
    // /dev/null is the same for everyone.
    (found.dev(), found.ino()) == (other.dev(), other.ino()) && (!is_device || stdout.is_terminal())
}

/// A file in `folder` that is gone when it is dropped; made as any file is, so that the umask holds.
fn staged_in(folder: &Path) -> io::Result<NamedTempFile> {
    let permissions = Permissions::from_mode(0o666);
    Builder::new().prefix(".loadgen-").permissions(permissions).tempfile_in(folder)
}

/// Writes beside `path` and puts it in the place of what is there; into it where that cannot be.
fn replace(
    path: &Path,
    write: &mut dyn FnMut(&mut dyn Write) -> io::Result<Written>,
) -> io::Result<Written> {
    let old = fs::metadata(path).ok();
    let (mut staged, is_beside) = match staged_in(folder(path)) {
        Ok(staged) => (staged, true),
        // The folder takes no new file, but the old one can be written to.
        Err(_) if old.is_some() => (NamedTempFile::new()?, false),
        Err(error) => return Err(error),
    };
    let written = write(staged.as_file_mut())?;
    if let Written::No(_) = written {
        return Ok(written);
    }
    staged.as_file().sync_all()?;
    if is_beside && old.as_ref().is_none_or(|old| become_like(staged.as_file(), old).is_ok()) {
        staged = match staged.persist(path) {
            Ok(_) => return Ok(written),
            // Something is mounted there, say.
            Err(failed) if old.is_some() => failed.file,
            Err(failed) => return Err(failed.error),
        };
    }
    staged.rewind()?;
    let mut old = File::options().write(true).truncate(true).open(path)?;
    io::copy(staged.as_file_mut(), &mut old)?;
    old.sync_all()?;
    Ok(written)
}

/// Gives `file` the owner and the permissions of an old one; fails where it cannot stand for it.
fn become_like(file: &File, old: &Metadata) -> io::Result<()> {
    if old.nlink() > 1 {
        return Err(io::Error::other("other names lead to the old one, too"));
    }
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(old.permissions())
}
