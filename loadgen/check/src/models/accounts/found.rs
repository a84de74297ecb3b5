//! What is found of reads: the moves that explain them, and an order of them.

/// The ways in which moves explain what a read shows.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// The likeliest first. Each is of places of moves, ascending.
    pub(super) sets: Vec<Vec<u32>>,
    /// Whether there are no others.
    pub(super) are_all: bool,
}

impl Ways {
    /// Where there is nothing to explain.
    pub(super) fn with_none() -> Self {
        Self { sets: vec![Vec::new()], are_all: true }
    }

    pub(super) fn are_none(&self) -> bool {
        self.are_all && self.sets.is_empty()
    }
}

/// A read, by its place among the ledger's, and the moves directly before it, in their order.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) sight: usize,
    pub(super) moves: Vec<u32>,
}

/// A read that no moves explain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrong {
    pub(super) sight: usize,
    /// Whether one of its balances alone is explained by none.
    pub(super) has_wrong_balance: bool,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) found: Found,
    /// The reads that no moves explain, each for itself: they are placed as if they showed nothing.
    pub(super) wrong: Vec<Wrong>,
    /// How many reads overlapped more moves than were tried.
    pub(super) untried: usize,
}

#[derive(Debug)]
pub(super) enum Found {
    /// All reads that are not wrong, explained.
    Order(Vec<Placed>),
    /// There is no order, as these were left when most were placed, behind those.
    Nothing { left: Vec<usize>, placed: Vec<usize> },
    /// It is not known whether there is one.
    Open,
}

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// The likeliest ways; each attempt goes others.
    Quick { attempt: usize },
    /// Everything, as far as it goes.
    Thorough,
}
