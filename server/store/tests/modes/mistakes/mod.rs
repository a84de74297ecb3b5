//! The job store with a mistake in its locking. What each answers to a thread that is alone, until
//! the mistake is made, is with the other jobs.

mod fatal;
mod hang;
mod loss;
mod stress;
