//! Answers as frameworks write them, each with the truth beside it: see `tests/corpus/README.md`.

use std::fs;
use std::path::PathBuf;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::loadgen;

/// What a state is known to be.
struct Known {
    name: String,
    is_list: bool,
    truth: String,
    by_default: String,
    rule: Option<String>,
}

/// What became of a run whose state is such an answer.
struct Read {
    /// The state, as the report shows it.
    state: Option<String>,
    /// What was offered instead: rules, and what they find.
    offers: Vec<String>,
    stderr: String,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn known() -> Vec<Known> {
    let table = fs::read_to_string(folder().join("truths.tsv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<_> = line.split('\t').map(str::to_owned).collect();
        let [name, kind, truth, by_default, rule] = cells.try_into().unwrap();
        Known {
            name,
            is_list: kind == "list",
            truth,
            by_default,
            rule: Some(rule).filter(|rule| rule != "-"),
        }
    };
    table.lines().skip(1).map(row).collect()
}

/// Reads the state of a service that answers with it; `rule` is given where there is one.
fn read(known: &Known, rule: Option<&str>) -> Read {
    let state = fs::read(folder().join(format!("{}.http", known.name))).unwrap();
    let server = ByteServer::start(move |_, request| {
        let is_state = request.starts_with(b"GET /state");
        Reaction::Answer(if is_state { state.clone() } else { answer(200, "ok") })
    });
    let url = server.url(if known.is_list { "/add?id={value}" } else { "/add" });
    let mut arguments = vec!["-q", "--read", "/state", &url];
    arguments.extend(known.is_list.then_some(["--model", "set"]).into_iter().flatten());
    arguments.extend(rule.map(|rule| ["--extract", rule]).into_iter().flatten());
    let ended = loadgen(&arguments);
    if ended.code() == 2 {
        assert_eq!(server.request_count(), 1, "{}: something was sent", known.name);
    }
    let before = |line: &&str| line.contains(" before:");
    let state = ended.stdout.lines().find(before).map(|line| line[24..].to_owned());
    assert_eq!(state.is_none(), ended.code() == 2, "{}: {}", known.name, ended.stderr);
    let offer = |line: &str| line.trim().strip_prefix("--extract ").map(str::to_owned);
    Read { state, offers: ended.stderr.lines().filter_map(offer).collect(), stderr: ended.stderr }
}

impl Known {
    /// The truth as a report shows it; `None` where the answer does not tell.
    fn shown(&self) -> Option<&str> {
        match self.truth.as_str() {
            "unreadable" => None,
            "nothing" => Some("nothing (counts as 0)"),
            truth => Some(truth),
        }
    }

    /// Whether the truth is among `offers`.
    fn is_among(&self, offers: &[String]) -> bool {
        offers.iter().any(|offer| {
            let (_, found) = offer.rsplit_once(" = ").unwrap();
            let size = found.split(',').filter(|one| one.contains(char::is_numeric)).count();
            if self.is_list { size.to_string() == self.truth } else { found == self.truth }
        })
    }
}

#[test]
fn without_a_rule_no_wrong_number_is_read() {
    let known = known();
    assert!(known.len() >= 60);
    for known in &known {
        let Read { state, offers, stderr } = read(known, None);
        let name = &known.name;
        match known.by_default.as_str() {
            "found" => assert_eq!(state.as_deref(), known.shown(), "{name}: {stderr}"),
            "refused" => {
                assert!(state.is_none() && known.is_among(&offers), "{name}: {state:?} {stderr}");
            }
            "elsewhere" => {
                assert!(state.is_none() && !offers.is_empty(), "{name}: {state:?} {stderr}");
                assert!(!known.is_among(&offers), "{name}: {stderr}");
            }
            "unoffered" => {
                assert!(state.is_none() && offers.is_empty(), "{name}: {state:?} {stderr}");
            }
            other => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn the_rule_that_is_given_finds_the_truth() {
    for known in known() {
        let Some(rule) = &known.rule else { continue };
        let Read { state, stderr, .. } = read(&known, Some(rule));
        assert_eq!(state.as_deref(), known.shown(), "{} by {rule}: {stderr}", known.name);
    }
}
