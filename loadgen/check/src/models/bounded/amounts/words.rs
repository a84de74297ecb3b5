//! What is said of a number of which several are taken at once.

use super::between::Between;
use super::roles::{Role, role};
use crate::anomaly::AnomalyKind as Kind;
use crate::history::Operation;
use crate::sentence::{Explanation, Scene, counted};

pub(in super::super) fn explain(scene: Scene<'_>, initial: i64) -> Option<Explanation> {
    let operations = &scene.object.operations;
    let is_told = |index: &u32| role(scene.operation(*index)).is_some_and(Role::tells);
    let (earlier, rest) = match scene.witness() {
        [earlier, rest @ ..] if !rest.is_empty() && is_told(earlier) => (Some(*earlier), rest),
        all => (None, all),
    };
    let between =
        Between { initial, operations, earlier: earlier.map(|index| scene.operation(index)) };
    let words = Sentence { scene, between, earlier };
    match (scene.anomaly.kind, rest) {
        (Kind::Oversell, &[read]) if is_told(&read) => {
            let told = words.told(read);
            Some(Explanation::new(read, &format!("{told}, and less than nothing cannot be left.")))
        }
        (Kind::Oversell | Kind::LateSale, takes) => words.too_many(takes),
        (Kind::PhantomSoldOut | Kind::Phantom, &[answer]) => words.too_little(answer),
        (Kind::StaleRead, &[read]) => words.too_much(read, ""),
        (Kind::LostUpdate, &[read]) => {
            words.too_much(read, ", and every later read returned too much as well")
        }
        _ => None,
    }
}

struct Sentence<'h> {
    scene: Scene<'h>,
    between: Between<'h>,
    earlier: Option<u32>,
}

impl Sentence<'_> {
    fn too_many(&self, takes: &[u32]) -> Option<Explanation> {
        let operation = |take: &u32| self.scene.operation(*take);
        let last = takes.iter().max_by_key(|take| operation(take).return_ns)?;
        let most = self.between.most_taken(operation(last).return_ns)?;
        let amount = |take| role(operation(take)).map_or(0, |role| i128::from(role.taken()));
        let sum: i128 = takes.iter().map(amount).sum();
        let takes = counted(takes.len() as i128, "take");
        let sentence = match self.earlier {
            None => {
                format!("{takes} of {sum} in all were answered yes, but there were {most} at most.")
            }
            Some(earlier) => format!(
                "{}; but {takes} of {sum} in all that began after it was over were answered yes, \
                 though there were {most} at most.",
                self.told(earlier)
            ),
        };
        Some(Explanation::new(*last, &sentence))
    }

    fn too_little(&self, answer: u32) -> Option<Explanation> {
        let least = self.between.least(self.scene.operation(answer))?;
        let sentence = format!(
            "{}{}, but at least {least} {} left.",
            self.since(answer),
            self.told(answer),
            were(least)
        );
        Some(Explanation::new(answer, &sentence))
    }

    fn too_much(&self, read: u32, end: &str) -> Option<Explanation> {
        let most = self.between.most(self.scene.operation(read))?;
        let sentence = format!(
            "{}{}, but no more than {most} can have been left{end}.",
            self.since(read),
            self.told(read)
        );
        Some(Explanation::new(read, &sentence))
    }

    /// What the earlier answer was, if there is one.
    fn since(&self, answer: u32) -> String {
        let told = |earlier| {
            let told = self.told(earlier);
            format!("{told} and was over before {} began; ", self.scene.the(answer))
        };
        self.earlier.map_or_else(String::new, told)
    }

    /// What an answer told.
    fn told(&self, index: u32) -> String {
        let the = self.scene.the(index);
        let operation: &Operation = self.scene.operation(index);
        match role(operation) {
            Some(Role::TooFew(amount)) => format!("{the} asked for {amount} and was answered no"),
            _ => format!("{the} returned {}", operation.result),
        }
    }
}

fn were(count: i128) -> &'static str {
    if count == 1 { "was" } else { "were" }
}
