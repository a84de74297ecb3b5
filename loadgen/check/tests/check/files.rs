//! Histories in files: read as they were written, and refused with the line where they are not.

use std::io::{Read, Write as _};

use check::history::{self, Initial, NEVER, NIL, NO, Op, Outcome, ReadError, YES};
use check::{History, Model, Object, Operation};
use fastrand::Rng;
use flate2::Compression;
use flate2::write::GzEncoder;

const HEADER: &str = r#"{"schema":"loadgen/history/1","model":"fetch-and-add","initial":{"i":0}}"#;
const ADD: &str = r#"{"client":0,"call":1200,"return":5400,"op":"add","key":"i","arg":1,"result":1,"outcome":"ok"}"#;

fn read(text: &str) -> Result<(Model, History), ReadError> {
    history::read(text.as_bytes(), None)
}

/// The one operation of a history with `line`.
fn operation(line: &str) -> Operation {
    let (_, history) = read(&format!("{HEADER}\n{line}")).unwrap();
    history.objects[0].operations[0]
}

#[track_caller]
fn refused(text: impl AsRef<[u8]>, expected: &str) {
    let error = history::read(text.as_ref(), None).expect_err(expected).to_string();
    assert!(error.contains(expected), "{error}: not {expected}");
}

#[test]
fn the_lines_of_the_contract_are_read() {
    let text = format!(
        "{HEADER}\n{ADD}\n{}\n",
        r#"{"client":3,"call":1300,"return":null,"op":"add","key":"i","arg":1,"result":null,"outcome":"unknown"}"#
    );
    let (model, history) = read(&text).unwrap();
    assert_eq!(model, Model::FetchAndAdd);
    let done = Operation {
        call_ns: 1200,
        return_ns: 5400,
        arg: 1,
        new: NIL,
        result: 1,
        client: 0,
        op: Op::Add,
        outcome: Outcome::Ok,
    };
    let open = Operation {
        call_ns: 1300,
        return_ns: NEVER,
        result: NIL,
        client: 3,
        outcome: Outcome::Unknown,
        ..done
    };
    let object = Object {
        key: "i".to_owned(),
        initial: Initial::Value(0),
        operations: vec![done, open],
        lists: Vec::new(),
    };
    assert_eq!(history.objects, [object]);
}

#[test]
fn fields_come_in_any_order_and_others_are_passed_over() {
    let plain = operation(ADD);
    for line in [
        r#"{"outcome":"ok","result":1,"arg":1,"key":"i","op":"add","return":5400,"call":1200,"client":0}"#,
        r#" { "x" : {"a":[1,"}",null]} , "client" :0 , "call":1200,"return":5400,"op":"add","key":"i","arg":1,"result":1,"outcome":"ok" } "#,
        "{\"client\":0,\"call\":1200,\"return\":5400,\"\\u006fp\":\"\\u0061dd\",\"key\":\"\\u0069\",\"arg\":1,\"result\":1,\"outcome\":\"ok\"}\r",
    ] {
        assert_eq!(operation(line), plain, "{line}");
    }
}

/// A history of every model, with everything that a line may hold.
fn random(rng: &mut Rng, model: Model) -> History {
    let mut objects: Vec<_> = ["a", "b \"quoted\" \\ ü", ""][..rng.usize(1..=3)]
        .iter()
        .map(|key| {
            let mut lists = Vec::new();
            let count = rng.usize(1..20);
            let operations = (0..count).map(|_| any_operation(rng, model, &mut lists)).collect();
            let initial = match (rng.u8(0..3), model) {
                (0, _) => Initial::Default,
                (_, Model::Set) => Initial::Elements(vec![3, -4]),
                (1, Model::Register) => Initial::Value(NIL),
                _ => Initial::Value(rng.i64(..).max(NIL + 1)),
            };
            Object { key: (*key).to_owned(), initial, operations, lists }
        })
        .collect();
    objects.sort_by(|one, two| one.key.cmp(&two.key));
    History { objects }
}

fn any_operation(rng: &mut Rng, model: Model, lists: &mut Vec<Vec<i64>>) -> Operation {
    let ops = [Op::Add, Op::Read, Op::Write, Op::Cas, Op::Take];
    let op = std::iter::repeat_with(|| ops[rng.usize(0..5)]).find(|op| model.has(*op)).unwrap();
    let outcome = [Outcome::Ok, Outcome::Fail, Outcome::Unknown][rng.usize(0..3)];
    let call_ns = rng.u64(0..u64::MAX / 2);
    let mut value = || rng.i64(..).max(NIL + 1);
    let (arg, new) = match op {
        Op::Add | Op::Write => (value(), NIL),
        Op::Cas => (value(), value()),
        Op::Read | Op::Take => (NIL, NIL),
    };
    let result = match (op, outcome) {
        (_, Outcome::Fail | Outcome::Unknown) | (Op::Write, _) => NIL,
        (Op::Read, _) if model == Model::Set => {
            lists.push((0..value().rem_euclid(4)).collect());
            i64::try_from(lists.len() - 1).unwrap()
        }
        (Op::Add, _) if model != Model::FetchAndAdd => NIL,
        (Op::Cas | Op::Take, _) => {
            if value() > 0 {
                YES
            } else {
                NO
            }
        }
        (Op::Add | Op::Read, _) => {
            if value() % 5 == 0 {
                NIL
            } else {
                value()
            }
        }
    };
    let ended = outcome == Outcome::Ok || rng.bool();
    let return_ns = if ended { call_ns + rng.u64(0..1_000_000) } else { NEVER };
    Operation { call_ns, return_ns, arg, new, result, client: rng.u32(..), op, outcome }
}

const MODELS: [Model; 5] = [
    Model::Counter,
    Model::FetchAndAdd,
    Model::Register,
    Model::Bounded { capacity: 20 },
    Model::Set,
];

fn written(model: Model, history: &History) -> Vec<u8> {
    let mut bytes = Vec::new();
    history::write(&mut bytes, model, history).unwrap();
    bytes
}

#[test]
fn what_was_written_is_read() {
    let mut rng = Rng::with_seed(1);
    for _ in 0..2_000 {
        for model in MODELS {
            let history = random(&mut rng, model);
            let bytes = written(model, &history);
            let (said, mut again) = history::read(bytes.as_slice(), None).unwrap();
            again.objects.sort_by(|one, two| one.key.cmp(&two.key));
            assert_eq!((said, &again), (model, &history));
            // Our lines are JSON like any other.
            for line in str::from_utf8(&bytes).unwrap().lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap();
            }
        }
    }
}

#[test]
fn a_history_may_be_packed() {
    let history = random(&mut Rng::with_seed(2), Model::Set);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&written(Model::Set, &history)).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(history::read(packed.as_slice(), None).unwrap().1, history);
    refused(&packed[..packed.len() - 9], "cannot be read");
    refused(&packed[..20], "cannot be read");
}

#[test]
fn a_line_that_is_no_operation_is_refused_with_its_number() {
    for (from, to, expected) in [
        (ADD, &ADD[..36], "the line ends"),
        (ADD, &ADD[..40], "expected a string"),
        ("\"client\":0", "\"client\":-1", "\"client\" at byte"),
        ("\"client\":0", "\"client\":4294967296", "up to 4294967295"),
        ("\"client\":0,", "", "no \"client\""),
        ("\"call\":1200", "\"call\":12e3", "expected nanoseconds"),
        ("\"call\":1200", "\"call\":\"x\"", "`\"x\""),
        ("\"call\":1200", "\"call\":99999999999999999999", "expected nanoseconds"),
        ("\"return\":5400", "\"return\":1199", "before \"call\""),
        ("\"return\":5400", "\"return\":null", "expected nanoseconds where the outcome is ok"),
        ("\"return\":5400,", "", "no \"return\""),
        ("\"add\"", "\"inc\"", "expected add, read, write, cas or take"),
        ("\"add\"", "\"take\"", "which a fetch-and-add does not have"),
        ("\"arg\":1", "\"arg\":[1,2]", "\"arg\" is a list of 2: expected an integer"),
        ("\"arg\":1", "\"arg\":1.5", "expected an integer"),
        ("\"arg\":1", "\"arg\":-9223372036854775808", "expected an integer"),
        ("\"result\":1", "\"result\":true", "\"result\" is true: expected an integer or null"),
        ("\"result\":1", "\"result\":[1]", "\"result\" is a list of 1"),
        ("\"ok\"", "\"maybe\"", "expected ok, fail or unknown"),
        ("\"ok\"", "\"unknown\"", "expected null where the outcome is not ok"),
        ("\"arg\":1", "\"arg\":1,\"arg\":1", "comes twice"),
        ("}", "} x", "expected the end of the line"),
        ("}", ",}", "expected a string"),
        ("\"key\":\"i\"", "\"key\":7", "expected a string"),
    ] {
        let line = ADD.replacen(from, to, 1);
        assert_ne!(line, ADD, "{from}");
        let text = format!("{HEADER}\n{ADD}\n\n{line}\n{ADD}");
        refused(&text, "line 4: ");
        refused(&text, expected);
    }
}

#[test]
fn a_file_that_is_no_history_is_refused() {
    refused("", "line 1: the file is empty");
    refused("  \n ", "line 1: the file is empty");
    refused("hello", "expected JSON lines or EDN");
    refused(ADD, "no \"schema\"");
    refused("{\"schema\":\"other/2\"}", "expected \"loadgen/history/1\"");
    refused("{\"schema\":", "line 1: no header");
    let model = HEADER.replace("fetch-and-add", "fetch");
    refused(model, "\"model\" is \"fetch\": expected counter");
    refused(HEADER.replace("{\"i\":0}", "{\"i\":\"x\"}"), "\"initial\" of \"i\"");
    refused("{\"schema\":\"loadgen/history/1\"}", "--model");
    refused([HEADER.as_bytes(), b"\n\xff\n"].concat(), "line 2: no UTF-8");
    let text = format!("{HEADER}\n{ADD}").replace("\"result\":1", "\"result\":null");
    let override_model = history::read(text.as_bytes(), Some(Model::Counter));
    assert_eq!(override_model.unwrap().0, Model::Counter);
}

/// A line without end costs no more memory than the longest line that there may be.
#[test]
fn a_line_without_end_is_refused() {
    let endless = std::io::repeat(b'x').take(100_000_000);
    let text = HEADER.as_bytes().chain(&b"\n{\"client\":\""[..]).chain(endless);
    let error = history::read(text, None).unwrap_err().to_string();
    assert!(error.starts_with("line 2: longer than "), "{error}");
}

/// Whatever becomes of a file: an error or a history, never a panic.
#[test]
fn a_file_that_was_damaged_is_read_or_refused() {
    let mut rng = Rng::with_seed(3);
    let mut read = 0;
    for round in 0..20_000 {
        let mut bytes = if round % 3 == 0 {
            JEPSEN.as_bytes().to_vec()
        } else {
            let model = MODELS[round % 5];
            written(model, &random(&mut rng, model))
        };
        for _ in 0..rng.usize(1..4) {
            let at = rng.usize(0..bytes.len());
            match rng.u8(0..4) {
                0 => bytes[at] = rng.u8(..),
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, b"{}[]\",:0n\\ "[rng.usize(0..11)]),
                _ => drop(bytes.remove(at)),
            }
            if bytes.is_empty() {
                bytes.push(b' ');
            }
        }
        read += u32::from(history::read(bytes.as_slice(), None).is_ok());
    }
    assert!((200..19_800).contains(&read), "{read}");
}

const JEPSEN: &str = "{:process 0, :type :invoke, :f :write, :value 1, :time 10, :index 0}
    {:process 1 :type :invoke :f :read :value nil :time 20} ; a comment
    #_{:ignored true}
    {:process :nemesis, :type :info, :f :start, :value {:n1 \"x\"}, :time 25}
    {:process 0, :type :ok, :f :write, :value 1, :time 30}
    #jepsen.history.Op{:process 1, :type :ok, :f :read, :value 1, :time 40}
    {:process 2, :type :invoke, :f :cas, :value [1 2], :time 50}
    {:process 2, :type :ok, :f :cas, :value [1 2], :time 60}
    {:process 0, :type :invoke, :f :cas, :value [1 3], :time 70}
    {:process 0, :type :fail, :f :cas, :value [1 3], :time 80}
    {:process 1, :type :invoke, :f :write, :value 4, :time 90}
    {:process 1, :type :info, :f :write, :value 4, :time 95, :error :timeout}
    {:process 3, :type :invoke, :f :read, :value nil, :time 99}";

fn edn(text: &str, model: Option<Model>) -> (Model, History) {
    history::read(text.as_bytes(), model).unwrap()
}

#[test]
fn jepsens_events_are_operations() {
    let (model, history) = edn(JEPSEN, None);
    assert_eq!(model, Model::Register);
    let seen: Vec<_> = history.objects[0]
        .operations
        .iter()
        .map(|o| (o.client, o.op, o.call_ns, o.return_ns, o.arg, o.new, o.result, o.outcome))
        .collect();
    assert_eq!(
        seen,
        [
            (0, Op::Write, 10, 30, 1, NIL, NIL, Outcome::Ok),
            (1, Op::Read, 20, 40, NIL, NIL, 1, Outcome::Ok),
            (2, Op::Cas, 50, 60, 1, 2, YES, Outcome::Ok),
            (0, Op::Cas, 70, 80, 1, 3, NIL, Outcome::Fail),
            (1, Op::Write, 90, NEVER, 4, NIL, NIL, Outcome::Unknown),
            (3, Op::Read, 99, NEVER, NIL, NIL, NIL, Outcome::Unknown),
        ]
    );
}

#[test]
fn one_vector_of_events_is_the_same() {
    let (_, lines) = edn(JEPSEN, None);
    assert_eq!(edn(&format!("[{JEPSEN}\n]\n"), None).1, lines);
    assert_eq!(edn(&format!(" ; all\n({JEPSEN}\n)"), None).1, lines);
    refused(format!("[{JEPSEN}"), "line 13: the file ends: expected `]`");
    refused(format!("[{JEPSEN}\n] x"), "text after the last `]`");
}

#[test]
fn keys_lists_and_additions_are_told_by_their_shape() {
    let event =
        |kind, f, value: &str| format!("{{:process 0 :type :{kind} :f :{f} :value {value}}}\n");
    let both = |f, before, after| event("invoke", f, before) + &event("ok", f, after);
    let keyed = both("write", "[5 1]", "[5 1]")
        + &both("read", "[:x nil]", "[:x 2]")
        + &both("cas", "[5 [1 2]]", "[5 [1 2]]");
    let (_, history) = edn(&keyed, None);
    let keys: Vec<_> = history.objects.iter().map(|o| (&*o.key, o.operations.len())).collect();
    assert_eq!(keys, [("5", 2), (":x", 1)]);
    for list in ["[1 2]", "(1 2)", "#{1 2}"] {
        let (model, history) = edn(&(both("add", "1", "1") + &both("read", "nil", list)), None);
        assert_eq!((model, &history.objects[0].lists), (Model::Set, &vec![vec![1, 2]]), "{list}");
    }
    let tickets = both("inc", "nil", "7") + &both("read", "nil", "7");
    refused(&tickets, "--model");
    let (_, history) = edn(&tickets, Some(Model::FetchAndAdd));
    let results: Vec<_> = history.objects[0].operations.iter().map(|o| (o.arg, o.result)).collect();
    assert_eq!(results, [(1, 7), (NIL, 7)]);
    let (_, history) = edn(&tickets, Some(Model::Counter));
    assert_eq!(history.objects[0].operations[0].result, NIL);
    // Without times, their order is all there is.
    let times: Vec<_> =
        history.objects[0].operations.iter().map(|o| (o.call_ns, o.return_ns)).collect();
    assert_eq!(times, [(1, 2), (3, 4)]);
}

#[test]
fn events_that_make_no_operation_are_refused() {
    let begin = "{:process 0 :type :invoke :f :write :value 1 :time 5}\n";
    for (text, expected) in [
        (format!("{begin}{begin}"), "line 2: process 0 begins again"),
        (begin.replace("invoke", "ok"), "line 1: process 0 ends what it has not begun"),
        (begin.replace(":write", ":append"), "expected :read, :write"),
        (begin.replace(":f :write", ""), "no :f"),
        (begin.replace(":invoke", ":done"), "expected :invoke, :ok"),
        (begin.replace(":value 1", ":value \"x\""), "expected an integer"),
        (begin.replace(":time 5", ":time -5"), "expected nanoseconds"),
        (begin.replace(":process 0", ":process -1"), "from 0 on"),
        (begin.replace(":process 0", ""), "no :process"),
        (
            format!("{begin}{}", begin.replace("invoke", "ok").replace("time 5", "time 4")),
            "line 2: \"return\" is 4, before",
        ),
        (
            format!("{begin}{}", begin.replace("invoke", "ok").replace(":write", ":read")),
            "line 2: process 0 ends another",
        ),
        (format!("{begin}7"), "line 2: 7: expected a map"),
        (format!("{begin}{{:a"), "line 2: no EDN"),
        (format!("{begin}{{:a 1]"), "line 2: no EDN"),
        (format!("{begin}\n{}", "[".repeat(1_000_000)), "line 3: nested too deeply"),
        ("#".to_owned(), "no EDN"),
    ] {
        refused(&text, expected);
    }
    refused([begin.as_bytes(), b"{:a \xff}"].concat(), "line 2: no UTF-8");
}
