//! What is said of accounts.

use crate::anomaly::AnomalyKind as Kind;
use crate::balances::Row;
use crate::history::{Operation, Outcome};
use crate::sentence::{Explanation, Scene};
use crate::tokens::Value;
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(super) static WORDS: Words = Words {
    before: "Balances before",
    after: "Balances after",
    updates: "moves",
    are_there: "are explained",
    lost: Lost { label: "Lost moves", one: "move lost", several: "moves lost", verb: "were lost" },
};

/// So many accounts are named one by one.
const FEW: usize = 6;

pub(super) fn explain(scene: Scene<'_>, floor: Option<i64>) -> Option<Explanation> {
    match (scene.anomaly.kind, scene.witness()) {
        (Kind::BrokenTotal, &[read]) => {
            let there: i128 = initial(scene).map(|(_, balance)| i128::from(balance)).sum();
            let shown: i128 = shown(scene, read).map(|(_, balance)| i128::from(balance)).sum();
            let what = if shown > there { "appeared" } else { "vanished" };
            let sentence = format!(
                "{} returned {}; that is {shown} in all, but there were {there}, and moves do not \
                 change the total: {} {what}.",
                scene.the(read),
                balances(scene, read),
                (shown - there).abs()
            );
            Some(Explanation::new(read, &sentence))
        }
        (Kind::WrongBalance, &[read]) => {
            let sentence = format!(
                "{} returned {}, but no moves lead to that: {}.",
                scene.the(read),
                balances(scene, read),
                out_of_bounds(scene, read).unwrap_or_else(|| {
                    "one balance is wrong, whichever of the overlapping moves were made".to_owned()
                })
            );
            Some(Explanation::new(read, &sentence))
        }
        (Kind::TornRead, &[read]) => {
            let sentence = format!(
                "{} returned {}. Each of these balances is possible, but not all at one time: \
                 whichever of the overlapping moves were made, it shows only one half of a move.",
                scene.the(read),
                balances(scene, read)
            );
            Some(Explanation::new(read, &sentence))
        }
        (Kind::ConflictingReads, &[one, other]) => {
            let sentence = format!(
                "{} returned {}, and {} {}; no moves explain both: one of them saw a move that was \
                 made, and the other did not see it.",
                scene.the(one),
                balances(scene, one),
                scene.whose(other),
                balances(scene, other)
            );
            Some(Explanation::new(other, &sentence))
        }
        (Kind::Overdraft, &[read]) => {
            let floor = floor?;
            let (account, balance) = shown(scene, read).find(|(_, balance)| *balance < floor)?;
            let account = scene.object.tokens.value(account);
            let sentence = format!(
                "{} returned {balance} for {account}, and no account may hold less than {floor}.",
                scene.the(read)
            );
            Some(Explanation::new(read, &sentence))
        }
        (Kind::Overspending, moves @ &[.., last]) => overspending(scene, floor?, moves, last),
        (Kind::PhantomRefusal, &[refusal]) => {
            let sentence = format!(
                "{} of {} from {} was refused, but that much was certainly there the whole time.",
                scene.the(refusal),
                scene.operation(refusal).arg,
                from(scene, refusal)?
            );
            Some(Explanation::new(refusal, &sentence))
        }
        _ => None,
    }
}

fn overspending(scene: Scene<'_>, floor: i64, moves: &[u32], last: u32) -> Option<Explanation> {
    let account = scene.object.balances.between(scene.operation(last))?[0];
    let out: i128 = moves.iter().map(|one| i128::from(scene.operation(*one).arg)).sum();
    let last_ns = moves.iter().map(|one| scene.operation(*one).return_ns).max()?;
    let initial = initial_of(scene, scene.object.balances.account(account));
    let came_in = made(scene)
        .filter(|(one, [from, to])| *to == account && from != to && one.call_ns <= last_ns);
    let came_in: i128 = came_in.map(|(one, _)| i128::from(one.arg)).sum();
    let account = from(scene, last)?;
    let took = match moves.len() {
        1 => format!("{} took {out} out of {account}", scene.the(last)),
        count => format!("{count} moves took {out} out of {account}"),
    };
    let sentence = format!(
        "{took}, but it held {initial} at first, no more than {came_in} had come in by then, and it \
         may not hold less than {floor}."
    );
    Some(Explanation::new(last, &sentence))
}

/// The balances that a read returned, as far as they are few.
fn balances(scene: Scene<'_>, read: u32) -> String {
    let count = shown(scene, read).count();
    let tokens = &scene.object.tokens;
    let few: Vec<_> = shown(scene, read)
        .take(FEW)
        .map(|(account, balance)| format!("{}: {balance}", tokens.value(account)))
        .collect();
    let more = if count > FEW { format!(" and {} more", count - FEW) } else { String::new() };
    format!("{}{more}", few.join(", "))
}

/// How an account has another balance than it can have.
fn out_of_bounds(scene: Scene<'_>, read: u32) -> Option<String> {
    let row = scene.operation(read).row(&scene.object.balances)?;
    row.iter().find_map(|(number, balance)| {
        let account = scene.object.balances.account(number);
        let (mut low, mut high) = (initial_of(scene, account), initial_of(scene, account));
        let sight = scene.operation(read);
        let overlaps = |one: &Operation| one.completion_ns() >= sight.call_ns;
        for (one, [from, to]) in made(scene).filter(|(one, _)| one.call_ns <= sight.return_ns) {
            let amount = i128::from(one.arg);
            let change = match () {
                () if from == to => 0,
                () if to == number => amount,
                () if from == number => -amount,
                () => 0,
            };
            low += if overlaps(one) { change.min(0) } else { change };
            high += if overlaps(one) { change.max(0) } else { change };
        }
        let account = scene.object.tokens.value(account);
        let balance = i128::from(balance);
        match () {
            () if low == high && balance != low => Some(format!("{account} held {low} then")),
            () if balance < low => Some(format!("{account} held {low} or more then")),
            () if balance > high => Some(format!("{account} held {high} or less then")),
            () => None,
        }
    })
}

/// The moves that were made, or may have been, with the numbers of their accounts.
fn made(scene: Scene<'_>) -> impl Iterator<Item = (&Operation, [u32; 2])> {
    let Scene { object, .. } = scene;
    let made =
        object.operations.iter().filter(|one| one.outcome != Outcome::Fail && !one.was_declined());
    made.filter_map(|one| Some((one, object.balances.between(one)?)))
}

fn from(scene: Scene<'_>, index: u32) -> Option<Value<'_>> {
    let Scene { object, .. } = scene;
    let [from, _] = object.balances.between(scene.operation(index))?;
    Some(object.tokens.value(object.balances.account(from)))
}

fn initial(scene: Scene<'_>) -> impl Iterator<Item = (i64, i64)> {
    scene.object.initial_balances().iter().copied()
}

fn initial_of(scene: Scene<'_>, account: i64) -> i128 {
    let is_it = |(name, _): &(i64, i64)| *name == account;
    initial(scene).find(is_it).map_or(0, |(_, balance)| balance.into())
}

fn shown(scene: Scene<'_>, read: u32) -> impl Iterator<Item = (i64, i64)> {
    let balances = &scene.object.balances;
    let row: Option<Row<'_>> = scene.operation(read).row(balances);
    row.into_iter().flat_map(|row| row.of(balances))
}
