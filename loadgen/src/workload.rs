//! What a run's operations are: how each is written as a request, and what its answer means.

use check::Model;
use check::history::{NIL, NO, Op, Outcome, YES};
use url::Url;

use crate::client::{Listener, Request, header};
use crate::extract::Extract;
use crate::plan::{Judging, Plan, Read};

/// The steps of every run, by their index: the request that updates, and the one that reads.
pub(crate) const UPDATE: usize = 0;
pub(crate) const READ: usize = 1;
pub(crate) const STEPS: usize = 2;

/// The operations of a run.
#[derive(Debug)]
pub(crate) struct Workload {
    update: Task,
    /// The operation that reads, and what share of all it is.
    read: Option<(Task, f64)>,
}

/// One kind of operation.
#[derive(Debug)]
pub(crate) struct Task {
    /// Its index among the steps.
    pub(crate) step: usize,
    pub(crate) op: Op,
    pub(crate) request: Request,
    meaning: Meaning,
}

/// What an answer says beside that it came.
#[derive(Debug)]
enum Meaning {
    Nothing,
    /// A number.
    Number(Extract),
    /// The elements of a set.
    Elements(Extract),
    /// The element that the service chose to add.
    Chosen(Extract),
    /// Whether something was taken: a number that is not 0, or what the status says.
    Taken(Option<Extract>),
}

impl Workload {
    /// The operations of `plan` against `url`, whose state is read by `read`.
    pub(crate) fn new(plan: &Plan, url: &Url, read: Option<&Read>) -> Self {
        let judging = plan.judging.as_ref();
        let update = Task {
            step: UPDATE,
            op: judging.map_or(Op::Add, |judging| update(judging.model)),
            request: Request::new(url, &plan.request),
            meaning: judging.map_or(Meaning::Nothing, Meaning::of_update),
        };
        let read = read.filter(|_| plan.reads > 0.0).map(|read| {
            let template = plan.request.for_reading();
            let meaning = Meaning::of_read(judging.map(|judging| judging.model), &read.extract);
            let request = Request::new(&read.url, &template);
            (Task { step: READ, op: Op::Read, request, meaning }, plan.reads)
        });
        Self { update, read }
    }

    pub(crate) fn update(&self) -> &Task {
        &self.update
    }

    /// What the operation with this number, counted from 0 by each worker, is. The reads are
    /// spread evenly; the worker begins with so much of one.
    ///
    /// Of m workers that are 0, 1/m, 2/m … ahead, as many operations read as of a single one, since
    /// ⌊x⌋ + ⌊x + 1/m⌋ + … + ⌊x + (m-1)/m⌋ = ⌊mx⌋ (Hermite).
    pub(crate) fn task(&self, number: u64, ahead: f64) -> &Task {
        match &self.read {
            Some((read, share)) if is_read(number, *share, ahead) => read,
            _ => &self.update,
        }
    }
}

/// Whether the operation with this number is one of those reads.
#[expect(clippy::cast_precision_loss, reason = "beyond 2^52 operations some would be misplaced")]
fn is_read(number: u64, share: f64, ahead: f64) -> bool {
    let reads_before = |number: u64| (number as f64 * share + ahead).floor();
    reads_before(number + 1) > reads_before(number)
}

fn update(model: Model) -> Op {
    match model {
        Model::Counter | Model::FetchAndAdd | Model::Set => Op::Add,
        Model::Register => Op::Write,
        Model::Bounded { .. } => Op::Take,
    }
}

impl Meaning {
    fn of_update(judging: &Judging) -> Self {
        match (judging.model, &judging.result) {
            (Model::FetchAndAdd, Some(extract)) => Self::Number(extract.clone()),
            (Model::Bounded { .. }, extract) => Self::Taken(extract.clone()),
            (Model::Set, Some(extract)) => Self::Chosen(extract.clone()),
            _ => Self::Nothing,
        }
    }

    fn of_read(model: Option<Model>, extract: &Extract) -> Self {
        match model {
            Some(Model::Set) => Self::Elements(extract.clone()),
            Some(_) => Self::Number(extract.clone()),
            None => Self::Nothing,
        }
    }

    fn extract(&self) -> Option<&Extract> {
        match self {
            Self::Nothing => None,
            Self::Number(extract) | Self::Elements(extract) | Self::Chosen(extract) => {
                Some(extract)
            }
            Self::Taken(extract) => extract.as_ref(),
        }
    }
}

impl Task {
    /// Whether the answer tells which element was added.
    pub(crate) fn is_named_by_its_answer(&self) -> bool {
        matches!(self.meaning, Meaning::Chosen(_))
    }

    /// What is added or written by an operation whose own value is `value`.
    pub(crate) fn arg(&self, value: Option<u64>) -> i64 {
        match (self.op, value) {
            (Op::Add | Op::Write, Some(value)) => value.cast_signed(),
            (Op::Add, None) if self.is_named_by_its_answer() => NIL,
            (Op::Add, None) => 1,
            _ => NIL,
        }
    }

    /// The outcome and the result that a complete answer means; the elements of a set go to the
    /// end of `lists`.
    pub(crate) fn interpret(&self, reply: &Reply, lists: &mut Vec<Vec<i64>>) -> (Outcome, i64) {
        let outcome = outcome(reply.status);
        let field = |_: &str| reply.field.clone();
        let body = if reply.is_whole { str::from_utf8(&reply.content).ok() } else { None };
        match (&self.meaning, outcome, body) {
            (Meaning::Taken(None), Outcome::Ok, _) => (outcome, YES),
            (Meaning::Taken(None), Outcome::Fail, _) if matches!(reply.status, 409 | 410) => {
                (Outcome::Ok, NO)
            }
            (Meaning::Taken(Some(extract)), Outcome::Ok, Some(body)) => {
                let taken = |number| if number == 0 { NO } else { YES };
                (outcome, extract.integer(&field, body).map_or(NIL, taken))
            }
            (Meaning::Number(extract) | Meaning::Chosen(extract), Outcome::Ok, Some(body)) => {
                (outcome, extract.integer(&field, body).unwrap_or(NIL))
            }
            (Meaning::Elements(extract), Outcome::Ok, Some(body)) => {
                let Some(elements) = extract.integers(&field, body) else { return (outcome, NIL) };
                lists.push(elements);
                (outcome, i64::try_from(lists.len() - 1).expect("a count of lists fits"))
            }
            _ => (outcome, NIL),
        }
    }
}

/// The outcome that a status means.
pub(crate) fn outcome(status: u16) -> Outcome {
    match status {
        200..300 => Outcome::Ok,
        // What the service refused for a fault of the request's it has not applied.
        400..500 => Outcome::Fail,
        _ => Outcome::Unknown,
    }
}

/// What is kept of an answer to find its result in.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    status: u16,
    content: Vec<u8>,
    /// Whether `content` is all of it.
    is_whole: bool,
    /// The value of the header that holds the result.
    field: Option<String>,
}

/// Longer content has no result.
const MAX_CONTENT_BYTES: usize = 64 * 1024 * 1024;

/// Takes from an answer what its task needs.
pub(crate) struct Listening<'t, S> {
    pub(crate) task: &'t Task,
    pub(crate) reply: &'t mut Reply,
    /// Shown the status and the head.
    pub(crate) sample: S,
}

impl<S: FnMut(u16, &[u8])> Listener for Listening<'_, S> {
    fn head(&mut self, status: u16, head: &[u8]) {
        (self.sample)(status, head);
        self.reply.status = status;
        self.reply.content.clear();
        self.reply.is_whole = true;
        if let Some(Extract::Header(name)) = self.task.meaning.extract() {
            self.reply.field = header(head, name.as_str());
        }
    }

    fn content(&mut self, piece: &[u8]) {
        let Reply { content, is_whole, .. } = self.reply;
        if self.task.meaning.extract().is_none_or(Extract::is_header) {
            return;
        }
        *is_whole &= content.len() + piece.len() <= MAX_CONTENT_BYTES;
        if *is_whole {
            content.extend_from_slice(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of so many workers, as many operations read as of one; or almost, where some have one
    /// operation more than others.
    #[test]
    fn what_each_worker_rounds_down_the_others_make_up_for() {
        let reads = |own: u64, ahead: f64| (0..own).filter(|n| is_read(*n, 0.05, ahead)).count();
        for workers in 1..=50_u32 {
            for own in [1, 5, 19, 20, 400] {
                let ahead = (0..workers).map(|index| f64::from(index) / f64::from(workers));
                let together: usize = ahead.map(|ahead| reads(own, ahead)).sum();
                let alone = reads(own * u64::from(workers), 0.0);
                assert!(
                    together.abs_diff(alone) <= 1,
                    "{workers} × {own}: {together}, not {alone}"
                );
            }
        }
    }
}
