//! What the maps and values of events say.

use clojure_reader::edn::Edn;

use super::super::fields::{Json, Problem};
use super::super::{NIL, Op};

pub(super) fn untagged<'e, 't>(form: &'e Edn<'t>) -> &'e Edn<'t> {
    match form {
        Edn::Tagged(_, form) => untagged(form),
        form => form,
    }
}

/// The value of a field, whatever the namespace of its keyword.
pub(super) fn field<'e, 't>(map: &'e Edn<'t>, name: &str) -> Option<&'e Edn<'t>> {
    let Edn::Map(map) = map else { return None };
    map.iter().find(|(key, _)| matches!(key, Edn::Key(key) if local(key) == name)).map(|(_, v)| v)
}

/// A keyword without its namespace.
fn local(keyword: &str) -> &str {
    keyword.rsplit('/').next().unwrap_or(keyword)
}

pub(super) fn keyword<'e>(
    map: &'e Edn<'_>,
    name: &str,
    expected: &str,
) -> Result<&'e str, Problem> {
    match field(map, name) {
        Some(Edn::Key(keyword)) => Ok(local(keyword)),
        Some(other) => Err(format!(":{name} is {}: expected :{expected}", show(other))),
        None => Err(format!("no :{name}: expected :{expected}")),
    }
}

pub(super) fn op(map: &Edn<'_>) -> Result<Op, Problem> {
    match keyword(map, "f", "read, :write, :cas, :add, :inc or :take")? {
        "read" => Ok(Op::Read),
        "write" => Ok(Op::Write),
        "cas" => Ok(Op::Cas),
        "add" | "inc" => Ok(Op::Add),
        "take" => Ok(Op::Take),
        other => Err(format!(":f is :{other}: expected :read, :write, :cas, :add, :inc or :take")),
    }
}

/// The key in the value of an invocation, if there is one, and the rest.
pub(super) fn split<'e, 't>(op: Op, value: &'e Edn<'t>) -> (Option<String>, &'e Edn<'t>) {
    match untagged(value) {
        Edn::Vector(pair) if pair.len() == 2 => {
            let is_alone = op == Op::Cas && !matches!(pair[1], Edn::Vector(_));
            if is_alone { (None, value) } else { (Some(show(&pair[0])), &pair[1]) }
        }
        value => (None, value),
    }
}

pub(super) fn json(value: &Edn<'_>) -> Result<Json, Problem> {
    let element = |value: &Edn<'_>| match value {
        Edn::Int(value) if *value != NIL => Ok(*value),
        Edn::Nil => Ok(NIL),
        other => Err(format!("{} in :value: expected an integer", show(other))),
    };
    match untagged(value) {
        Edn::Bool(value) => Ok(Json::Bool(*value)),
        Edn::Vector(list) | Edn::List(list) => {
            list.iter().map(element).collect::<Result<_, _>>().map(Json::List)
        }
        Edn::Set(set) => set.iter().map(element).collect::<Result<_, _>>().map(Json::List),
        Edn::Nil => Ok(Json::Null),
        Edn::Int(value) if *value != NIL => Ok(Json::Integer(*value)),
        other => Err(format!(
            ":value is {}: expected an integer, nil, true, false or a collection of integers",
            show(other)
        )),
    }
}

/// A form as an error shows it.
pub(super) fn show(form: &Edn<'_>) -> String {
    const SHOWN_CHARS: usize = 40;
    let text = form.to_string();
    if text.chars().count() <= SHOWN_CHARS {
        return text;
    }
    text.chars().take(SHOWN_CHARS).chain(['…']).collect()
}
