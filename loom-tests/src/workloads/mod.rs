//! The workloads, and what their threads do.

pub mod booking;
pub mod counter;
pub mod jobs;
pub mod results;
