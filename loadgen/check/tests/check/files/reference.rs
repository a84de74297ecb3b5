//! The reader of lines and its twin, which is made of a library: they must take the same lines for
//! the same operations.

use fastrand::Rng;
use loadgen_check::files;
use loadgen_check::history;
use loadgen_check::{Model, Object, Operation, Tokens};

use super::damage;
use super::written::MODELS;

// Fuzzing holds the reader against the same twin.
#[path = "../../../src/fuzzing/said.rs"]
mod said;

use said::{Named, said};

type Values = &'static [&'static str];

/// An operation that the model most often has, its arguments and its results.
fn fitting(rng: &mut Rng, model: Model) -> (Values, Values, Values) {
    let results: Values = match model {
        Model::Set => &["[1,2]", "[]", "[4]", "[1,-2, 3]", "null"],
        Model::Once => &["3", "\"x\"", "false", "null"],
        Model::Accounts { .. } => &["{\"a\":1,\"7\":-20}", "{}", "{\"a\":1, \"a\":2}", "null"],
        _ => &["3", "-1", "null"],
    };
    let added: Values = match model {
        Model::FetchAndAdd | Model::Unique | Model::Once => results,
        Model::Set => &["3", "-1", "null", "null"],
        _ => &["null"],
    };
    let taken: Values = match model {
        Model::Dispense | Model::Queue => &["3", "\"x\"", "false", "null"],
        _ => &["true", "false", "null"],
    };
    let (taking, given): (Values, Values) = match model {
        Model::Bounded { .. } => (&["null", "2", "1", "0"], &["null"]),
        _ => (&["null"], &["true", "false", "null"]),
    };
    let all: [(Values, Values, Values); 7] = [
        (&["\"add\"", "\"\\u0061dd\""], &["3", "-1", "3", "-1", "null"], added),
        (&["\"read\""], &["null"], results),
        (&["\"write\""], &["null", "3"], &["null"]),
        (&["\"cas\""], &["[1,2]", "[null, 2]"], &["true", "false", "null"]),
        (&["\"take\""], taking, taken),
        (&["\"give\""], taking, given),
        (&["\"move\""], &["[5,\"a\",7]", "[1,2,2]", "[0,1,2]", "[5,null,2]"], &["true", "false"]),
    ];
    let has = match model {
        _ if rng.u8(0..8) == 0 => 0..7,
        Model::Accounts { .. } if rng.bool() => 1..2,
        Model::Accounts { .. } => 6..7,
        Model::Register => 1..4,
        Model::Versioned => 1..3,
        Model::Unique => 0..1,
        Model::Dispense | Model::Queue if rng.bool() => 0..1,
        Model::Dispense | Model::Queue => 4..5,
        Model::Bounded { .. } | Model::Lock => 4..6,
        Model::Counter | Model::FetchAndAdd | Model::Set | Model::Once => 0..2,
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
        let model = MODELS[rng.usize(..MODELS.len())];
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
        let initial = model.needs_initial().then(|| "0".parse().unwrap());
        let reader = files::Reader { model: Some(model), initial, ..files::Reader::default() };
        let found = reader.read(text.as_bytes()).ok().map(|recorded| {
            let object = { recorded.history }.objects.remove(0);
            let named = Named::of(&object);
            (object.key, object.operations[0], named)
        });
        read += u32::from(found.is_some());
        refused += u32::from(found.is_none());
        assert_eq!(found, said(&line, model), "{model}: {line}");
    }
    assert!(read > 2_000 && refused > 2_000, "{read} read, {refused} refused");
}
