//! That an access outside the lock loses, and a lock that is copied.

use crate::jobs::loss::loses_a_job;
use crate::mode;

#[test]
fn access_outside_lock_loses_a_job() {
    loses_a_job(mode("mistakes", "access-outside-lock"));
}

#[test]
fn copied_lock_loses_a_job() {
    loses_a_job(mode("mistakes", "copied-lock"));
}
