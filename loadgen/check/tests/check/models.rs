//! The list of models: their names, and which operations each has.

use check::Model;
use check::history::Op;

const NAMED: [(&str, Model, &[Op]); 5] = [
    ("counter", Model::Counter, &[Op::Add, Op::Read]),
    ("fetch-and-add", Model::FetchAndAdd, &[Op::Add, Op::Read]),
    ("register", Model::Register, &[Op::Read, Op::Write, Op::Cas]),
    ("bounded:20", Model::Bounded { capacity: 20 }, &[Op::Read, Op::Take]),
    ("set", Model::Set, &[Op::Add, Op::Read]),
];

#[test]
fn each_model_has_a_name() {
    for (name, model, _) in NAMED {
        assert_eq!(name.parse(), Ok(model));
        assert_eq!(model.to_string(), name);
    }
}

#[test]
fn another_name_is_refused_with_those_that_there_are() {
    for name in
        ["", "Counter", "counter ", "bounded", "bounded:", "bounded:-1", "bounded:4294967296"]
    {
        assert_eq!(
            name.parse::<Model>().map_err(|error| error.to_string()),
            Err("expected counter, fetch-and-add, register, bounded:N (as in bounded:20) or set"
                .to_owned())
        );
    }
}

#[test]
fn each_model_has_its_operations() {
    for (name, model, operations) in NAMED {
        for op in [Op::Add, Op::Read, Op::Write, Op::Cas, Op::Take] {
            assert_eq!(model.has(op), operations.contains(&op), "{name}: {op:?}");
        }
    }
}
