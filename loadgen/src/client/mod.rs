//! One connection, one request at a time.

mod body;
mod chunked;
mod connection;
mod failure;
mod head;
mod request;
mod sending;
#[cfg(test)]
mod tests;

pub(crate) use connection::{Answer, Connection, Listener};
pub(crate) use failure::Failure;
pub(crate) use head::header;
pub(crate) use request::Request;
pub use request::{PLACEHOLDER, Template};
