//! The reader of lines and its twin, which is made of a library: they must take the same lines for
//! the same operations.

use check::files;
use check::history::{NEVER, NIL, NO, Op, Outcome, YES};
use check::{Model, Operation};
use fastrand::Rng;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::damage;
use super::written::MODELS;

#[derive(Deserialize)]
struct Line {
    client: u32,
    call: u64,
    // So that it must be there.
    #[serde(rename = "return", deserialize_with = "nullable")]
    returned: Option<u64>,
    op: String,
    key: String,
    #[serde(default)]
    arg: Value,
    #[serde(default)]
    result: Value,
    outcome: String,
}

fn nullable<'d, D: Deserializer<'d>>(value: D) -> Result<Option<u64>, D::Error> {
    Option::deserialize(value)
}

/// What a line says: the key, the operation and the list that it returned.
type Said = (String, Operation, Option<Vec<i64>>);

fn said(line: &str, model: Model) -> Option<Said> {
    let line: Line = serde_json::from_str(line).ok()?;
    let op = match &*line.op {
        "add" => Op::Add,
        "read" => Op::Read,
        "write" => Op::Write,
        "cas" => Op::Cas,
        "take" => Op::Take,
        _ => return None,
    };
    let outcome = match &*line.outcome {
        "ok" => Outcome::Ok,
        "fail" => Outcome::Fail,
        "unknown" => Outcome::Unknown,
        _ => return None,
    };
    let (call_ns, return_ns) = (line.call, line.returned.unwrap_or(NEVER));
    let is_timed =
        call_ns < NEVER && line.returned.is_none_or(|time| (call_ns..NEVER).contains(&time));
    let has_answer = outcome == Outcome::Ok;
    let has_result = !line.result.is_null();
    if !model.has(op) || !is_timed || has_answer && return_ns == NEVER || !has_answer && has_result
    {
        return None;
    }
    let (arg, new) = match (op, line.arg.as_array().map(Vec::as_slice)) {
        (Op::Read | Op::Take, _) => (line.arg.is_null().then_some(NIL)?, NIL),
        (Op::Add, _) if model == Model::Set => (nil_or_integer(&line.arg)?, NIL),
        (Op::Add, _) => (integer(&line.arg)?, NIL),
        (Op::Write, _) => (nil_or_integer(&line.arg)?, NIL),
        (Op::Cas, pair) => {
            let [expected, new] = pair? else { return None };
            (nil_or_integer(expected)?, nil_or_integer(new)?)
        }
    };
    let (mut result, mut list) = (NIL, None);
    match (op, model) {
        (Op::Cas, _) if !has_result && has_answer => result = YES,
        _ if !has_result => {}
        (Op::Read, Model::Set) => {
            list = Some(line.result.as_array()?.iter().map(integer).collect::<Option<_>>()?);
            result = 0;
        }
        (Op::Read, _) | (Op::Add, Model::FetchAndAdd) => result = integer(&line.result)?,
        (Op::Add, Model::Set) => {
            // The element that the set chose is the one that was added.
            result = integer(&line.result).filter(|chosen| *chosen == arg)?;
        }
        (Op::Cas | Op::Take, _) => result = if line.result.as_bool()? { YES } else { NO },
        (Op::Add | Op::Write, _) => return None,
    }
    let client = line.client;
    let operation = Operation { call_ns, return_ns, arg, new, result, client, op, outcome };
    Some((line.key, operation, list))
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().filter(|value| *value != NIL)
}

fn nil_or_integer(value: &Value) -> Option<i64> {
    if value.is_null() { Some(NIL) } else { integer(value) }
}

type Values = &'static [&'static str];

/// An operation that the model most often has, its arguments and its results.
fn fitting(rng: &mut Rng, model: Model) -> (Values, Values, Values) {
    let results: Values = match model {
        Model::Set => &["[1,2]", "[]", "[4]", "[1,-2, 3]", "null"],
        _ => &["3", "-1", "null"],
    };
    let added: Values = match model {
        Model::FetchAndAdd => results,
        Model::Set => &["3", "-1", "null", "null"],
        _ => &["null"],
    };
    let all: [(Values, Values, Values); 5] = [
        (&["\"add\"", "\"\\u0061dd\""], &["3", "-1", "3", "-1", "null"], added),
        (&["\"read\""], &["null"], results),
        (&["\"write\""], &["null", "3"], &["null"]),
        (&["\"cas\""], &["[1,2]", "[null, 2]"], &["true", "false", "null"]),
        (&["\"take\""], &["null"], &["true", "false", "null"]),
    ];
    let has = match model {
        _ if rng.u8(0..8) == 0 => 0..5,
        Model::Register => 1..4,
        Model::Bounded { .. } => 4..5,
        Model::Counter | Model::FetchAndAdd | Model::Set => 0..2,
    };
    all[rng.usize(has)]
}

/// Fields in any order, mostly as they should be.
fn line(rng: &mut Rng, model: Model) -> String {
    const NUMBERS: &[&str] = &["0", "7", "1200", "4294967295"];
    const VALUES: &[&str] =
        &["null", "3", "-1", "[1,2]", "[null, 2]", "true", "[]", "[4]", "[1,2,3]"];
    const ODD: &[&str] = &[
        "9223372036854775807",
        "-9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "18446744073709551614",
        "18446744073709551616",
        "4294967296",
        "1.0",
        "1e3",
        "01",
        "-",
        "\"x\"",
        "{}",
        "nul",
        "[1,]",
        "[null]",
        "[[1]]",
        "true",
        "{\"a\":[1,{}]}",
        "\"\\u00e9\\n\"",
        "\"\\x\"",
    ];
    let (ops, args, results) = fitting(rng, model);
    let mut fields = vec![
        ("client", NUMBERS),
        ("call", &NUMBERS[..2]),
        ("return", &["1200", "5400", "5400", "null"]),
        ("op", ops),
        ("key", &["\"i\"", "\"\"", "\"\\u0069\"", "\"\u{e9}\\\"\""]),
        ("arg", if rng.u8(0..8) == 0 { VALUES } else { args }),
        ("result", if rng.u8(0..4) == 0 { VALUES } else { results }),
        ("outcome", &["\"ok\"", "\"ok\"", "\"ok\"", "\"fail\"", "\"unknown\""]),
    ];
    if rng.u8(0..3) == 0 {
        fields.push((["x", "", "opp"][rng.usize(0..3)], ODD));
    }
    if rng.u8(0..8) == 0 {
        fields.push(fields[rng.usize(0..8)]);
    }
    if rng.u8(0..8) == 0 {
        fields.remove(rng.usize(0..8));
    }
    if rng.bool() {
        rng.shuffle(&mut fields);
    }
    let spaces = if rng.bool() { [""; 4] } else { [" ", "", "\t", "  \r"] };
    let space = |rng: &mut Rng| spaces[rng.usize(0..4)];
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, values)| {
            let values = if rng.u8(0..60) == 0 { ODD } else { values };
            let value = values[rng.usize(0..values.len())];
            [space(rng), "\"", name, "\"", space(rng), ":", space(rng), value, space(rng)].concat()
        })
        .collect();
    format!("{}{{{}}}{}", space(rng), fields.join(","), space(rng))
}

#[test]
fn lines_are_read_as_a_library_reads_them() {
    let mut rng = Rng::with_seed(4);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..60_000 {
        let model = MODELS[rng.usize(0..5)];
        let mut line = line(&mut rng, model).into_bytes();
        if rng.u8(0..4) == 0 {
            damage(&mut rng, &mut line);
        }
        let Ok(line) = String::from_utf8(line) else { continue };
        // Empty lines are passed over, two are two; the library takes -0 for a fraction.
        if line.trim_ascii().is_empty() || line.contains('\n') || line.contains("-0") {
            continue;
        }
        let text = format!("{{\"schema\":\"loadgen/history/1\"}}\n{line}");
        let found = files::read(text.as_bytes(), Some(model)).ok().map(|(_, mut history)| {
            let object = history.objects.remove(0);
            let list = object.lists.get(0).map(|list| list.elements().collect());
            (object.key, object.operations[0], list)
        });
        read += u32::from(found.is_some());
        refused += u32::from(found.is_none());
        assert_eq!(found, said(&line, model), "{model}: {line}");
    }
    assert!(read > 2_000 && refused > 2_000, "{read} read, {refused} refused");
}
