//! Why no order explains the operations of a witness, in a sentence.
//!
//! What stands where in a witness is said by the judges. Where one has another shape than these say,
//! the sentence claims no more than its kind does.

use crate::anomaly::Anomaly;
use crate::history::{Object, Operation};
use crate::tokens::Value;

/// What a witness proves, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// In words.
    pub sentence: String,
    /// The operation at which no order is left: an index into the object's operations.
    pub wrong: Option<u32>,
    /// Elements of sets that the sentence speaks of.
    pub elements: Vec<i64>,
}

/// What the sentences are made from.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'h> {
    pub(crate) object: &'h Object,
    pub(crate) anomaly: &'h Anomaly,
    /// Shows a time, which is in nanoseconds on the history's clock.
    pub(crate) time: &'h dyn Fn(u64) -> String,
}

impl Explanation {
    /// `sentence` begins with a name, which is not capitalized yet.
    pub(crate) fn new(wrong: u32, sentence: &str) -> Self {
        let mut letters = sentence.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string());
        let sentence = first.unwrap_or_default() + letters.as_str();
        Self { sentence, wrong: Some(wrong), elements: Vec::new() }
    }

    pub(crate) fn with_elements(self, elements: impl IntoIterator<Item = i64>) -> Self {
        Self { elements: elements.into_iter().collect(), ..self }
    }
}

impl<'h> Scene<'h> {
    pub(crate) fn witness(&self) -> &'h [u32] {
        &self.anomaly.witness
    }

    pub(crate) fn operation(&self, index: u32) -> &'h Operation {
        &self.object.operations[index as usize]
    }

    /// A value as it is shown.
    pub(crate) fn value(&self, value: i64) -> Value<'h> {
        self.object.tokens.value(value)
    }

    /// As in `client 3's add`, with when it began where that is not enough.
    pub(crate) fn the(&self, index: u32) -> String {
        let Operation { client, op, .. } = self.operation(index);
        let op = format!("{op:?}").to_lowercase();
        format!("client {client}'s {op}{}", self.when(index))
    }

    /// The same in short, as in `client 3's`.
    pub(crate) fn whose(&self, index: u32) -> String {
        format!("client {}'s{}", self.operation(index).client, self.when(index))
    }

    /// When the operation began, where its client has several of its kind in the witness.
    fn when(&self, index: u32) -> String {
        let Operation { client, op, call_ns, .. } = *self.operation(index);
        let is_like = |other: &&u32| {
            let other = self.operation(**other);
            (other.client, other.op) == (client, op)
        };
        if self.witness().iter().filter(is_like).count() < 2 {
            return String::new();
        }
        format!(" at {}", (self.time)(call_ns))
    }

    /// That the operations contradict each other, and nothing more.
    pub(crate) fn no_order(&self) -> Explanation {
        let at_time = |index: &&u32| {
            let return_ns = self.operation(**index).return_ns;
            self.anomaly.times_ns.first() == Some(&return_ns)
        };
        let last =
            || self.witness().iter().max_by_key(|index| self.operation(**index).completion_ns());
        let wrong = self.witness().iter().find(at_time).or_else(last).copied();
        let sentence = match self.witness().len() {
            1 => "This answer cannot be explained, whatever the other operations did.".to_owned(),
            count => format!(
                "No order of these {count} operations explains every answer, whatever the others \
                 did."
            ),
        };
        Explanation { sentence, wrong, elements: Vec::new() }
    }
}

/// As in `no more than 2 adds`.
pub(crate) fn at_most(count: impl Into<i128>, one: &str) -> String {
    match count.into() {
        0 => format!("no {one}"),
        count => format!("no more than {}", counted(count, one)),
    }
}

/// A number with what it counts, as in `2 adds`.
pub(crate) fn counted(count: impl Into<i128>, one: &str) -> String {
    match count.into() {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}
