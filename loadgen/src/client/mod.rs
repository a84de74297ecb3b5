//! One connection, one request at a time.

mod chunked;
mod connection;
mod failure;
mod head;
mod request;

pub(crate) use connection::{Answer, Connection};
pub(crate) use failure::Failure;
pub(crate) use head::header;
pub(crate) use request::Request;
pub use request::Template;
