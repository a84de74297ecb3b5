//! Where databases are that tests use: `SQLite` in a file, others as `scripts/services` starts them, as long
//! as some test uses them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, Weak};

use loadgen_documents::Address;

/// A database that is there as long as this is.
pub(crate) struct Place {
    url: String,
    // Ended before its folder is removed: where its process is, is told there.
    service: Option<Service>,
    _folder: tempfile::TempDir,
}

/// Ended when it is dropped, and what it wrote removed.
struct Service {
    name: &'static str,
    home: PathBuf,
}

impl Place {
    /// A database of this kind; `None` where it cannot be had, which has been said.
    pub(crate) fn of(kind: &'static str) -> Option<Arc<Self>> {
        static PLACES: Mutex<Option<HashMap<&str, Weak<Place>>>> = Mutex::new(None);
        // A test that fails while it holds it leaves it as it was.
        let mut places = PLACES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let place = places.get_or_insert_default().entry(kind).or_default();
        if let Some(place) = place.upgrade() {
            return Some(place);
        }
        let made = Arc::new(Self::make(kind)?);
        *place = Arc::downgrade(&made);
        Some(made)
    }

    fn make(kind: &'static str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = match kind {
            "sqlite" => format!("sqlite:{}", folder.path().join("documents.db").display()),
            "mongodb" if std::env::var_os("MONGODB_URI").is_some() => {
                std::env::var("MONGODB_URI").unwrap()
            }
            _ => {
                let service = Service { name: kind, home: folder.path().join("services") };
                let url = service.start()?;
                return Some(Self { url, _folder: folder, service: Some(service) });
            }
        };
        Some(Self { url, _folder: folder, service: None })
    }

    pub(crate) fn address(&self) -> Address {
        self.url.parse().unwrap_or_else(|error| panic!("{}: {error}", self.url))
    }

    /// The same database with a parameter in its URL.
    pub(crate) fn address_with(&self, parameter: &str) -> Address {
        let sign = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{sign}{parameter}", self.url).parse().unwrap()
    }

    /// Its URL, as others have it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The socket that it listens on, if it does.
    pub(crate) fn socket(&self) -> Option<PathBuf> {
        let service = self.service.as_ref()?;
        let socket = match service.name {
            "postgres" => ".s.PGSQL.5432",
            "mongodb" => return None,
            _ => "socket",
        };
        Some(service.home.join(service.name).join(socket))
    }
}

/// Says that a test was left out, for want of something. Where everything is to be tested, in CI, it
/// fails instead.
#[track_caller]
fn leave_out(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "in CI nothing is left out: {why}");
    eprintln!("not tested: {why}");
}

/// What the script exits with where a service is not installed.
const MISSING: i32 = 77;

impl Service {
    fn script(&self, command: &str) -> Command {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/services");
        let mut script = Command::new(path);
        script.arg(command).arg(self.name).env("LOADGEN_SERVICES", &self.home);
        script
    }

    fn start(&self) -> Option<String> {
        let started = self.script("start").stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(started.stderr).unwrap();
        if started.status.code() == Some(MISSING) {
            leave_out(said.trim());
            return None;
        }
        assert!(started.status.success(), "{said}");
        let line = String::from_utf8(started.stdout).unwrap();
        let (_, place) = line.trim_end().split_once(' ').unwrap();
        Some(match self.name {
            "redis" => format!("redis+unix://{place}"),
            _ => place.to_owned(),
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let stopped = self.script("stop").status();
        // A panic while another unwinds would hide the reason.
        if !std::thread::panicking() {
            assert!(stopped.unwrap().success());
        }
    }
}
