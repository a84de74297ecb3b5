//! A request that a redirect led to, over any driver.

use url::Url;

use super::{Trail, Unfollowed};
use crate::extract::Heard;
use crate::scenario::{Step, Values};
use crate::wire::Driver;

/// A request that a redirect led to.
pub(crate) struct Hop<M> {
    /// How it was led there.
    pub(crate) trail: Trail,
    /// What is sent.
    pub(crate) message: M,
}

/// The request that is asked before any redirect.
#[derive(Clone, Copy)]
pub(crate) struct First<'s> {
    pub(crate) step: &'s Step,
    /// Which of those of the step that take turns it is.
    pub(crate) turn: usize,
    /// Where the subject listens.
    pub(crate) base: &'s Url,
}

/// The request that follows the answer that was `heard` to the `first` one, or to the last `hop` behind it,
/// where any does. The cookies that the answer sets are kept, and sent along.
pub(crate) fn follow<D: Driver>(
    driver: &D,
    first: First<'_>,
    hop: Option<&Hop<D::Message>>,
    heard: &Heard<'_>,
    values: &mut Values,
) -> Result<Hop<D::Message>, Unfollowed> {
    let First { step, turn, base } = first;
    let begun;
    let before = if let Some(hop) = hop {
        &hop.trail
    } else {
        begun = Trail::begin(step, turn, base, values);
        &begun
    };
    let trail = before.next(step, heard)?;
    if step.cookies.is_some() {
        values.keep_cookies(before.url(), heard.head);
    }
    let call = trail.call(step, turn, values);
    let message = driver.encode(trail.url(), &call);
    Ok(Hop { trail, message })
}
