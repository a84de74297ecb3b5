//! Documents in a real database, and the ways of updating them: which of them lose updates, on which database.
//!
//! A service offers documents over HTTP: create, read, replace, patch, delete, add to a field, move an amount
//! between two. A [`Mode`] is how it does so: most read a document, let a race window pass, and write it
//! back, and differ in what they have the database do about whoever comes in between.
//!
//! ```no_run
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! use loadgen_documents::{Address, Mode, Settings, start};
//!
//! let address: Address = "sqlite:/tmp/documents.db".parse()?;
//! let started = start(&address, Mode::named("optimistic")?, &Settings::default()).await?;
//! println!("{}", started.description);
//! // started.router answers requests
//! started.close.await;
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod address;
mod change;
mod database;
mod document;
mod merge;
mod mode;
mod retry;
mod routes;
mod service;
mod start;
mod stats;

pub use address::{Address, InvalidAddress};
pub use database::Limits;
pub use document::{MAX_BYTES, MAX_DEPTH, MAX_NAME_BYTES, MAX_PAGE};
pub use mode::{
    BACKENDS, Backend, Expectation, MODES, Mode, NoSuchMode, SUMMARY, UnknownMode, WORKLOAD,
};
pub use start::{Settings, StartError, Started, start};
