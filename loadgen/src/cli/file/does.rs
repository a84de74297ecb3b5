//! What a request does with what is judged: its verb, and what the model makes of it.

use check::Model;
use check::history::Op;

use super::at::{At, Place};
use super::document::Does;
use super::error::{Wrong, unknown};
use super::names::Names;
use super::text::Text;
use crate::cli::values;
use crate::extract::{Decimal, Extract, Written};
use crate::scenario::{
    Amount, Argued, Argument, Escape, Key, Meaning, Template, Transfer, Variables,
};

/// A verb, and what it is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deed<'d> {
    pub(super) verb: Verb,
    /// What is judged.
    pub(super) subject: &'d str,
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Take,
    Give,
    Read,
    Write,
    Once,
    Issue,
    Move,
}

/// What a request is in a history.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) op: Op,
    pub(super) meaning: Meaning,
    pub(super) argued: Argued,
    pub(super) key: Option<Key>,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Take => "take",
            Self::Give => "give",
            Self::Read => "read",
            Self::Write => "write",
            Self::Once => "once",
            Self::Issue => "issue",
            Self::Move => "move",
        }
    }
}

impl Does {
    /// The verb that is given, and with what it is done.
    pub(super) fn deed(&self, place: Place) -> Result<Deed<'_>, Wrong> {
        let verbs = [
            (Verb::Add, &self.add),
            (Verb::Take, &self.take),
            (Verb::Give, &self.give),
            (Verb::Read, &self.read),
            (Verb::Write, &self.write),
            (Verb::Once, &self.once),
            (Verb::Issue, &self.issue),
            (Verb::Move, &self.moves),
        ];
        let given = verbs.into_iter().filter_map(|(verb, subject)| Some((verb, subject.as_ref()?)));
        match given.collect::<Vec<_>>()[..] {
            [(verb, subject)] => Ok(Deed { verb, subject }),
            _ => Err(Wrong::new(
                place,
                "does: expected one of add, take, give, read, write, once, issue and move, with the name of \
                 what is judged",
            )),
        }
    }
}

/// What a request that `does` something with an object of `model` is in a history.
///
/// Amounts have so many `decimals` at most.
pub(super) fn operation(
    does: &At<Does>,
    model: Model,
    decimals: u8,
    names: &Names,
) -> Result<Operation, Wrong> {
    let At { value: does, place } = does;
    let wrong = |why: String| Wrong::new(*place, why);
    let Deed { verb, subject } = does.deed(*place)?;
    let verbs = verbs(model);
    if !verbs.contains(&verb) {
        let known: Vec<_> = verbs.iter().map(|verb| verb.name()).collect();
        let what = format!("{subject} is judged as {model}, which has no");
        return Err(wrong(unknown(&what, verb.name(), &known)));
    }
    let rule = match (verb, model) {
        (Verb::Read, Model::Set) => values::list_rule,
        _ => values::rule,
    };
    let result = match &does.result {
        Some(text) => Some(rule(text).map_err(|why| wrong(format!("result: {why}")))?),
        None => None,
    };
    let key = match &does.of {
        Some(text) => {
            let key = Key::parse(text, &names.variables);
            Some(key.map_err(|error| wrong(format!("of: {text}: {error}")))?)
        }
        None => None,
    };
    let op = op(verb);
    let meaning = meaning(verb, model, result).map_err(wrong)?;
    let argued = argued(does, verb, (model, decimals), &meaning, names).map_err(wrong)?;
    if verb == Verb::Once && key.is_none() {
        return Err(wrong(format!(
            "{subject} is done once for each of what? Expected of: \"{{{{KEY}}}}\""
        )));
    }
    Ok(Operation { op, meaning, argued, key })
}

/// What can be done with an object of `model`.
fn verbs(model: Model) -> &'static [Verb] {
    match model {
        Model::Counter | Model::FetchAndAdd | Model::Set => &[Verb::Add, Verb::Read],
        Model::Register | Model::Versioned => &[Verb::Write, Verb::Read],
        Model::Bounded { .. } => &[Verb::Take, Verb::Give, Verb::Read],
        Model::Lock => &[Verb::Take, Verb::Give],
        Model::Dispense | Model::Queue => &[Verb::Add, Verb::Take],
        Model::Unique => &[Verb::Issue],
        Model::Once => &[Verb::Once],
        Model::Accounts { .. } => &[Verb::Move],
    }
}

fn op(verb: Verb) -> Op {
    match verb {
        Verb::Add | Verb::Once | Verb::Issue => Op::Add,
        Verb::Take => Op::Take,
        Verb::Give => Op::Give,
        Verb::Read => Op::Read,
        Verb::Write => Op::Write,
        Verb::Move => Op::Move,
    }
}

/// What the answers carry, whose result stands where `result` says.
fn meaning(verb: Verb, model: Model, result: Option<Extract>) -> Result<Meaning, String> {
    let needed = |what: &str, result: Option<Extract>| {
        result.ok_or_else(|| {
            format!("result is missing: where does the answer carry {what}, as in json:/id?")
        })
    };
    Ok(match (verb, model) {
        (Verb::Read, Model::Set) => Meaning::Elements(needed("the elements", result)?),
        (Verb::Read, Model::Register | Model::Versioned) => {
            Meaning::Value(needed("the value", result)?)
        }
        (Verb::Read, _) => Meaning::Number(needed("the number", result)?),
        (Verb::Add, Model::FetchAndAdd) => Meaning::Number(result.unwrap_or(Extract::Only)),
        (Verb::Add, Model::Set) => result.map_or(Meaning::Nothing, Meaning::Chosen),
        (Verb::Take, Model::Bounded { .. } | Model::Lock)
        | (Verb::Give, Model::Lock)
        | (Verb::Move, _) => Meaning::Taken(result),
        (Verb::Take, _) => Meaning::Value(needed("what was taken", result)?),
        (Verb::Write, Model::Versioned) => Meaning::Value(needed("the new version", result)?),
        (Verb::Issue, _) => Meaning::Value(needed("the value", result)?),
        (Verb::Once, _) => Meaning::Effect(needed("the result", result)?),
        (Verb::Add | Verb::Write | Verb::Give, _) => match result {
            None => Meaning::Nothing,
            Some(_) if model == Model::Counter => {
                return Err(
                    "result: answers that tell the new number are for the model fetch-and-add"
                        .to_owned(),
                );
            }
            Some(_) => {
                return Err(format!(
                    "result: the answers to {} of a {model} carry no result",
                    verb.name()
                ));
            }
        },
    })
}

/// What the request says of its own.
fn argued(
    does: &Does,
    verb: Verb,
    (model, decimals): (Model, u8),
    meaning: &Meaning,
    names: &Names,
) -> Result<Argued, String> {
    let Does { amount, value, expects, from, to, .. } = does;
    let takes_amount = match verb {
        Verb::Add => matches!(model, Model::Counter | Model::FetchAndAdd),
        Verb::Take | Verb::Give => matches!(model, Model::Bounded { .. }),
        Verb::Move => true,
        Verb::Read | Verb::Write | Verb::Once | Verb::Issue => false,
    };
    let takes_value = match verb {
        Verb::Add => {
            matches!(model, Model::Set | Model::Dispense | Model::Queue)
                && !meaning.names_the_element()
        }
        Verb::Write => model == Model::Register,
        Verb::Take | Verb::Give | Verb::Read | Verb::Once | Verb::Issue | Verb::Move => false,
    };
    let takes_version = verb == Verb::Write && model == Model::Versioned;
    let moves = verb == Verb::Move;
    for (name, is_given, is_taken) in [
        ("amount", amount.is_some(), takes_amount),
        ("value", value.is_some(), takes_value),
        ("if", expects.is_some(), takes_version),
        ("from", from.is_some(), moves),
        ("to", to.is_some(), moves),
        ("of", does.of.is_some(), !moves),
    ] {
        if is_given && !is_taken {
            return Err(format!("{name}: `{}` of a {model} has no {name}", verb.name()));
        }
    }
    if moves {
        return transfer(does, decimals, names)
            .map(|transfer| Argued::Transfer(Box::new(transfer)));
    }
    match (amount, value, expects) {
        (Some(amount), _, _) => Ok(Argued::Amount(an_amount(amount, verb, decimals, names)?)),
        // One of what is written, not one step.
        (None, None, None) if takes_amount && decimals > 0 => {
            Ok(Argued::Amount(Amount { written: Argument::constant("1"), decimals }))
        }
        (None, Some(value), _) => Ok(Argued::Value(argument(&value.to_string(), names)?)),
        (None, None, Some(version)) => Ok(Argued::Value(argument(version, names)?)),
        (None, None, None) if takes_value => Ok(Argued::Value(argument("{{value}}", names)?)),
        (None, None, None) => Ok(Argued::Nothing),
    }
}

/// How much is moved, and between which accounts.
fn transfer(does: &Does, decimals: u8, names: &Names) -> Result<Transfer, String> {
    let account = |name: &str, given: Option<&Text>| match given {
        Some(account) => argument(&account.to_string(), names),
        None => {
            Err(format!("{name} is missing: expected an account, as {name}: \"{{{{{name}}}}}\""))
        }
    };
    let amount = match &does.amount {
        Some(amount) => an_amount(amount, Verb::Move, decimals, names)?,
        None => Amount { written: Argument::constant("1"), decimals },
    };
    let (from, to) = (account("from", does.from.as_ref())?, account("to", does.to.as_ref())?);
    Ok(Transfer { amount, from, to })
}

/// What stands for an argument, which is the same wherever it stands in a request.
fn argument(text: &str, names: &Names) -> Result<Argument, String> {
    let template = Template::parse(text.as_bytes(), &names.variables, Escape::None);
    let template = template.map_err(|error| error.to_string())?;
    if !template.is_one() {
        return Err(format!("{text}: it is drawn again at each place: expected a name of pick"));
    }
    Ok(Argument(template))
}

/// How much an update is of.
fn an_amount(amount: &Text, verb: Verb, decimals: u8, names: &Names) -> Result<Amount, String> {
    let amount = amount.to_string();
    let written = match Variables::name_alone(&amount) {
        Some(name) => names.variables.written(name),
        None => Written::of([amount.as_str()]),
    };
    check_amount(&amount, written, verb, decimals)?;
    Ok(Amount { written: argument(&amount, names)?, decimals })
}

/// Refuses an `amount` that is `written` as none, or with more than so many `decimals`.
fn check_amount(
    amount: &str,
    written: Option<Written>,
    verb: Verb,
    decimals: u8,
) -> Result<(), String> {
    let Some(written @ Written { least, decimals: own, .. }) = written else {
        return Err(format!(
            "amount: {amount}: expected a number, or a name of pick that has a range or a list of numbers"
        ));
    };
    if own > decimals {
        let most = match decimals {
            0 => "a whole number".to_owned(),
            1 => "1 decimal at most".to_owned(),
            _ => format!("{decimals} decimals at most"),
        };
        return Err(format!("amount: {amount}: expected {most}, or decimals: {own} in judge"));
    }
    if !written.fit(decimals) {
        return Err(format!("amount: {amount}: it has more digits than 64 bits hold"));
    }
    match verb {
        Verb::Add => Ok(()),
        _ if decimals > 0 && least <= Decimal::default() => {
            Err(format!("amount: {amount}: expected more than 0"))
        }
        _ if decimals == 0 && least < Decimal::from(1) => {
            Err(format!("amount: {amount}: expected at least 1"))
        }
        _ => Ok(()),
    }
}
