//! Why no order explains the operations of a witness, in a sentence.
//!
//! What stands where in a witness is said by the judges of the crate `check`. Where one has another
//! shape than these say, the sentence claims no more than its kind does.

mod answers;
mod counts;
mod elements;
mod values;

use check::{Anomaly, AnomalyKind, Model, Object, Operation};

use super::clock::Clock;

/// What a witness proves, and how.
pub(in crate::report) struct Why {
    /// In words.
    pub(in crate::report) sentence: String,
    /// The operation at which no order is left.
    pub(in crate::report) wrong: Option<u32>,
    /// Elements of sets that the sentence speaks of.
    pub(super) elements: Vec<i64>,
}

/// What the sentences are made from.
#[derive(Clone, Copy)]
struct Scene<'h> {
    object: &'h Object,
    anomaly: &'h Anomaly,
    clock: &'h Clock,
}

pub(super) fn why(object: &Object, model: Model, anomaly: &Anomaly, clock: &Clock) -> Why {
    let scene = Scene { object, anomaly, clock };
    let why = match model {
        _ if anomaly.kind == AnomalyKind::NotLinearizable => None,
        Model::Counter => counts::why_of_sum(scene),
        Model::FetchAndAdd => answers::why(scene),
        Model::Register => values::why(scene),
        Model::Bounded { capacity } => counts::why_of_stock(scene, capacity),
        Model::Set => elements::why(scene),
    };
    why.unwrap_or_else(|| scene.no_order())
}

impl Why {
    /// `sentence` begins with a name, which is not capitalized yet.
    fn new(wrong: u32, sentence: &str) -> Self {
        let mut letters = sentence.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string());
        let sentence = first.unwrap_or_default() + letters.as_str();
        Self { sentence, wrong: Some(wrong), elements: Vec::new() }
    }

    fn with_elements(self, elements: impl IntoIterator<Item = i64>) -> Self {
        Self { elements: elements.into_iter().collect(), ..self }
    }
}

impl<'h> Scene<'h> {
    fn witness(&self) -> &'h [u32] {
        &self.anomaly.witness
    }

    fn operation(&self, index: u32) -> &'h Operation {
        &self.object.operations[index as usize]
    }

    /// As in `client 3's add`, with when it began where that is not enough.
    fn the(&self, index: u32) -> String {
        let Operation { client, op, .. } = self.operation(index);
        let op = format!("{op:?}").to_lowercase();
        format!("client {client}'s {op}{}", self.when(index))
    }

    /// The same in short, as in `client 3's`.
    fn whose(&self, index: u32) -> String {
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
        format!(" at {}", self.clock.time(call_ns))
    }

    /// That the operations contradict each other, and nothing more.
    fn no_order(&self) -> Why {
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
        Why { sentence, wrong, elements: Vec::new() }
    }
}

/// As in `no more than 2 adds`.
fn at_most(count: impl Into<i128>, one: &str) -> String {
    match count.into() {
        0 => format!("no {one}"),
        count => format!("no more than {}", counted(count, one)),
    }
}

/// A number with what it counts, as in `2 adds`.
fn counted(count: impl Into<i128>, one: &str) -> String {
    match count.into() {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}
