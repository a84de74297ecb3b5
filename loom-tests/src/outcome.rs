//! What the threads of a scenario may be answered: whatever some order of their operations gives.

use store::StoreError;

use crate::scenarios::{Operation, Scenario};

/// What an operation was answered; a set answers without a value.
pub type Answer = Result<Option<i64>, StoreError>;

/// All that one run of a scenario shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Each thread's answers, in its order.
    pub answers: Vec<Vec<Answer>>,
    /// The counter when all threads have ended; `None` if it does not exist.
    pub last: Option<i64>,
}

impl Outcome {
    /// Whether the counter is below what every order leaves that acknowledges the same operations.
    #[must_use]
    pub fn is_short(&self, explained: &[Outcome]) -> bool {
        let acknowledged = |outcome: &Outcome| {
            outcome.answers.concat().iter().map(Answer::is_ok).collect::<Vec<_>>()
        };
        explained
            .iter()
            .filter(|other| acknowledged(other) == acknowledged(self))
            .all(|other| self.last < other.last)
    }
}

/// Every outcome that some order of the operations explains.
///
/// An order keeps each thread's operations as they are and takes each operation as one step.
/// That is sequential consistency: nothing is asked of operations of different threads that
/// happen to follow each other in time, since nothing in the model orders them.
#[must_use]
pub fn explained(scenario: &Scenario) -> Vec<Outcome> {
    let nothing_done =
        Outcome { answers: vec![Vec::new(); scenario.threads.len()], last: scenario.initial };
    let mut outcomes = Vec::new();
    go_on(scenario, &nothing_done, &mut outcomes);
    outcomes
}

/// Takes every possible next step from `so_far`, until no thread has one left.
fn go_on(scenario: &Scenario, so_far: &Outcome, outcomes: &mut Vec<Outcome>) {
    let mut ended = true;
    for (thread, operations) in scenario.threads.iter().enumerate() {
        if let Some(&operation) = operations.get(so_far.answers[thread].len()) {
            ended = false;
            let mut next = so_far.clone();
            let answer = step(operation, &mut next.last);
            next.answers[thread].push(answer);
            go_on(scenario, &next, outcomes);
        }
    }
    if ended && !outcomes.contains(so_far) {
        outcomes.push(so_far.clone());
    }
}

/// The sequential meaning of an operation.
fn step(operation: Operation, counter: &mut Option<i64>) -> Answer {
    match operation {
        Operation::Set(value) => {
            *counter = Some(value);
            Ok(None)
        }
        Operation::Increment => {
            let value = counter.as_mut().ok_or(StoreError::UnknownName)?;
            *value += 1;
            Ok(Some(*value))
        }
        Operation::Read => counter.map(Some).ok_or(StoreError::UnknownName),
        Operation::List => Ok(*counter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios;

    const NOT_THERE: Answer = Err(StoreError::UnknownName);

    fn outcome(answers: &[&[Answer]], last: i64) -> Outcome {
        Outcome { answers: answers.iter().map(|a| a.to_vec()).collect(), last: Some(last) }
    }

    fn assert_explained(scenario: &Scenario, expected: &[Outcome]) {
        let explained = explained(scenario);
        assert_eq!(explained.len(), expected.len(), "{explained:#?}");
        for outcome in expected {
            assert!(explained.contains(outcome), "{outcome:?} is not among {explained:#?}");
        }
    }

    #[test]
    fn two_increments_answer_1_and_2_in_either_order() {
        assert_explained(
            &scenarios::TWO_INCREMENTS,
            &[
                outcome(&[&[Ok(Some(1))], &[Ok(Some(2))]], 2),
                outcome(&[&[Ok(Some(2))], &[Ok(Some(1))]], 2),
            ],
        );
    }

    #[test]
    fn three_increments_answer_1_to_3_each_once() {
        let explained = explained(&scenarios::THREE_INCREMENTS);
        assert_eq!(explained.len(), 6);
        for outcome in explained {
            assert_eq!(outcome.last, Some(3));
            let mut answers = outcome.answers.concat();
            answers.sort_unstable_by_key(|answer| answer.ok());
            assert_eq!(answers, [Ok(Some(1)), Ok(Some(2)), Ok(Some(3))]);
        }
    }

    #[test]
    fn a_read_beside_an_increment_sees_0_or_1_and_never_goes_back() {
        assert_explained(
            &scenarios::INCREMENT_AND_READ,
            &[
                outcome(&[&[Ok(Some(1))], &[Ok(Some(0)), Ok(Some(0))]], 1),
                outcome(&[&[Ok(Some(1))], &[Ok(Some(0)), Ok(Some(1))]], 1),
                outcome(&[&[Ok(Some(1))], &[Ok(Some(1)), Ok(Some(1))]], 1),
            ],
        );
    }

    #[test]
    fn a_list_beside_an_increment_sees_0_or_1() {
        assert_explained(
            &scenarios::INCREMENT_AND_LIST,
            &[
                outcome(&[&[Ok(Some(1))], &[Ok(Some(0))]], 1),
                outcome(&[&[Ok(Some(1))], &[Ok(Some(1))]], 1),
            ],
        );
    }

    #[test]
    fn a_set_comes_before_an_increment_or_overwrites_it() {
        assert_explained(
            &scenarios::SET_AND_INCREMENT,
            &[
                outcome(&[&[Ok(None)], &[Ok(Some(11))]], 11),
                outcome(&[&[Ok(None)], &[Ok(Some(1))]], 10),
            ],
        );
    }

    #[test]
    fn an_increment_finds_no_counter_or_one_that_keeps_it() {
        assert_explained(
            &scenarios::CREATE_AND_INCREMENT,
            &[
                outcome(&[&[Ok(None), Ok(Some(11))], &[NOT_THERE]], 11),
                outcome(&[&[Ok(None), Ok(Some(12))], &[Ok(Some(11))]], 12),
                outcome(&[&[Ok(None), Ok(Some(11))], &[Ok(Some(12))]], 12),
            ],
        );
    }
}
