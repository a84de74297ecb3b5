//! Users that have no choice.

use std::ops::ControlFlow;

use super::access::{Access, NONE, Need};
use super::sources::Sources;

/// What is known of the users before anything is chosen.
#[derive(Default)]
pub(super) struct Survey {
    /// Users with one candidate, and that.
    pub(super) settled: Vec<(u32, u32)>,
    /// Of each optional operation that was certainly done the user that shows it.
    pub(super) cause: Vec<u32>,
    /// Users with several.
    pub(super) open: Vec<u32>,
    /// Users with none.
    pub(super) without: Vec<u32>,
    /// `cas` that failed since they expected a value that was never there: any place will do.
    pub(super) free: Vec<u32>,
}

impl Survey {
    /// Of all users; an optional operation that is some user's one candidate is a user as well.
    pub(super) fn of(accesses: &[Access], sources: &Sources<'_>) -> Self {
        let mut survey = Self { cause: vec![NONE; accesses.len()], ..Self::default() };
        let indexed = (0..).zip(accesses);
        let users = indexed.filter(|(_, access)| access.is_user());
        let mut users: Vec<u32> = users.map(|(index, _)| index).collect();
        while let Some(user) = users.pop() {
            if let Need::Other(value) = accesses[user as usize].needs
                && sources.of_value(value).1 == 0
            {
                survey.free.push(user);
                continue;
            }
            let (first, has_more) = first_candidate(sources, user);
            match first {
                None => survey.without.push(user),
                Some(_) if has_more => survey.open.push(user),
                Some(source) => {
                    survey.settled.push((user, source));
                    let is_shown = survey.cause[source as usize] != NONE;
                    let access = &accesses[source as usize];
                    if !access.is_certain && !is_shown {
                        survey.cause[source as usize] = user;
                        if access.is_swap() {
                            users.push(source);
                        }
                    }
                }
            }
        }
        survey.open.sort_unstable_by_key(|user| (accesses[*user as usize].begin, *user));
        survey
    }
}

/// A candidate of `user`, and whether there are more.
fn first_candidate(sources: &Sources<'_>, user: u32) -> (Option<u32>, bool) {
    let (mut first, mut has_more) = (None, false);
    sources.visit(user, |source| {
        has_more = first.is_some();
        first = first.or(Some(source));
        if has_more { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    (first, has_more)
}
