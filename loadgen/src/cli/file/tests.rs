//! What a file says, what it becomes, and what is said of one that is wrong.

mod wrong;

use std::path::PathBuf;
use std::time::Duration;

use check::Model;
use check::history::Op;
use url::Url;

use super::plan::Planned;
use super::*;
use crate::plan::{Effort, Judging, Kind};
use crate::scenario::{Argued, Meaning, Order};
use crate::state::State;

fn target_url() -> Url {
    "http://127.0.0.1:8080/api".parse().unwrap()
}

fn settings(sets: &[(&str, &str)]) -> Settings {
    let sets = sets.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let effort = Effort { timeout: Duration::from_secs(1), memory_bytes: 1 << 20, certify: false };
    let judging = Judging {
        kinds: Vec::new(),
        result: None,
        history_limit: 1000,
        effort,
        ends_at_first: false,
    };
    let (timeout, seed, first_value) = (Duration::from_secs(30), 1, 1_000_000_000_000_000);
    let (folder, follow) = (PathBuf::from("/tmp"), 0);
    Settings { folder, sets, timeout, follow, seed, first_value, judging }
}

pub(super) fn planned_of(document: &Document) -> Result<(), Wrong> {
    plan(document, &target_url(), settings(&[])).map(|_| ())
}

fn planned(text: &str) -> Result<Planned, Wrong> {
    plan(&parse(text)?, &target_url(), settings(&[]))
}

const STOCK: &str = "\
target: http://127.0.0.1:8080/api
env: [HOME]
variables: { tenant: blue }
headers: { x-tenant: '{{tenant}}' }
state:
  stock:
    get: /stock
    each: { of: json:/items, key: json:/sku, value: json:/left }
steps:
  buy:
    pick: { sku: 1..100, who: [ann, bob] }
    post: /buy/{{sku}}?by={{who}}
    json: { sku: '{{sku}}', who: '{{who}}', note: 'for {{who}}', n: 2 }
    answers:
      - { status: 409, means: refused }
      - { status: 200, where: 'json:/success == false', means: not-applied }
    does: { take: stock, of: '{{sku}}' }
  look:
    share: 5%
    get: /stock/{{sku}}
    does: { read: stock, of: '{{sku}}', result: json:/left }
judge: { stock: 'bounded:1000' }
";

#[test]
fn a_page_becomes_a_plan() {
    let Planned { scenario, reads, judging, .. } = planned(STOCK).unwrap();
    let kinds = judging.unwrap().kinds;
    let [Kind { name, model, .. }] = kinds.as_slice() else { panic!("{kinds:?}") };
    assert_eq!((name.as_str(), *model), ("stock", Model::Bounded { capacity: Some(1000) }));
    let [buy, look] = &scenario.steps[..] else { panic!("{scenario:?}") };
    assert_eq!((buy.name.as_str(), buy.op, look.op), ("buy", Op::Take, Op::Read));
    assert_eq!(buy.call.method, http::Method::POST);
    let url = buy.place.on(&target_url());
    assert_eq!(url.path(), "/api/buy/%7B%7Bsku%7D%7D");
    let body = String::from_utf8(buy.call.body.clone().unwrap()).unwrap();
    assert_eq!(body, r#"{"sku":{{sku}},"who":"{{who}}","note":"for {{who}}","n":2}"#);
    let header = |name: &str| {
        let mut fields = buy.call.headers.iter();
        fields.find(|(known, _)| known == name).map(|(_, value)| value.to_str().unwrap())
    };
    assert_eq!(header("x-tenant"), Some("{{tenant}}"));
    assert_eq!(header("Content-Type"), Some("application/json"));
    assert_eq!(buy.answers.to_string(), "409 refused, 200 with json:/success=false not-applied");
    assert!(matches!(look.meaning, Meaning::Number(_)) && look.key.is_some());
    assert!((scenario.reads() - 0.05).abs() < 1e-9);
    let [read] = reads.as_slice() else { panic!("{reads:?}") };
    assert!(read.how.by_key.is_some() && !read.lags && read.how.call.headers.len() == 1);
}

#[test]
fn how_many_there_are_is_said_once() {
    let take = "steps: { a: { post: /a, does: { take: n } } }\n";
    let judging = |rest: &str| {
        let planned = planned(&format!("{take}{rest}")).map_err(|wrong| wrong.message)?;
        let Kind { model, initial, .. } = planned.judging.unwrap().kinds.remove(0);
        Ok::<_, String>((model, initial, !planned.reads.is_empty()))
    };
    let unsaid = Model::Bounded { capacity: None };
    let by_state = "judge: { n: bounded }\nstate: { n: { get: /n, value: json:/n } }";
    assert_eq!(judging(by_state), Ok((unsaid, None, true)));
    let twenty = Some(State::Number(20.into()));
    let by_file = "judge: { n: { model: bounded, initial: 20 } }";
    assert_eq!(judging(by_file), Ok((unsaid, twenty, false)));
    let missing = judging("judge: { n: bounded }").unwrap_err();
    let expected =
        "nothing says what was there at first: expected a state called n, or initial, or bounded:N";
    assert!(missing.contains(expected), "{missing}");
    // Of a bank the state alone says it.
    let moves = "steps: { a: { post: /a, does: { move: n, from: a, to: b } } }\n";
    for (judge, expected) in [
        ("judge: { n: accounts }", "expected a state called n"),
        (
            "judge: { n: { model: accounts, initial: 5 } }",
            "initial: the state says what is in accounts at first: leave out initial",
        ),
    ] {
        let missing = planned(&format!("{moves}{judge}")).unwrap_err().message;
        assert!(missing.ends_with(expected), "{missing}");
    }
}

#[test]
fn a_flow_takes_its_steps_in_order_and_keeps_what_answers_have() {
    let text = "\
session:
  - post: /login
    form: { user: 'user{{client}}', password: 'a&b' }
    keep: { token: json:/token }
headers: { authorization: 'Bearer {{token}}' }
pick: { sku: 1..3 }
flow:
  - { name: cart, post: /cart, json: { sku: '{{sku}}' }, keep: { cart: json:/id } }
  - { name: checkout, post: '/checkout/{{cart}}', does: { add: orders, amount: 2 }, timeout: 5s }
pause: 1s..3s
judge: { orders: { model: counter, initial: 0, state: all } }
state: { all: { get: /orders, value: json:/count } }
";
    let error = planned(text).unwrap_err().message;
    assert!(error.contains("leave out initial"), "{error}");
    let planned = planned(&text.replace(" initial: 0,", "")).unwrap();
    let scenario = planned.scenario;
    let pause = (Duration::from_secs(1), Duration::from_secs(3));
    assert!(matches!(scenario.order, Order::Flow { steps: 2, pause: p } if p == pause));
    let [login] = &scenario.opening[..] else { panic!("{scenario:?}") };
    let body = String::from_utf8(login.call.body.clone().unwrap()).unwrap();
    assert_eq!(body, "user=user{{client}}&password=a%26b");
    let [cart, checkout] = &scenario.steps[..] else { panic!("{scenario:?}") };
    assert!(cart.judged.is_none() && cart.draws.len() == 1 && cart.keeps[0].name == "cart");
    assert!(matches!(checkout.argued, Argued::Amount(_)) && checkout.draws.is_empty());
    assert_eq!(checkout.timeout, Duration::from_secs(5));
    assert!(scenario.counted().is_none(), "an amount is not counted");
}

#[test]
fn shares_are_what_is_said_and_what_is_left() {
    let of = |shares: &str| planned(&format!("steps: {{ {shares} }}"));
    let Planned { scenario, .. } =
        of("a: { get: /a, share: 20% }, b: { get: /b }, c: { get: /c, share: 30% }").unwrap();
    let names: Vec<_> = scenario.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["b", "a", "c"], "the one with what is left comes first");
    assert!(of("a: { get: /a, share: 40% }, b: { get: /b, share: 60% }").is_ok());
    for (shares, expected) in [
        ("a: { get: /a, share: 50% }, b: { get: /b, share: 20% }", "70% together: expected 100%"),
        ("a: { get: /a, share: 100% }, b: { get: /b }", "nothing is left for the other steps"),
        ("a: { get: /a, share: 0% }", "expected a percentage above 0%"),
        ("a: { get: /a, name: b }", "the step is called a already"),
    ] {
        let message = of(shares).unwrap_err().message;
        assert!(message.contains(expected), "{shares}: {message}");
    }
}

#[test]
fn variables_are_set_and_replaced() {
    let document = parse(STOCK).unwrap();
    let planned = plan(&document, &target_url(), settings(&[("tenant", "red")])).unwrap();
    let constants = &planned.scenario.variables.constants;
    let of = |name: &str| constants.iter().find(|one| one.name == name).unwrap().text.clone();
    assert_eq!(of("tenant"), "red");
    assert_eq!(of("env.HOME"), std::env::var("HOME").unwrap());
    let unknown = plan(&document, &target_url(), settings(&[("tenat", "x")])).unwrap_err();
    assert!(unknown.message.contains("did you mean `tenant`?"), "{}", unknown.message);
}

/// What a new user copies is right.
#[test]
fn the_example_and_those_of_the_documentation_are_right() {
    assert!(planned(EXAMPLE).is_ok());
    let pages = [
        include_str!("../../../../docs/scenarios.md"),
        include_str!("../../../../docs/documents.md"),
    ];
    let blocks = pages.iter().flat_map(|page| page.split("```yaml\n").skip(1));
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    let is_whole = |block: &&str| block.contains("steps:") || block.contains("flow:");
    let whole: Vec<_> = blocks.filter(is_whole).collect();
    assert!(whole.len() >= 3, "{whole:?}");
    for block in whole {
        assert!(planned(block).is_ok(), "{block}: {:?}", planned(block).map(|_| ()));
    }
}

#[test]
fn invariants_speak_of_values_and_steps_that_are_there() {
    let of = |invariant: &str| {
        planned(&format!(
            "steps: {{ pay: {{ post: /pay }} }}\n\
             state: {{ all: {{ get: /a, values: {{ rows: json:/n }}, each: {{ of: json:/b }} }} }}\n\
             invariants: [ \"{invariant}\" ]"
        ))
    };
    let planned = of("rows - before.rows == pay.ok && all.all(k, all[k] >= 0)").unwrap();
    assert_eq!(planned.invariants.watched[0].values.len(), 2);
    for (invariant, expected) in [
        ("row == 1", "there is no value and no step `row`: expected rows, all or pay"),
        ("row == 1", "did you mean `rows`?"),
        ("rows == ", "rows == `: "),
    ] {
        let error = of(invariant).unwrap_err();
        assert_eq!(error.place.line, 3);
        assert!(error.message.contains(expected), "{invariant}: {}", error.message);
    }
}

#[test]
fn amounts_are_whole_and_what_is_taken_is_something() {
    let of = |pick: &str, does: &str| {
        planned(&format!(
            "steps: {{ a: {{ post: /a, pick: {{ n: {pick} }}, does: {{ {does} }} }} }}\n\
             judge: {{ stock: 'bounded:9' }}"
        ))
    };
    for does in ["take: stock, amount: 3", "give: stock, amount: '{{n}}'", "take: stock"] {
        assert!(of("1..5", does).is_ok(), "{does}");
        assert!(of("[1, 7]", does).is_ok(), "{does}");
    }
    for (pick, does, expected) in [
        ("1..5", "take: stock, amount: 0", "expected at least 1"),
        ("0..5", "take: stock, amount: '{{n}}'", "expected at least 1"),
        ("[a, b]", "take: stock, amount: '{{n}}'", "a name of pick that has a range"),
        ("1..5", "take: stock, amount: 1.5", "expected a whole number, or decimals: 1 in judge"),
        ("[1, 0.5]", "take: stock, amount: '{{n}}'", "expected a whole number, or decimals: 1"),
        ("[1, 0]", "take: stock, amount: '{{n}}'", "expected at least 1"),
        ("1..5", "take: stock, value: 3", "value: `take` of a bounded:9 has no value"),
        ("1..5", "take: stock, give: stock", "expected one of add, take, give"),
    ] {
        let message = of(pick, does).unwrap_err().message;
        assert!(message.contains(expected), "{does}: {message}");
    }
}

/// Nobody reads a list for each of them.
#[test]
fn a_list_is_one_object() {
    for (model, does) in [("set", "add: all"), ("dispense", "take: all, result: json:/id")] {
        let text = format!(
            "state: {{ all: {{ get: /all, each: {{ of: json:/all }} }} }}\n\
             steps: {{ a: {{ post: /a, pick: {{ n: 1..5 }}, does: {{ {does}, of: '{{{{n}}}}' }} }} }}\n\
             judge: {{ all: {model} }}"
        );
        let message = planned(&text).unwrap_err().message;
        assert!(message.contains(&format!("each would be a {model}: expected one")), "{message}");
    }
}

#[test]
fn a_lock_is_taken_and_given_back_by_a_client() {
    let text = "\
flow:
  - { name: lock, post: /lock, does: { take: door }, answers: [ { status: 409, means: refused } ] }
  - { name: unlock, delete: /lock, does: { give: door } }
judge: { door: lock }
";
    let Planned { scenario, .. } = planned(text).unwrap();
    let ops: Vec<_> = scenario.steps.iter().map(|step| step.op).collect();
    assert_eq!(ops, [Op::Take, Op::Give]);
    assert!(scenario.steps.iter().all(|step| matches!(step.meaning, Meaning::Taken(None))));
}

#[test]
fn each_request_has_a_row_of_a_table() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("users.csv"), "name,age\n\"a, b\",7\nc,9\n").unwrap();
    let of = |file: &str| {
        let text = format!(
            "table: {{ file: {file} }}\nsteps: {{ a: {{ post: /a, json: {{ n: '{{{{age}}}}', who: '{{{{name}}}}' }} }} }}"
        );
        let settings = Settings { folder: folder.path().to_owned(), ..settings(&[]) };
        plan(&parse(&text).unwrap(), &target_url(), settings)
    };
    let Planned { scenario, .. } = of("users.csv").unwrap();
    let body = String::from_utf8(scenario.steps[0].call.body.clone().unwrap()).unwrap();
    assert_eq!(body, r#"{"n":{{age}},"who":"{{name}}"}"#, "a column of numbers is one");
    let mut values = crate::scenario::Values::of_client(0, 1, &scenario.variables);
    let mut rows = Vec::new();
    for number in 0..3 {
        values.next(number, 0);
        values.draw(&scenario.steps[0].draws);
        let mut filled = Vec::new();
        scenario.steps[0].call.content().fill(&mut filled, &mut values);
        rows.push(String::from_utf8(filled).unwrap());
    }
    assert_eq!(rows[0], r#"{"n":7,"who":"a, b"}"#);
    assert_eq!((&rows[1], &rows[2]), (&r#"{"n":9,"who":"c"}"#.to_owned(), &rows[0]));
    let error = of("none.csv").unwrap_err();
    assert!(error.place.line == 1 && error.message.contains("none.csv: cannot read it"));
}
