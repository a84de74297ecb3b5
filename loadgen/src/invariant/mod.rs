//! What a user says that holds of a service, in CEL: of the values that its state had before the load and
//! after it, and of how many requests came to what.

mod evaluate;
mod seen;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use cel::Program;
use regex::Regex;

use crate::extract::{ByKey, Extract};
use crate::plan::StateRead;
pub(crate) use evaluate::{Checked, Counted, Figures};
pub(crate) use seen::Seen;

/// What is to hold, and what is read for it.
#[derive(Debug, Clone, Default)]
pub struct Invariants {
    /// Each as it was written.
    pub all: Vec<String>,
    /// Where the values stand that they speak of.
    pub watched: Vec<Watched>,
    /// Where one does not hold, the values are read again until they have not changed for so long.
    pub settle: Duration,
}

/// Values that one answer has.
#[derive(Debug, Clone)]
pub struct Watched {
    /// What is asked.
    pub read: StateRead,
    /// What each is called, and where it stands.
    pub values: Vec<(String, Extract, Option<ByKey>)>,
}

impl Invariants {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// The names that `text` speaks of, each but for `before` once.
///
/// # Errors
/// When it is no expression.
pub(crate) fn names(text: &str) -> Result<Vec<String>, String> {
    let program = Program::compile(text).map_err(|error| one_line(&error.to_string()))?;
    let references = program.references();
    let bound: Vec<_> = BOUND.captures_iter(text).map(|found| found[1].to_owned()).collect();
    let is_theirs = |name: &&str| !name.starts_with('@') && !bound.iter().any(|own| own == name);
    let names = references.variables().into_iter().filter(is_theirs);
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort();
    Ok(names)
}

/// The name that a macro such as `balance.all(k, balance[k] >= 0)` gives to each element.
static BOUND: LazyLock<Regex> = LazyLock::new(|| {
    let macros = r"\.(?:all|exists|exists_one|map|filter)\(\s*([A-Za-z_]\w*)\s*,";
    Regex::new(macros).expect("the pattern is well formed")
});

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What was seen of the values before and after.
pub(crate) type All = BTreeMap<String, Seen>;
