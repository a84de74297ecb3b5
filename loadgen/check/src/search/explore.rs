//! The search itself.

use std::mem::size_of;

use super::budget::{Bound, Budget};
use super::question::{Class, Question, only_observed, replaces};
use super::seen::{Seen, Uses};
use super::window::{Mark, Window};
use crate::history::{Op, Operation, YES};
use crate::specification::Specification;

/// What a search found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An order that explains every answer, of the question's names.
    Order(Vec<u32>),
    /// There is none.
    Nothing {
        /// The completion that no order gets past.
        stuck_ns: u64,
    },
}

/// Looks for an order that has all required operations, and explains every answer.
///
/// # Errors
/// When a bound was hit before there was an answer.
pub(super) fn explore<S: Specification>(
    specification: &S,
    question: &Question,
    budget: &mut Budget<'_>,
) -> Result<Found, Bound> {
    let search = Search {
        specification,
        question,
        budget,
        window: Window::new(&question.required),
        seen: Seen::new(),
        frames: Vec::new(),
        variants: Vec::new(),
        stuck_ns: 0,
    };
    search.run()
}

/// Depth first over the required operations, each frame one set of them that is in the order.
///
/// Operations that only observe are put into the order as soon as they fit: they change nothing
/// for the others. Optional operations leave that set as it is and change the state alone: within
/// a frame their variants are gone through breadth first, the fewest uses first, and none where
/// a required operation leads on without.
struct Search<'q, 'b, 'l, S: Specification> {
    specification: &'q S,
    question: &'q Question,
    budget: &'b mut Budget<'l>,
    window: Window<'q>,
    seen: Seen<S::State>,
    frames: Vec<Frame>,
    /// Of all frames; the last frame's are the last.
    variants: Vec<Variant<S::State>>,
    stuck_ns: u64,
}

/// Some required operations in the order.
struct Frame {
    /// Before the last of them came.
    mark: Mark,
    /// Its first variant.
    base: usize,
    /// The variant whose turn it is.
    variant: usize,
    turn: Turn,
}

/// What is to be tried next with a variant.
#[derive(Clone, Copy)]
enum Turn {
    /// Whatever only observes.
    Observe,
    /// The next open operation after this one.
    Update(u32),
    /// Nothing.
    Over,
}

/// A state that the order leads to, with the optional operations that are in it.
struct Variant<T> {
    state: T,
    uses: Uses,
    /// The variant before the last optional operation, and that one's name; none for the first.
    last: Option<(usize, u32)>,
}

impl<S: Specification> Search<'_, '_, '_, S> {
    fn run(mut self) -> Result<Found, Bound> {
        self.enter(self.window.mark(), self.specification.initial(), Uses::nothing())?;
        while !self.window.is_done() {
            let Some(frame) = self.frames.last_mut() else {
                return Ok(Found::Nothing { stuck_ns: self.stuck_ns });
            };
            match frame.turn {
                _ if frame.variant == self.variants.len() => self.leave(),
                Turn::Observe => self.observe()?,
                Turn::Update(after) => {
                    if let Some(at) = self.window.open_after(after) {
                        frame.turn = Turn::Update(at);
                        self.update(at)?;
                    } else {
                        frame.turn = Turn::Over;
                        self.use_optional()?;
                    }
                }
                Turn::Over => {
                    frame.variant += 1;
                    frame.turn = Turn::Observe;
                }
            }
        }
        Ok(Found::Order(self.order()))
    }

    /// The frame and the variant whose turn it is.
    fn now(&mut self) -> (&mut Frame, &Variant<S::State>) {
        let frame = self.frames.last_mut().expect("there is one until the search ends");
        let variant = &self.variants[frame.variant];
        (frame, variant)
    }

    /// Puts what only observes into the order, if it fits; then nothing else need be tried.
    fn observe(&mut self) -> Result<(), Bound> {
        let mark = self.window.mark();
        let (_, Variant { state, uses, .. }) = self.now();
        let (state, uses) = (state.clone(), uses.to_shared());
        self.absorb(&state)?;
        let went_on = self.window.mark() != mark;
        self.now().0.turn = if went_on { Turn::Over } else { Turn::Update(self.window.ends()) };
        if went_on { self.enter(mark, state, uses) } else { Ok(()) }
    }

    /// Puts the open operation `at` into the order, if it fits.
    fn update(&mut self, at: u32) -> Result<(), Bound> {
        let operation = &self.question.required[at as usize];
        if self.is_free(operation) {
            return Ok(());
        }
        self.budget.take(1)?;
        let specification = self.specification;
        let (_, Variant { state, uses, last }) = self.now();
        if last.is_some() && operation.op == Op::Write {
            // Whatever comes before it, it could have come alone.
            return Ok(());
        }
        if let Some(state) = specification.step(state, operation) {
            let uses = uses.to_shared();
            let mark = self.window.mark();
            self.window.lift(at);
            self.enter(mark, state, uses)?;
        }
        Ok(())
    }

    /// A frame for the order as it is, which was at `mark` before, unless there has been one.
    fn enter(&mut self, mark: Mark, state: S::State, uses: Uses) -> Result<(), Bound> {
        self.absorb(&state)?;
        self.stuck_ns = self.stuck_ns.max(self.window.frontier_ns());
        if !self.window.is_done() && !self.is_new(&state, &uses)? {
            self.window.undo_to(mark);
            return Ok(());
        }
        let base = self.variants.len();
        let turn = Turn::Update(self.window.ends());
        self.frames.push(Frame { mark, base, variant: base, turn });
        self.variants.push(Variant { state, uses, last: None });
        Ok(())
    }

    fn leave(&mut self) {
        let frame = self.frames.pop().expect("there is one until the search ends");
        self.variants.truncate(frame.base);
        self.window.undo_to(frame.mark);
    }

    /// Puts every open operation into the order that only observes and fits `state`.
    fn absorb(&mut self, state: &S::State) -> Result<(), Bound> {
        let mut at = self.window.ends();
        while let Some(next) = self.window.open_after(at) {
            at = next;
            self.budget.take(1)?;
            let operation = &self.question.required[at as usize];
            if self.is_free(operation) && self.specification.step(state, operation).is_some() {
                self.window.lift(at);
            }
        }
        Ok(())
    }

    /// Whether `operation`, where it fits, takes nothing from the others.
    fn is_free(&self, operation: &Operation) -> bool {
        // What may have happened only before it began has to come first.
        only_observed(operation)
            && (!self.question.closes || operation.call_ns <= self.window.latest_call_ns())
    }

    /// The variants that one optional operation more leads to.
    fn use_optional(&mut self) -> Result<(), Bound> {
        let from = self.now().0.variant;
        let wanted = self.wanted();
        let Question { writes, others, .. } = self.question;
        if self.variants[from].last.is_none() {
            self.use_one_of(from, 0, writes, wanted.as_deref())?;
        }
        self.use_one_of(from, writes.len(), others, wanted.as_deref())
    }

    /// The values that an operation which may come next tells from others; `None` where it may
    /// depend on the state in another way. To write any other value is needless.
    fn wanted(&self) -> Option<Vec<i64>> {
        let mut wanted = Vec::new();
        let mut at = self.window.ends();
        while let Some(next) = self.window.open_after(at) {
            at = next;
            let operation = &self.question.required[at as usize];
            match operation.op {
                Op::Write => {}
                Op::Read => wanted.push(operation.result),
                Op::Cas if operation.result == YES => wanted.push(operation.arg),
                Op::Add | Op::Cas | Op::Take | Op::Give | Op::Move => return None,
            }
        }
        let frontier_ns = self.window.frontier_ns();
        let begun = |class: &&Class| class.first_call_ns() <= frontier_ns;
        for Class { operation, .. } in self.question.others.iter().take_while(begun) {
            if operation.op != Op::Cas {
                return None;
            }
            wanted.push(operation.arg);
        }
        wanted.sort_unstable();
        Some(wanted)
    }

    /// The variants that one of `classes`, which are numbered from `base` on, leads to.
    fn use_one_of(
        &mut self,
        from: usize,
        base: usize,
        classes: &[Class],
        wanted: Option<&[i64]>,
    ) -> Result<(), Bound> {
        let frontier_ns = self.window.frontier_ns();
        let uses = self.variants[from].uses.to_shared();
        let begun = |class: &&Class| class.first_call_ns() <= frontier_ns;
        for (number, class) in (base..).zip(classes.iter().take_while(begun)) {
            self.budget.take(1)?;
            if let (Some(wanted), Some(value)) = (wanted, replaces(&class.operation))
                && wanted.binary_search(&value).is_err()
            {
                continue;
            }
            let number = u32::try_from(number).expect("operations are told by 32 bits");
            let Some(name) = class.available(uses.count(number), &self.window) else { continue };
            let before = &self.variants[from].state;
            if let Some(state) = self.specification.step(before, &class.operation)
                && state != *before
            {
                let uses = if class.repeats() { uses.clone() } else { uses.one_more(number) };
                if self.is_new(&state, &uses)? {
                    self.variants.push(Variant { state, uses, last: Some((from, name)) });
                }
            }
        }
        Ok(())
    }

    /// Whether the search has not been here.
    fn is_new(&mut self, state: &S::State, uses: &Uses) -> Result<bool, Bound> {
        let stacks = self.variants.capacity() * size_of::<Variant<S::State>>()
            + self.frames.capacity() * size_of::<Frame>();
        self.budget.hold(stacks + self.seen.bytes())?;
        // Beside the configuration a variant may hold the state.
        let heap_bytes = 2 * S::heap_bytes(state);
        self.seen.is_new(&self.window, (state.clone(), heap_bytes), uses, self.budget)
    }

    /// The order that the frames are a way to.
    fn order(&self) -> Vec<u32> {
        let lifted = self.window.order();
        let ends = self.frames.iter().skip(1).map(|frame| frame.mark.lifted as usize);
        let mut order = Vec::new();
        for (frame, end) in self.frames.iter().zip(ends.chain([lifted.len()])) {
            let begin = frame.mark.lifted as usize;
            let required = lifted[begin..end].iter().map(|&at| self.question.names[at as usize]);
            order.extend(required);
            let mut variant = &self.variants[frame.variant];
            let optional_begin = order.len();
            while let Some((before, name)) = variant.last {
                order.push(name);
                variant = &self.variants[before];
            }
            order[optional_begin..].reverse();
        }
        order
    }
}
