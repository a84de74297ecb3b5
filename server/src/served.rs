//! What is served: a store in memory, or documents in a database.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use axum::Router;
use documents::{Address, Limits, Started};
use store::{Journal, Specimen};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::task::JoinError;

use crate::choice::Chosen;
use crate::cli::Options;
use crate::service::Service;

pub(crate) enum Served {
    Store(Arc<Service>),
    Documents {
        started: Started,
        /// Where the database is, if it is to be gone with the server.
        folder: Option<TempDir>,
    },
}

impl Served {
    /// Opens what was chosen. A database is spoken to by the `workers`.
    pub(crate) async fn open(options: &Options, workers: &Handle) -> anyhow::Result<Self> {
        match options.specimen.0 {
            Chosen::Specimen(specimen) => {
                let service = Service::new(specimen, &store_settings(options, specimen)?);
                Ok(Self::Store(Arc::new(service)))
            }
            Chosen::Documents(mode) => {
                ensure!(
                    options.journal.is_none(),
                    "--journal: documents are kept in a database: leave it out, or see --database"
                );
                let (address, folder) = match &options.database {
                    Some(address) => (address.clone(), None),
                    None => temporary_file().context("cannot make a file for the database")?,
                };
                let settings = documents_settings(options);
                let start = async move { documents::start(&address, mode, &settings).await };
                let started = workers.spawn(start).await.context("cannot open the database")??;
                Ok(Self::Documents { started, folder })
            }
        }
    }

    pub(crate) fn router(&self) -> Router {
        match self {
            Self::Store(service) => crate::app(service),
            Self::Documents { started, .. } => started.router.clone(),
        }
    }

    /// Which database it is, if it is in one.
    pub(crate) fn database(&self) -> Option<&str> {
        match self {
            Self::Store(_) => None,
            Self::Documents { started, .. } => Some(&started.description),
        }
    }

    /// To be called once the last request is answered: what has still to be done is done then.
    pub(crate) async fn finish(self, workers: &Handle) -> Result<(), JoinError> {
        match self {
            Self::Store(service) => workers.spawn_blocking(move || service.finish()).await,
            Self::Documents { started, folder } => {
                let counted = workers.spawn(started.close).await?;
                let _ = writeln!(io::stderr(), "documents: {counted}");
                drop(folder);
                Ok(())
            }
        }
    }
}

fn store_settings(options: &Options, specimen: Specimen) -> anyhow::Result<store::Settings> {
    let workload = specimen.workload;
    let (name, defaults) = (workload.name, (workload.defaults)());
    let for_documents = [
        ("--database", options.database.is_some()),
        ("--connections", options.connections.is_some()),
        ("--require-if-match", options.require_if_match),
    ];
    for (option, is_given) in for_documents {
        ensure!(
            !is_given,
            "{option}: {name} is kept in memory: leave it out, or see --workload documents"
        );
    }
    let journal = match &options.journal {
        Some(path) => {
            ensure!(workload.persists, "--journal: {name} keeps nothing in a file: leave it out");
            let journal = Journal::in_file(path);
            let failed = || format!("cannot use {} as a journal", path.display());
            Some(Arc::new(journal.with_context(failed)?))
        }
        None => None,
    };
    let race_window = options.race_window.unwrap_or(defaults.race_window);
    Ok(store::Settings { race_window, journal, ..defaults })
}

fn documents_settings(options: &Options) -> documents::Settings {
    let defaults = documents::Settings::default();
    let connections = options.connections.map_or(defaults.limits.connections, NonZeroUsize::get);
    documents::Settings {
        race_window: options.race_window,
        require_if_match: options.require_if_match,
        limits: Limits { connections, ..defaults.limits },
    }
}

/// `SQLite` in a folder that is removed when the server has ended well.
pub(crate) fn temporary_file() -> io::Result<(Address, Option<TempDir>)> {
    let folder = tempfile::Builder::new().prefix("documents-").tempdir()?;
    Ok((Address::file(folder.path().join("documents.db")), Some(folder)))
}
