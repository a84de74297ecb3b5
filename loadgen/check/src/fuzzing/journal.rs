//! Journals of events that make sense, in EDN and in JSON.

use std::fmt::Write as _;

use super::draw::Draw;
use super::texts;
use crate::files::{Reader, Recorded};
use crate::history::{NEVER, NIL, Op, Operation, Outcome, YES};
use crate::{Model, Object};

/// An operation as the journal tells it, with the places of its events among all.
#[derive(Debug, Clone, Copy)]
struct Told {
    operation: Operation,
    key: Option<u8>,
    /// When it began by its event; the operation begins no earlier than what its process did before.
    event_ns: u64,
    called: u64,
    returned: Option<u64>,
}

/// The journal of a register that `bytes` stand for, two for an event. Its operations are what the
/// events say, in EDN and in JSON; one is over before another only where lines and times say so,
/// and where the clock never stands still or goes back, exactly then.
///
/// # Panics
/// When any of that does not hold.
pub fn journal(bytes: &[u8]) {
    let mut draw = Draw::new(bytes);
    let form = draw.byte();
    let (is_keyed, is_vector, goes_back) = (form & 1 > 0, form & 2 > 0, form & 4 > 0);
    let mut journal = Journal::default();
    while !draw.is_over() {
        journal.event(&mut draw, is_keyed, goes_back);
    }
    let Journal { edn, json, is_ascending, .. } = &journal;
    let [edn, json] = if is_vector {
        [format!("[{}]", edn.join("\n")), format!("[{}]", json.join(",\n"))]
    } else {
        [edn, json].map(|events| events.join("\n"))
    };
    let reader = Reader { model: Some(Model::Register), ..Reader::default() };
    let recorded = texts::read(edn.as_bytes(), &reader);
    assert_eq!(texts::read(json.as_bytes(), &reader), recorded, "{edn}\n{json}");
    let is_ascending = *is_ascending;
    let told = journal.told();
    let Some(Recorded { history, .. }) = recorded else {
        assert!(told.is_empty(), "it is refused: {edn}");
        return;
    };
    for object in &history.objects {
        let key = object.key.parse::<u8>().ok();
        let told: Vec<_> = told.iter().filter(|told| told.key == key).copied().collect();
        hold(&told, object, is_ascending);
    }
    let operations = history.objects.iter().map(|object| object.operations.len());
    assert_eq!(operations.sum::<usize>(), told.len(), "{edn}");
}

/// Holds what was read of an object against what was told of it.
fn hold(told: &[Told], object: &Object, is_ascending: bool) {
    let timeless = |operation: &Operation| Operation { call_ns: 0, return_ns: 0, ..*operation };
    let read: Vec<_> = object.operations.iter().map(timeless).collect();
    let meant: Vec<_> = told.iter().map(|told| timeless(&told.operation)).collect();
    assert_eq!(read, meant);
    if is_ascending {
        let meant: Vec<_> = told.iter().map(|told| told.operation).collect();
        assert_eq!(object.operations, meant);
    }
    for (one, read) in told.iter().zip(&object.operations) {
        assert!(read.call_ns <= read.return_ns, "{read:?}");
        for (other, later) in told.iter().zip(&object.operations) {
            if !read.precedes(later) {
                continue;
            }
            let by_lines = one.returned.is_some_and(|place| place < other.called);
            assert!(by_lines, "not by lines: {one:?} {other:?}");
            let by_times = one.operation.return_ns <= other.operation.call_ns;
            assert!(by_times, "not by times: {one:?} {other:?}");
        }
    }
}

/// A journal while it is written.
#[derive(Default)]
struct Journal {
    edn: Vec<String>,
    json: Vec<String>,
    /// What each process is doing.
    open: [Option<Told>; PROCESSES],
    /// The latest time of each process.
    latest_ns: [u64; PROCESSES],
    done: Vec<Told>,
    now_ns: u64,
    /// Whether each event came later than the one before.
    is_ascending: bool,
}

const PROCESSES: usize = 4;

impl Journal {
    /// An event, which ends what a process is doing or begins something.
    fn event(&mut self, draw: &mut Draw<'_>, is_keyed: bool, goes_back: bool) {
        let (what, values) = (draw.byte(), draw.byte());
        let process = usize::from(what & 3) % PROCESSES;
        let place = self.edn.len() as u64;
        let step_ns = u64::from(what >> 2 & 3);
        self.is_ascending = (place == 0 || self.is_ascending) && step_ns > 0;
        self.now_ns += step_ns;
        let mut time_ns = self.now_ns;
        if goes_back && what & 0x10 > 0 {
            time_ns = time_ns.saturating_sub(u64::from(what >> 5));
            self.is_ascending = false;
        }
        if let Some(told) = self.open[process].take() {
            self.end(told, process, (place, time_ns.max(told.event_ns)), what >> 5);
            return;
        }
        let (low, high) = (i64::from(values & 7), i64::from(values >> 3 & 7));
        let (op, arg, new) = match values >> 6 {
            0 => (Op::Write, low, NIL),
            1 => (Op::Cas, low, high),
            _ => (Op::Read, NIL, NIL),
        };
        let result = if op == Op::Read { low } else { NIL };
        let key = is_keyed.then_some(values >> 3 & 1);
        let client = u32::try_from(process).expect("there are few");
        let (call_ns, outcome) = (self.after_own(process, time_ns), Outcome::Unknown);
        let return_ns = NEVER;
        let operation = Operation { call_ns, return_ns, arg, new, result, client, op, outcome };
        let told = Told { operation, key, event_ns: time_ns, called: place, returned: None };
        self.tell("invoke", process, time_ns, &told);
        self.open[process] = Some(told);
    }

    fn end(&mut self, mut told: Told, process: usize, (place, time_ns): (u64, u64), how: u8) {
        let (kind, outcome) = match how {
            0 => ("info", Outcome::Unknown),
            1 => ("fail", Outcome::Fail),
            _ => ("ok", Outcome::Ok),
        };
        self.tell(kind, process, time_ns, &told);
        let operation = &mut told.operation;
        operation.outcome = outcome;
        operation.result = match (operation.op, outcome) {
            (Op::Read, Outcome::Ok) => operation.result,
            (Op::Cas, Outcome::Ok) => YES,
            _ => NIL,
        };
        // An `:info` ends nothing: its time says no more than that there was one.
        if outcome != Outcome::Unknown {
            operation.return_ns = self.after_own(process, time_ns);
            told.returned = Some(place);
        }
        self.done.push(told);
    }

    /// A clock that goes back is taken to have stood still.
    fn after_own(&mut self, process: usize, time_ns: u64) -> u64 {
        let latest_ns = &mut self.latest_ns[process];
        *latest_ns = time_ns.max(*latest_ns);
        *latest_ns
    }

    fn tell(&mut self, kind: &str, process: usize, time_ns: u64, told: &Told) {
        let Told { operation: Operation { op, arg, new, result, .. }, key, .. } = *told;
        let (f, value) = match op {
            Op::Write => ("write", arg.to_string()),
            Op::Cas => ("cas", format!("[{arg},{new}]")),
            _ if kind == "ok" => ("read", result.to_string()),
            _ => ("read", "null".to_owned()),
        };
        let value = key.map_or(value.clone(), |key| format!("[{key},{value}]"));
        let (mut edn, mut json) = (String::new(), String::new());
        let in_edn = value.replace("null", "nil");
        write!(edn, "{{:process {process} :type :{kind} :f :{f} :value {in_edn} :time {time_ns}}}")
            .and_then(|()| {
                write!(
                    json,
                    "{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":{value},\
                     \"time\":{time_ns}}}"
                )
            })
            .expect("memory takes all");
        self.edn.push(edn);
        self.json.push(json);
    }

    /// The operations in the order in which they ended; those that did not come last, in the order
    /// in which they began.
    fn told(self) -> Vec<Told> {
        let mut left: Vec<_> = self.open.into_iter().flatten().collect();
        left.sort_unstable_by_key(|told| told.called);
        for told in &mut left {
            told.operation.result = NIL;
        }
        self.done.into_iter().chain(left).collect()
    }
}
