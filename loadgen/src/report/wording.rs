//! What the parts of a verdict are called, by what the operations mean.

use check::Model;

/// The words for one model.
pub(super) struct Wording {
    /// The labels of the state before and after.
    pub(super) before: &'static str,
    pub(super) after: &'static str,
    /// What is acknowledged.
    pub(super) updates: &'static str,
    /// What becomes of it when all is well.
    pub(super) are_there: &'static str,
    /// What is said of what was acknowledged and is not in the state.
    pub(super) lost: Lost,
}

/// The words for what was acknowledged and is not in the state.
pub(super) struct Lost {
    /// The label of its number.
    pub(super) label: &'static str,
    /// One of it, and several, behind their number.
    pub(super) one: &'static str,
    pub(super) several: &'static str,
    /// What became of it, behind what was acknowledged.
    pub(super) verb: &'static str,
}

impl Wording {
    pub(super) fn of(model: Model) -> Self {
        match model {
            Model::Counter | Model::FetchAndAdd => Self {
                before: "   Counter before:",
                after: "   Counter after:",
                updates: "updates",
                are_there: "are in the counter",
                lost: Lost::new("   Lost updates:", "update lost", "updates lost", "were lost"),
            },
            Model::Register => Self {
                before: "   Value before:",
                after: "   Value after:",
                updates: "writes",
                are_there: "are explained",
                lost: Lost::new("   Lost writes:", "write lost", "writes lost", "were lost"),
            },
            Model::Bounded { .. } => Self {
                before: "   Left before:",
                after: "   Left after:",
                updates: "takes",
                are_there: "took what there was",
                lost: Lost::new(
                    "   Phantom successes:",
                    "success that took nothing",
                    "successes that took nothing",
                    "took nothing",
                ),
            },
            Model::Set => Self {
                before: "   Elements before:",
                after: "   Elements after:",
                updates: "elements",
                are_there: "are there",
                lost: Lost::new("   Lost elements:", "element lost", "elements lost", "were lost"),
            },
        }
    }
}

impl Lost {
    fn new(
        label: &'static str,
        one: &'static str,
        several: &'static str,
        verb: &'static str,
    ) -> Self {
        Self { label, one, several, verb }
    }
}
