//! Histories written as JSON lines.

use std::io::{self, Write};

use crate::balances::Balances;
use crate::history::{History, Initial, NEVER, NIL, Object, Op, Operation, Outcome};
use crate::models::Model;
use crate::tokens::{Tokens, Value};

/// What the first line of a history says that it is.
pub(super) const SCHEMA: &str = "loadgen/history/1";
/// The same of a history of values that are no integers, or of models and operations that came
/// later.
pub(super) const SCHEMA_OF_VALUES: &str = "loadgen/history/2";

/// Lines are put together to this length before they are written.
const BLOCK_BYTES: usize = 64 * 1024;

/// Writes `history`, whose operations are those of `model`: a line that says so, and a line for
/// each operation, object by object.
///
/// Reading gives the same history, if its objects have different keys, those without operations
/// come last and are not [`Initial::Default`], their lists and balances are in the order of the reads
/// that returned them, their accounts in that in which operations name them, and either all objects are shared or none is. What an operation that is not `ok`
/// returned is not written, as it says nothing.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(mut out: impl Write, model: Model, history: &History) -> io::Result<()> {
    let mut block = Block::new();
    block.header(model, &history.objects);
    for object in &history.objects {
        let key = quoted(&object.key);
        let mut assumed = object.assumed.iter().peekable();
        for (index, operation) in (0_u32..).zip(&object.operations) {
            let is_assumed = assumed.next_if_eq(&&index).is_some();
            block.line(&key, operation, object, is_assumed);
            if block.bytes.len() >= BLOCK_BYTES {
                out.write_all(&block.bytes)?;
                block.bytes.clear();
            }
        }
    }
    out.write_all(&block.bytes)?;
    out.flush()
}

/// How much is moved, from which account and to which.
fn transfer(balances: &Balances, operation: &Operation) -> [i64; 3] {
    let [from, to] = balances
        .between(operation)
        .map_or([NIL; 2], |ends| ends.map(|account| balances.account(account)));
    [operation.arg, from, to]
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether `operation`, of a model of the first version of histories, is one of it as well.
fn is_of_history_1(operation: &Operation) -> bool {
    match operation.op {
        Op::Take => operation.arg == NIL,
        Op::Give | Op::Move => false,
        Op::Add | Op::Read | Op::Write | Op::Cas => true,
    }
}

/// Lines on their way.
struct Block {
    bytes: Vec<u8>,
    digits: itoa::Buffer,
}

impl Block {
    fn new() -> Self {
        Self { bytes: Vec::with_capacity(2 * BLOCK_BYTES), digits: itoa::Buffer::new() }
    }

    fn header(&mut self, model: Model, objects: &[Object]) {
        self.text("{\"schema\":");
        let has_texts = objects.iter().any(|object| !object.tokens.is_empty());
        let mut operations = objects.iter().flat_map(|object| &object.operations);
        let is_of_1 = model.is_of_history_1() && !has_texts && operations.all(is_of_history_1);
        self.text(&quoted(if is_of_1 { SCHEMA } else { SCHEMA_OF_VALUES }));
        self.text(",\"model\":");
        self.text(&quoted(&model.to_string()));
        self.text(",\"initial\":{");
        let is_told =
            |object: &&Object| object.initial != Initial::Default || model.needs_initial();
        let told = objects.iter().filter(is_told);
        for (index, Object { key, initial, tokens, .. }) in told.enumerate() {
            if index > 0 {
                self.text(",");
            }
            self.text(&quoted(key));
            self.text(":");
            match initial {
                Initial::Value(value) => self.value(tokens, *value),
                Initial::Elements(elements) => self.list(tokens, elements.iter().copied()),
                Initial::Balances(balances) => self.balances(tokens, balances.iter().copied()),
                Initial::Default => self.text("null"),
            }
        }
        let is_shared = objects.iter().any(|object| object.is_shared);
        self.text(if is_shared { "},\"exclusive\":false}\n" } else { "}}\n" });
    }

    fn line(&mut self, key: &str, operation: &Operation, object: &Object, is_assumed: bool) {
        let Operation { call_ns, return_ns, arg, new, result, client, op, outcome } = *operation;
        let Object { lists, tokens, balances, .. } = object;
        self.text("{\"client\":");
        self.number(client);
        self.text(",\"call\":");
        self.number(call_ns);
        self.text(",\"return\":");
        match return_ns {
            NEVER => self.text("null"),
            _ => self.number(return_ns),
        }
        self.text(",\"op\":\"");
        self.text(op.name());
        self.text("\",\"key\":");
        self.text(key);
        self.text(",\"arg\":");
        match op {
            Op::Cas => self.list(tokens, [arg, new].into_iter()),
            Op::Move => self.list(tokens, transfer(balances, operation).into_iter()),
            _ => self.value(tokens, arg),
        }
        self.text(",\"result\":");
        match (operation.list(lists), operation.row(balances)) {
            _ if outcome != Outcome::Ok => self.text("null"),
            (Some(list), _) => self.list(tokens, list.elements()),
            (None, Some(row)) => self.balances(tokens, row.of(balances)),
            (None, None) => self.value(tokens, result),
        }
        self.text(match outcome {
            _ if is_assumed => ",\"outcome\":\"fail\",\"assumed\":true}\n",
            Outcome::Ok => ",\"outcome\":\"ok\"}\n",
            Outcome::Fail => ",\"outcome\":\"fail\"}\n",
            Outcome::Unknown => ",\"outcome\":\"unknown\"}\n",
        });
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, number: impl itoa::Integer) {
        self.bytes.extend_from_slice(self.digits.format(number).as_bytes());
    }

    fn value(&mut self, tokens: &Tokens, value: i64) {
        match tokens.value(value) {
            Value::Nothing => self.text("null"),
            Value::Whether(done) => self.text(if done { "true" } else { "false" }),
            Value::Integer(integer) => self.number(integer),
            Value::Text(text) => self.text(&quoted(text)),
        }
    }

    fn balances(&mut self, tokens: &Tokens, balances: impl Iterator<Item = (i64, i64)>) {
        self.text("{");
        for (index, (account, balance)) in balances.enumerate() {
            if index > 0 {
                self.text(",");
            }
            self.text(&quoted(&tokens.value(account).to_string()));
            self.text(":");
            self.number(balance);
        }
        self.text("}");
    }

    fn list(&mut self, tokens: &Tokens, list: impl Iterator<Item = i64>) {
        self.text("[");
        for (index, element) in list.enumerate() {
            if index > 0 {
                self.text(",");
            }
            self.value(tokens, element);
        }
        self.text("]");
    }
}
