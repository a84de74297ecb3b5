//! Which step comes next: a pure function of the request's number, or of the step before it.

use std::time::Duration;

use super::Mix;
use crate::schedule::Stripe;

/// Which of the steps a client takes, and when.
#[derive(Debug, Clone)]
pub enum Order {
    /// Each request is one of them, so often.
    Mixed(Mix),
    /// A client takes all of them, one after the other: what is counted, and begins at its time, is
    /// such a round.
    Flow {
        /// How many steps there are.
        steps: usize,
        /// How long a client waits before each step but the first, at least and at most.
        pause: (Duration, Duration),
    },
}

impl Default for Order {
    fn default() -> Self {
        Self::Mixed(Mix::default())
    }
}

impl Order {
    /// The same with another step, of this share of all requests.
    #[must_use]
    pub(super) fn with(self, share: f64) -> Self {
        match self {
            Self::Mixed(mix) => Self::Mixed(mix.with(share)),
            Self::Flow { steps, pause } => Self::Flow { steps: steps + 1, pause },
        }
    }

    /// Whether each client takes the steps in their order.
    #[must_use]
    pub fn is_flow(&self) -> bool {
        matches!(self, Self::Flow { .. })
    }

    /// How many requests a ticket is at most.
    pub(crate) fn steps(&self) -> usize {
        if let Self::Flow { steps, .. } = self { *steps } else { 1 }
    }

    /// The share of each step but the first of all requests; none where they have none.
    pub(super) fn shares(&self) -> impl Iterator<Item = f64> {
        let mix = if let Self::Mixed(mix) = self { Some(mix) } else { None };
        mix.into_iter().flat_map(Mix::shares)
    }

    /// The index of the step that the request with `number` begins with, of the worker with this
    /// stripe.
    pub(crate) fn first(&self, number: u64, stripe: Stripe) -> usize {
        match self {
            Self::Mixed(mix) => mix.step(number, stripe),
            Self::Flow { .. } => 0,
        }
    }

    /// The step that follows `step` in a round, and how long is waited before it, at least and at most.
    pub(crate) fn next(&self, step: usize) -> Option<(usize, (Duration, Duration))> {
        match self {
            Self::Flow { steps, pause } if step + 1 < *steps => Some((step + 1, *pause)),
            Self::Mixed(_) | Self::Flow { .. } => None,
        }
    }
}
