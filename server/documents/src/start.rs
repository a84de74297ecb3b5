//! Opening a database, and serving its documents.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use store::RaceWindow;
use tokio::time::{Instant, sleep};

use crate::address::{Address, Place};
use crate::database::{self, Database, Error, Limits, Opened};
use crate::mode::{Backend, Mode, NoSuchMode};
use crate::routes::app;
use crate::service::Service;

/// How documents are served.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What passes between read and write [the mode's own](Mode::race_window).
    pub race_window: Option<RaceWindow>,
    /// Whether a write has to say which version it is about.
    pub require_if_match: bool,
    /// How the database is used.
    pub limits: Limits,
}

/// Documents that are served.
pub struct Started {
    /// What answers requests.
    pub router: Router,
    /// Which database it is, as far as modes differ.
    pub backend: Backend,
    /// What it is: its name, version, place without any password, and the settings that matter.
    pub description: String,
    /// Lets go of the database, and says in a line what became of the requests.
    pub close: Pin<Box<dyn Future<Output = String> + Send>>,
}

/// Why documents cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database has no means for the mode.
    #[error(transparent)]
    NoSuchMode(#[from] NoSuchMode),
    /// It did not answer for as long as it was waited for.
    #[error("{address} cannot be reached, for {waited:?}: {why}")]
    Gone {
        /// Where it should be.
        address: String,
        /// How long it was waited for.
        waited: Duration,
        /// What went wrong last.
        why: String,
    },
    /// It answers, and refuses.
    #[error("{address} cannot be used: {why}")]
    Refused {
        /// Where it is.
        address: String,
        /// What it says.
        why: String,
    },
}

/// Opens the database at `address`, which is waited for, makes its table if it has none, and serves its
/// documents in `mode`.
///
/// # Errors
/// When the database cannot have the mode, cannot be reached, or refuses.
pub async fn start(
    address: &Address,
    mode: &'static Mode,
    settings: &Settings,
) -> Result<Started, StartError> {
    address.check(mode)?;
    let limits = &settings.limits;
    match &address.0 {
        #[cfg(feature = "sqlite")]
        Place::File(path) => {
            let open = || database::sqlite::open(path, limits.clone());
            Ok(serve(waited_for(address, limits, open).await?, mode, settings))
        }
        #[cfg(feature = "postgres")]
        Place::Server(crate::address::Kind::Postgres, url) => {
            let open = || database::postgres::open(url, limits.clone());
            Ok(serve(waited_for(address, limits, open).await?, mode, settings))
        }
        #[cfg(feature = "mysql")]
        Place::Server(crate::address::Kind::MySql, url) => {
            let open = || database::mysql::open(url, limits.clone());
            Ok(serve(waited_for(address, limits, open).await?, mode, settings))
        }
        #[cfg(feature = "mongodb")]
        Place::Server(crate::address::Kind::MongoDb, url) => {
            let open = || database::mongodb::open(url, limits.clone());
            Ok(serve(waited_for(address, limits, open).await?, mode, settings))
        }
        #[cfg(feature = "redis")]
        Place::Server(crate::address::Kind::Redis, url) => {
            let open = || database::redis::open(url, limits.clone());
            Ok(serve(waited_for(address, limits, open).await?, mode, settings))
        }
        // An address is taken only where its database is built in.
        #[cfg(not(all(
            feature = "sqlite",
            feature = "postgres",
            feature = "mysql",
            feature = "mongodb",
            feature = "redis"
        )))]
        _ => Err(StartError::Refused {
            address: address.to_string(),
            why: "it is not built in".to_owned(),
        }),
    }
}

/// Opens a database, which may just be starting.
async fn waited_for<D, F>(
    address: &Address,
    limits: &Limits,
    open: impl Fn() -> F,
) -> Result<Opened<D>, StartError>
where
    F: Future<Output = Result<Opened<D>, Error>>,
{
    const PAUSE: Duration = Duration::from_millis(100);
    let start = Instant::now();
    loop {
        let address = || address.to_string();
        match open().await {
            Ok(opened) => return Ok(opened),
            Err(Error::Gone(why)) if start.elapsed() >= limits.start => {
                return Err(StartError::Gone { address: address(), waited: limits.start, why });
            }
            Err(Error::Gone(_)) => sleep(PAUSE).await,
            Err(error) => {
                return Err(StartError::Refused { address: address(), why: error.to_string() });
            }
        }
    }
}

fn serve<D: Database>(opened: Opened<D>, mode: &'static Mode, settings: &Settings) -> Started {
    let (backend, description) = (opened.backend, opened.description.clone());
    let Settings { race_window, require_if_match, .. } = *settings;
    let race_window = race_window.unwrap_or_else(|| mode.race_window());
    let service = Arc::new(Service::new(opened, mode, race_window, require_if_match));
    let router = app(Arc::clone(&service));
    let close = Box::pin(async move {
        service.database.close().await;
        service.stats.line()
    });
    Started { router, backend, description, close }
}
