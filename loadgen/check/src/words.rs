//! What reports call the parts of a verdict.

/// The words for the verdicts of one model.
#[derive(Debug)]
pub struct Words {
    /// The state before the first operation.
    pub before: &'static str,
    /// The state after the last.
    pub after: &'static str,
    /// What is acknowledged.
    pub updates: &'static str,
    /// What becomes of it when all is well, behind what was acknowledged.
    pub are_there: &'static str,
    /// What is said of what was acknowledged and is not in the state.
    pub lost: Lost,
}

/// The words for what was acknowledged and is not in the state.
#[derive(Debug)]
pub struct Lost {
    /// Its number.
    pub label: &'static str,
    /// One of it, behind the number.
    pub one: &'static str,
    /// Several, behind their number.
    pub several: &'static str,
    /// What became of it, behind what was acknowledged.
    pub verb: &'static str,
}
