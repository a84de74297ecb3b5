//! The twin of the rules for what still holds: tries every order, as the definitions have it.

use loadgen_check::history::{NIL, Op, Outcome};
use loadgen_check::{Consistency, Object, Operation, Specification};

/// What is to be said of `object`. `are_alike` says whether its updates are, so that an order of
/// them alone tells nothing.
pub(super) fn expected<S: Specification>(
    specification: &S,
    object: &Object,
    are_alike: bool,
) -> Vec<(Consistency, bool)> {
    let done: Vec<_> =
        object.operations.iter().filter(|one| one.outcome != Outcome::Fail).copied().collect();
    let eventual = is_eventual(specification, &done);
    let is_lossy = eventual == Some(false);
    let is_asked = |is_pair: &dyn Fn(&Operation, &Operation) -> bool| {
        done.iter().any(|one| done.iter().any(|other| is_before(one, other) && is_pair(one, other)))
    };
    let answers = |one: &Operation| one.outcome == Outcome::Ok && one.result != NIL;
    let tells = |one: &Operation| is_read(one) && (!are_alike || answers(one));
    let is_there = |one: &Operation| one.outcome == Outcome::Ok || is_seen(one, &done);
    let asked = [
        is_asked(&|one, other| {
            if are_alike {
                answers(one) && is_meant(other) || is_meant(one) && answers(other)
            } else {
                is_there(one) && is_there(other)
            }
        }),
        is_asked(&|one, other| !is_read(one) && tells(other)),
        is_asked(&|one, other| tells(one) && tells(other)),
    ];
    let holds = [
        !is_lossy && is_sequential(specification, &specification.initial(), &done),
        !is_lossy && is_client_centric(specification, &done, shows_own),
        !is_lossy && is_client_centric(specification, &done, shows_no_less),
    ];
    let named = [Consistency::Sequential, Consistency::ReadYourWrites, Consistency::MonotonicReads];
    let per_session = named.into_iter().zip(holds).zip(asked);
    let per_session = per_session.filter(|(_, is_asked)| *is_asked).map(|(one, _)| one);
    per_session.chain(eventual.map(|holds| (Consistency::Eventual, holds))).collect()
}

/// Whether one operation of a client comes before another of it.
pub(super) fn is_before(one: &Operation, other: &Operation) -> bool {
    one.client == other.client
        && one.completion_ns() <= other.call_ns
        && one.call_ns < other.completion_ns()
}

pub(super) fn is_read(one: &Operation) -> bool {
    one.op == Op::Read && one.outcome == Outcome::Ok
}

/// Whether it says anything: a read without a result of something that is counted does not.
fn is_meant(one: &Operation) -> bool {
    one.op != Op::Read || (is_read(one) && one.result != NIL)
}

/// Whether somebody read what a write wrote.
fn is_seen(write: &Operation, done: &[Operation]) -> bool {
    write.op == Op::Write && done.iter().any(|read| is_read(read) && read.result == write.arg)
}

/// Whether some order keeps every session and explains every answer.
fn is_sequential<S: Specification>(
    specification: &S,
    state: &S::State,
    left: &[Operation],
) -> bool {
    left.iter().all(|one| one.outcome == Outcome::Unknown)
        || (0..left.len()).any(|index| {
            let mut rest = left.to_vec();
            let next = rest.remove(index);
            !rest.iter().any(|other| is_before(other, &next))
                && specification
                    .step(state, &next)
                    .is_some_and(|after| is_sequential(specification, &after, &rest))
        })
}

/// Updates in an order, and of each read how many of them it shows.
struct Story<'s> {
    updates: &'s [Operation],
    reads: Vec<(Operation, usize)>,
}

/// Whether there is an order of the updates that keeps time, and for each read a part of it, of
/// which `holds`.
fn is_client_centric(
    specification: &impl Specification,
    done: &[Operation],
    holds: fn(&Story<'_>) -> bool,
) -> bool {
    let (reads, updates): (Vec<_>, Vec<_>) = done.iter().partition(|one| one.op == Op::Read);
    let reads: Vec<Operation> = reads.into_iter().filter(is_read).collect();
    any_order(&mut Vec::new(), &updates, &mut |order: &[Operation]| {
        let mut states = vec![specification.initial()];
        for update in order {
            let Some(after) = specification.step(&states[states.len() - 1], update) else {
                return false;
            };
            states.push(after);
        }
        let shows = |read: &Operation, count: usize| {
            specification.step(&states[count], read).is_some()
                && order[..count].iter().all(|update| update.call_ns <= read.return_ns)
        };
        let mut story = Story { updates: order, reads: Vec::new() };
        any_parts(&mut story, &reads, &shows, holds)
    })
}

/// Whether `then` is true of any order of `left` behind `order`: that of all that were done, and of
/// some that are unknown.
fn any_order(
    order: &mut Vec<Operation>,
    left: &[Operation],
    then: &mut dyn FnMut(&[Operation]) -> bool,
) -> bool {
    if left.iter().all(|one| one.outcome == Outcome::Unknown) && then(order) {
        return true;
    }
    (0..left.len()).any(|index| {
        let mut rest = left.to_vec();
        let next = rest.remove(index);
        if rest.iter().any(|other| other.precedes(&next)) {
            return false;
        }
        order.push(next);
        let found = any_order(order, &rest, then);
        order.pop();
        found
    })
}

fn any_parts(
    story: &mut Story<'_>,
    left: &[Operation],
    shows: &dyn Fn(&Operation, usize) -> bool,
    holds: fn(&Story<'_>) -> bool,
) -> bool {
    let Some((read, rest)) = left.split_first() else { return holds(story) };
    (0..=story.updates.len()).filter(|count| shows(read, *count)).any(|count| {
        story.reads.push((*read, count));
        let found = any_parts(story, rest, shows, holds);
        story.reads.pop();
        found
    })
}

fn shows_own(story: &Story<'_>) -> bool {
    story.reads.iter().all(|(read, count)| {
        let hidden = &story.updates[*count..];
        !hidden.iter().any(|own| own.outcome == Outcome::Ok && is_before(own, read))
    })
}

fn shows_no_less(story: &Story<'_>) -> bool {
    let reads = &story.reads;
    reads.iter().all(|(read, count)| {
        reads.iter().all(|(later, shown)| !is_before(read, later) || count <= shown)
    })
}

/// Whether the last read at rest shows every update that was acknowledged; `None` without one.
fn is_eventual(specification: &impl Specification, done: &[Operation]) -> Option<bool> {
    let rest = done.iter().filter(|one| one.op != Op::Read && one.outcome == Outcome::Ok);
    let rest_ns = rest.map(|update| update.return_ns).max()?;
    let says = |read: &&Operation| is_read(read) && (read.result != NIL || !has_adds(done));
    let at_rest = done.iter().filter(says).filter(|read| read.call_ns > rest_ns);
    let last = at_rest.max_by_key(|read| (read.call_ns, read.return_ns))?;
    // What answers say of each other is another question.
    let updates = done.iter().filter(|one| one.op != Op::Read && one.call_ns <= last.return_ns);
    let updates: Vec<_> = updates.map(|one| Operation { result: NIL, ..*one }).collect();
    Some(any_order(&mut Vec::new(), &updates, &mut |order: &[Operation]| {
        let mut state = specification.initial();
        for update in order {
            state = specification.step(&state, update).expect("it says nothing");
        }
        specification.step(&state, last).is_some()
    }))
}

fn has_adds(done: &[Operation]) -> bool {
    done.iter().any(|one| one.op == Op::Add)
}
