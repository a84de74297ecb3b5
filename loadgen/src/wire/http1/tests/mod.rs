//! The client against services that answer in every legal and many illegal ways.

mod differential;
mod heads;
mod illegal;
mod legal;
mod reference;
mod requests;
mod script;
mod sending;
mod sequence;
mod streaming;
mod tables;
