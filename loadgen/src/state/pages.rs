//! A list that is read in pages: each answer says where the next is.

use std::collections::HashSet;

use thiserror::Error;
use url::Url;

use super::ReadError;
use crate::extract::{Found, Heard, Leads, Next, Reason};
use crate::redirect::{Outside, within};
use crate::reply::MAX_STATE_BYTES;
use crate::scenario::verbatim_url;

/// A list with more pages is not read.
const MOST: usize = 10_000;

/// So often pages are read before they are said to change all the time.
const TRIES: u32 = 5;

/// A page could not be asked for.
#[derive(Debug, Error)]
#[error("page {page}: {why}")]
pub struct NoPage {
    /// Which one, from 1.
    page: usize,
    why: Why,
}

#[derive(Debug, Error)]
enum Why {
    #[error("{rule} does not say where it is: {reason}")]
    Unsaid { rule: String, reason: Reason },
    #[error("it would be at `{link}`, which is {why}")]
    Outside { link: String, why: Outside },
    #[error("it would be {0}, which was read before")]
    Again(String),
    #[error("lists of more than {MOST} pages are not read")]
    TooMany,
    #[error("with it the list would be longer than {} MiB", MAX_STATE_BYTES / (1024 * 1024))]
    TooLong,
}

/// The pages of a list, of which each says where the next is.
pub(super) struct Pages<'n> {
    next: &'n Next,
    first: Url,
    /// The last one that was asked for.
    last: Url,
    asked: HashSet<Url>,
    bytes: usize,
}

impl<'n> Pages<'n> {
    /// Those of which this is the `first`.
    pub(super) fn new(next: &'n Next, first: Url) -> Self {
        let asked = HashSet::from([first.clone()]);
        Self { next, last: first.clone(), first, asked, bytes: 0 }
    }

    /// Where the page behind the last is, of which this was `heard`; `None` where that was all.
    pub(super) fn behind(&mut self, heard: &Heard<'_>) -> Result<Option<Url>, NoPage> {
        let page = self.asked.len() + 1;
        let no_page = |why| Err(NoPage { page, why });
        let url = match self.next.of(heard) {
            Found::Nothing => return Ok(None),
            Found::Unreadable(reason) => {
                return no_page(Why::Unsaid { rule: self.next.to_string(), reason });
            }
            Found::Value(Leads::To(link)) => match within(&self.last, &link) {
                Ok(url) => url,
                Err(why) => return no_page(Why::Outside { link, why }),
            },
            Found::Value(Leads::With(name, value)) => with_parameter(&self.first, name, &value),
        };
        let url = verbatim_url(url);
        self.bytes += heard.body.bytes.len();
        if !self.asked.insert(url.clone()) {
            return no_page(Why::Again(url.to_string()));
        }
        if page > MOST {
            return no_page(Why::TooMany);
        }
        if self.bytes > MAX_STATE_BYTES {
            return no_page(Why::TooLong);
        }
        self.last = url.clone();
        Ok(Some(url))
    }
}

/// `url` with this value for the parameter called `name`, instead of what it has.
fn with_parameter(url: &Url, name: &str, value: &str) -> Url {
    let others = url.query_pairs().filter(|(known, _)| known != name);
    let others: Vec<_> =
        others.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
    url
}

/// What `read` reads, and of how many pages: where these are several, as soon as it is the same twice.
/// Between two pages, what is on one may move to the other.
pub(super) async fn steady<T: PartialEq>(
    read: impl AsyncFn() -> Result<(T, usize), ReadError>,
) -> Result<T, ReadError> {
    let (mut seen, pages) = read().await?;
    if pages == 1 {
        return Ok(seen);
    }
    for _ in 1..TRIES {
        let (again, _) = read().await?;
        if again == seen {
            return Ok(seen);
        }
        seen = again;
    }
    Err(ReadError::Unsteady(TRIES))
}

#[cfg(test)]
mod tests;
