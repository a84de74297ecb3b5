//! An operation that has begun and is not over.

use clojure_reader::edn::Edn;

use super::super::super::cursor::{Json, Problem};
use super::super::order::Moment;
use super::super::values::{Function, key, show, untagged};

/// An operation that has begun.
pub(super) struct Invocation {
    pub(super) line: u64,
    pub(super) called: Moment,
    pub(super) function: Function,
    pub(super) key: Option<String>,
    pub(super) arg: Json,
}

impl Invocation {
    /// What it takes while it is under way; there is room for twice as many.
    pub(super) fn bytes(&self) -> usize {
        2 * size_of::<(i64, Self)>() + self.key.as_ref().map_or(0, String::len)
    }

    /// Refuses an event that cannot be its end.
    pub(super) fn is_ended_by(
        &self,
        process: i64,
        function: Function,
        returned_ns: u64,
    ) -> Result<(), Problem> {
        let Self { line, called, .. } = self;
        if function != self.function {
            return Err(format!(
                "process {process} ends another operation than the one that it began on line {line}"
            ));
        }
        if returned_ns < called.time_ns {
            return Err(format!(
                ":time is {returned_ns}: expected {} or later, which is the :time of its :invoke on \
                 line {line}",
                called.time_ns
            ));
        }
        Ok(())
    }

    /// What it returned, if the value of its `:ok` is this.
    pub(super) fn result(&self, value: &Edn<'_>) -> Result<Json, Problem> {
        let Some(expected) = &self.key else { return self.function.result(untagged(value)) };
        if let Some((form, value)) = self.function.keyed(value)
            && key(form)? == *expected
        {
            return self.function.result(untagged(value));
        }
        Err(format!(":value is {}: expected a value of the key {expected}", show(value)))
    }
}
