//! Histories as Jepsen writes them.

use loadgen_check::files;
use loadgen_check::history::{NEVER, NIL, Op, Outcome, YES};
use loadgen_check::{History, Model};

use super::refused;
use crate::generate::lists_of;

pub(super) const JEPSEN: &str =
    "{:process 0, :type :invoke, :f :write, :value 1, :time 10, :index 0}
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

/// Two objects, each with its key.
pub(super) const KEYED: &str = "[{:process 0 :type :invoke :f :add :value [:x 1]}
    {:process 0 :type :ok :f :add :value [:x 1]}
    #_{:process 0}
    {:process 0 :type :invoke :f :read :value [\"y\" nil]}
    {:process 0 :type :ok :f :read :value [\"y\" #{1 2 3}]} #_ ; }
    {}]";

fn edn(text: &str, model: Option<Model>) -> (Model, History) {
    files::read(text.as_bytes(), model).unwrap()
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
    refused(format!("[{JEPSEN}\n] x"), "`x`: expected nothing after the last event");
}

fn event(kind: &str, f: &str, value: &str) -> String {
    format!("{{:process 0 :type :{kind} :f :{f} :value {value}}}\n")
}

/// An operation that was invoked with one value and ended with another.
fn done(f: &str, before: &str, after: &str) -> String {
    event("invoke", f, before) + &event("ok", f, after)
}

#[test]
fn values_with_keys_are_of_as_many_objects() {
    let long = "k".repeat(60);
    let keyed = done("write", "[5 1]", "[5 1]")
        + &done("read", "[:x nil]", "[:x 2]")
        + &done("cas", "[5 [1 2]]", "[5 [1 2]]")
        + &done("write", "[\"5\" nil]", "#a.Tuple [\"5\" nil]")
        + &done("write", &format!("[{long}1 1]"), &format!("[{long}1 1]"))
        + &done("write", &format!("[{long}2 1]"), &format!("[{long}2 1]"));
    let (_, history) = edn(&keyed, None);
    let keys: Vec<_> = history.objects.iter().map(|o| (&*o.key, o.operations.len())).collect();
    let (one, two) = (format!("{long}1"), format!("{long}2"));
    assert_eq!(keys, [("5", 2), (":x", 1), ("\"5\"", 1), (&one, 1), (&two, 1)]);
    let cas = history.objects[0].operations[1];
    assert_eq!((cas.arg, cas.new, cas.result), (1, 2, YES));
    let (model, history) = edn(KEYED, None);
    assert_eq!(model, Model::Set);
    assert_eq!(lists_of(&history.objects[1]), [[1, 2, 3]]);
}

#[test]
fn values_have_keys_or_have_none() {
    let keyed = done("write", "[5 1]", "[5 1]");
    let plain = done("write", "1", "1");
    refused(keyed.clone() + &plain, "line 3: :value is 1: expected [key value], as on line 1");
    refused(plain.clone() + &keyed, "line 3: :value is a vector of 2: expected a value without");
    refused(plain + &done("cas", "[1 [2 3]]", "nil"), "expected a value without a key");
    refused(keyed + &done("cas", "[1 2]", "nil"), "expected [key value], as on line 1");
    refused(
        done("write", "[5 1]", "[6 1]"),
        "line 2: :value is a vector of 2: expected a value of the key 5",
    );
    refused(done("read", "[5 nil]", "3"), "line 2: :value is 3: expected a value of the key 5");
    refused(done("write", "[[5] 1]", "nil"), "the key in :value is a vector of 1: expected");
}

#[test]
fn lists_are_collections_of_any_kind() {
    for list in ["[1 2]", "(1 2)", "#{1 2}", "#sorted #{2 1}"] {
        let (model, history) = edn(&(done("add", "1", "1") + &done("read", "nil", list)), None);
        assert_eq!(
            (model, lists_of(&history.objects[0])),
            (Model::Set, vec![vec![1, 2]]),
            "{list}"
        );
    }
    for (list, expected) in [("[]", vec![]), ("[7]", vec![7]), ("(1 2 3)", vec![1, 2, 3])] {
        let (_, history) = edn(&done("read", "nil", list), None);
        assert_eq!(lists_of(&history.objects[0]), [expected]);
    }
    refused(done("read", "nil", "#{1 1}"), "an element comes twice in a set");
    refused(done("read", "nil", "[1 :a]"), ":a in :value: expected an integer");
    refused(done("read", "nil", "[1 nil]"), "\"result\" is a list with null");
}

#[test]
fn additions_return_the_new_value_of_a_fetch_and_add_alone() {
    let tickets = done("inc", "nil", "7") + &done("add", "3", "10") + &done("read", "nil", "10");
    refused(&tickets, "--model");
    let results = |model| {
        let (_, history) = edn(&tickets, Some(model));
        let operations = &history.objects[0].operations;
        operations.iter().map(|o| (o.arg, o.result)).collect::<Vec<_>>()
    };
    assert_eq!(results(Model::FetchAndAdd), [(1, 7), (3, 10), (NIL, 10)]);
    assert_eq!(results(Model::Counter), [(1, NIL), (3, NIL), (NIL, 10)]);
    let set = |text: &str| files::read(text.as_bytes(), Some(Model::Set)).unwrap_err();
    let error = set(&(done("add", "1", "1") + &done("inc", "nil", "nil"))).to_string();
    assert!(error.starts_with("line 3: :f is :inc: expected :add"), "{error}");
    refused(done("add", "nil", "nil"), ":value is nil: expected an integer");
    refused(done("inc", "2", "2"), ":value is 2: expected nil, as :inc adds one");
}

#[test]
fn places_are_times_where_there_are_none() {
    let two = done("write", "1", "1") + &done("write", "2", "2");
    let (_, history) = edn(&two, None);
    let times: Vec<_> =
        history.objects[0].operations.iter().map(|o| (o.call_ns, o.return_ns)).collect();
    assert_eq!(times, [(1, 2), (3, 4)]);
    let begun = two.replacen("1}", "1 :time 0}", 1);
    refused(begun, "line 2: no :time: expected nanoseconds, as on line 1");
    let late = two.replacen("2}", "2 :time 9}", 1);
    refused(late, "line 3: :time is 9: expected no :time, as on line 1");
}

#[test]
fn fields_are_found_in_any_namespace() {
    let text =
        done("write", "1", "1").replace(":type :", ":op/type :op/").replace(":value", ":a/value");
    assert_eq!(edn(&text, None), edn(&done("write", "1", "1"), None));
    let both = text.replace(":a/value 1", ":a/value 2 :value 1");
    assert_eq!(edn(&both, None), edn(&text, None));
}

#[test]
fn events_that_make_no_operation_are_refused() {
    let begin = "{:process 0 :type :invoke :f :write :value 1 :time 5}\n";
    for (text, expected) in [
        (format!("{begin}{begin}"), "line 2: process 0 begins another operation"),
        (
            begin.replace("invoke", "ok"),
            "line 1: process 0 ends an operation that it has not begun",
        ),
        (begin.replace(":write", ":append"), ":f is :append: expected :read, :write"),
        (begin.replace(":f :write", ""), "no :f"),
        (begin.replace(":invoke", ":done"), "expected :invoke, :ok"),
        (begin.replace(":value 1", ":value \"x\""), ":value is \"x\": expected an integer or nil"),
        (begin.replace(":value 1", ":value 9223372036854775808"), "out of range"),
        (begin.replace(":write", ":cas"), ":value is 1: expected [expected new]"),
        (begin.replace(":time 5", ":time -5"), "expected nanoseconds from 0 on"),
        (begin.replace(":time 5", ":time 5.5"), ":time is 5.5: expected nanoseconds"),
        (begin.replace(":time 5", ":time 5 :time 6"), "a key comes twice"),
        (begin.replace(":process 0", ":process -2"), "from 0 on"),
        (begin.replace(":process 0", ":process \"x\""), ":process is \"x\": expected a number"),
        (begin.replace(":process 0", ""), "no :process"),
        (
            format!("{begin}{}", begin.replace("invoke", "ok").replace("time 5", "time 4")),
            "line 2: :time is 4: expected 5 or later",
        ),
        (
            format!("{begin}{}", begin.replace("invoke", "ok").replace(":write", ":read")),
            "line 2: process 0 ends another",
        ),
        (format!("{begin}7"), "line 2: 7: expected a map"),
        (format!("{begin}\n[{begin}]"), "line 3: a vector of 1: expected a map"),
        (format!("{begin}{{:a"), "line 2: the file ends: expected `}`"),
        (format!("{begin}{{:a 1]"), "line 2: `]`: expected `}`"),
        (format!("{begin}{{:a\n\n 1 #}}"), "line 4: not EDN"),
        (format!("{begin}{{:a 1NN}}"), "line 2: not EDN: a malformed number"),
        ("#".to_owned(), "the file ends"),
        (" \\ \n".to_owned(), "expected JSON lines, or events in EDN or JSON"),
    ] {
        refused(&text, expected);
    }
    refused([begin.as_bytes(), b"{:a \xff}"].concat(), "line 2: not UTF-8");
}

/// A million collections, tags or discards cost neither the stack nor much memory, wherever
/// they are.
#[test]
fn nesting_that_is_deep_is_refused() {
    let begin = "{:process 0 :type :invoke :f :write :value 1 :time 5}\n";
    for before in ["", "; a \\\n", ";\"\n", "\\\\ ", ";\r", "\"\\\\\" ", "{:a \\{ "] {
        for deep in ["[", "{", "#{", "(", "#a ", "#_", "#_ [", "#a ["] {
            refused(format!("{begin}{before}{}", deep.repeat(1_000_000)), "line ");
        }
        let closed = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        refused(format!("{begin}{before}{closed}"), "line ");
    }
}
