//! What the threads of a scenario may be answered: whatever some order of their operations gives.

use crate::{Scenario, Subject};

/// All that one run of a scenario shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<A, L> {
    /// Each thread's answers, in its order.
    pub answers: Vec<Vec<A>>,
    /// What there is when all threads have ended.
    pub last: L,
}

/// What a subject's runs show.
pub type OutcomeOf<S> = Outcome<<S as Subject>::Answer, <S as Subject>::Last>;

impl<A, L> Outcome<A, L> {
    /// Each operation with its answer.
    pub fn pairs<'a, O: Copy>(
        &'a self,
        threads: &'a [&'a [O]],
    ) -> impl Iterator<Item = (O, &'a A)> {
        let thread = |(operations, answers): (&'a &'a [O], &'a Vec<A>)| {
            operations.iter().copied().zip(answers)
        };
        threads.iter().zip(&self.answers).flat_map(thread)
    }
}

/// Every outcome that some order of the operations explains.
///
/// An order keeps each thread's operations as they are and takes each operation as one step.
/// That is sequential consistency: nothing is asked of operations of different threads that
/// happen to follow each other in time, since nothing in the model orders them.
#[must_use]
pub fn explained<S: Subject>(scenario: &Scenario<S>) -> Vec<OutcomeOf<S>> {
    let answers = vec![Vec::new(); scenario.threads.len()];
    let mut outcomes = Vec::new();
    go_on(scenario, &S::twin(scenario.start), &answers, &mut outcomes);
    outcomes
}

/// Takes every possible next step from `twin`, until no thread has one left.
fn go_on<S: Subject>(
    scenario: &Scenario<S>,
    twin: &S::Twin,
    answers: &[Vec<S::Answer>],
    outcomes: &mut Vec<OutcomeOf<S>>,
) {
    let mut ended = true;
    for (thread, operations) in scenario.threads.iter().enumerate() {
        if let Some(&operation) = operations.get(answers[thread].len()) {
            ended = false;
            let (mut twin, mut answers) = (twin.clone(), answers.to_vec());
            answers[thread].push(S::step(operation, &mut twin));
            go_on(scenario, &twin, &answers, outcomes);
        }
    }
    if ended {
        let outcome = Outcome { answers: answers.to_vec(), last: S::last_of(twin) };
        if !outcomes.contains(&outcome) {
            outcomes.push(outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use store::CounterError;

    use super::*;
    use crate::subjects::{booking, counter};

    type Answer = Result<Vec<i64>, CounterError>;

    const SET: Answer = Ok(Vec::new());

    #[expect(clippy::unnecessary_wraps, reason = "an answer may be none")]
    fn value(value: i64) -> Answer {
        Ok(vec![value])
    }

    fn assert_explained(scenario: &Scenario<counter::Counter>, expected: &[(&[&[Answer]], i64)]) {
        let explained = explained(scenario);
        assert_eq!(explained.len(), expected.len(), "{explained:#?}");
        for (answers, last) in expected {
            let answers = answers.iter().map(|answers| answers.to_vec()).collect();
            let outcome = Outcome { answers, last: vec![*last] };
            assert!(explained.contains(&outcome), "{outcome:?} is not among {explained:#?}");
        }
    }

    #[test]
    fn two_increments_answer_1_and_2_in_either_order() {
        assert_explained(
            &counter::TWO_INCREMENTS,
            &[(&[&[value(1)], &[value(2)]], 2), (&[&[value(2)], &[value(1)]], 2)],
        );
    }

    #[test]
    fn three_increments_answer_1_to_3_each_once() {
        let explained = explained(&counter::THREE_INCREMENTS);
        assert_eq!(explained.len(), 6);
        for outcome in explained {
            assert_eq!(outcome.last, [3]);
            let mut answers = outcome.answers.concat();
            answers.sort_unstable_by_key(|answer| answer.clone().ok());
            assert_eq!(answers, [value(1), value(2), value(3)]);
        }
    }

    #[test]
    fn a_read_beside_an_increment_sees_0_or_1_and_never_goes_back() {
        assert_explained(
            &counter::INCREMENT_AND_READ,
            &[
                (&[&[value(1)], &[value(0), value(0)]], 1),
                (&[&[value(1)], &[value(0), value(1)]], 1),
                (&[&[value(1)], &[value(1), value(1)]], 1),
            ],
        );
    }

    #[test]
    fn a_set_comes_before_an_increment_or_overwrites_it() {
        assert_explained(
            &counter::SET_AND_INCREMENT,
            &[(&[&[SET], &[value(11)]], 11), (&[&[SET], &[value(1)]], 10)],
        );
    }

    #[test]
    fn an_increment_finds_no_counter_or_one_that_keeps_it() {
        let not_there = || -> Answer { Err(CounterError::UnknownName) };
        assert_explained(
            &counter::CREATE_AND_INCREMENT,
            &[
                (&[&[SET, value(11)], &[not_there()]], 11),
                (&[&[SET, value(12)], &[value(11)]], 12),
                (&[&[SET, value(11)], &[value(12)]], 12),
            ],
        );
    }

    #[test]
    fn of_three_bookers_two_get_the_two_seats() {
        let explained = explained(&booking::THREE_BOOKERS);
        assert_eq!(explained.len(), 3);
        for outcome in explained {
            assert_eq!(outcome.last, 0);
        }
    }
}
