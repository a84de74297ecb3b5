//! What is left of answers that may belong to other requests.

use check::Operation;
use check::history::{NEVER, NIL, Op, Outcome};

use crate::record::{Operations, Room};
use crate::scenario::Tells;

/// An addition, and an answer that tells of one, over a connection whose answers turn out to be in
/// doubt behind the first.
fn in_doubt(told: Tells) -> Vec<Operation> {
    let mut operations = Operations::new(Some(Room { operations: 10, bytes: usize::MAX }));
    for (call_ns, op) in [(0, Op::Add), (10, Op::Read), (20, Op::Add)] {
        let (return_ns, outcome) = (call_ns + 5, Outcome::Ok);
        let (arg, new, result, client) = (5, NIL, 7, 1);
        let one = Operation { call_ns, return_ns, arg, new, result, client, op, outcome };
        operations.keep(None, one);
    }
    operations.doubt(1, 0, told);
    operations.into_log().unwrap().operations
}

#[test]
fn a_read_says_nothing_and_an_update_may_have_been_applied() {
    let [first, last] = in_doubt(Tells::Nothing)[..] else { panic!("a read was left") };
    assert_eq!((first.outcome, first.return_ns, first.result), (Outcome::Ok, 5, 7));
    assert_eq!((last.outcome, last.return_ns, last.result), (Outcome::Unknown, NEVER, NIL));
    assert_eq!(last.arg, 5);
    let [_, chosen] = in_doubt(Tells::Element)[..] else { panic!("a read was left") };
    assert_eq!(chosen.arg, NIL);
}

/// It had the effect itself, and what it was answered belongs to the request before.
#[test]
fn whoever_was_told_of_an_earlier_effect_may_have_had_it() {
    let [_, told, last] = in_doubt(Tells::Effect)[..] else { panic!("something is missing") };
    for one in [told, last] {
        assert_eq!((one.op, one.outcome, one.arg), (Op::Add, Outcome::Unknown, 5));
        assert_eq!((one.return_ns, one.result), (NEVER, NIL));
    }
}
