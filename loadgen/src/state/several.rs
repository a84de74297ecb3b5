//! The states of several kinds of what is judged, read one after the other.

use std::time::Duration;

use url::Url;

use super::{Before, ReadError, Reader, Source, State};
use crate::wire::Driver;

/// What reads the state of each kind that has one; there is at least one.
pub(crate) struct Readers<M>(Vec<Reader<M>>);

impl<M> Readers<M> {
    /// These, in the order of the plan's reads; `None` without any.
    pub(crate) fn new(all: Vec<Reader<M>>) -> Option<Self> {
        (!all.is_empty()).then_some(Self(all))
    }

    /// The first of them.
    pub(crate) fn first(&self) -> &Reader<M> {
        &self.0[0]
    }

    /// Where each state is read, and by which rule.
    pub(crate) fn sources(&self) -> Vec<Source> {
        self.0.iter().map(Reader::source).collect()
    }

    /// All states, asked for twice, one directly after the other: nobody is to change them in between.
    ///
    /// # Errors
    /// Which one could not be read.
    pub(crate) async fn read_twice<D: Driver<Message = M>>(
        &self,
        driver: &D,
        limit: Duration,
    ) -> Result<Before, (Url, ReadError)> {
        let (mut first, mut state) = (Vec::new(), Vec::new());
        for reader in &self.0 {
            let of_it = |error| (reader.url().clone(), error);
            first.push(reader.read(driver, limit).await.map_err(of_it)?);
            state.push(reader.read(driver, limit).await.map_err(of_it)?);
        }
        Ok(Before { first: State::of_all(first), state: State::of_all(state) })
    }

    /// All states, of which each is waited for no longer than `limit`.
    pub(crate) async fn read<D: Driver<Message = M>>(
        &self,
        driver: &D,
        limit: Duration,
    ) -> Result<State, ReadError> {
        let mut all = Vec::new();
        for reader in &self.0 {
            all.push(reader.read(driver, limit).await?);
        }
        Ok(State::of_all(all))
    }
}
