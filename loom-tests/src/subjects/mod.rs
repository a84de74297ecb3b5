//! What is checked, a kind of store each, and what the threads do to it.

pub mod booking;
pub mod counter;
pub mod jobs;
pub mod results;
