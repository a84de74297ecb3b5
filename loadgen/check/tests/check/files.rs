//! Histories in files: read as they were written, and refused with the line where they are not.

mod edn;
mod events;
mod reference;
mod written;

use std::io::{self, Read, Write as _};

use fastrand::Rng;
use flate2::Compression;
use flate2::write::GzEncoder;
use loadgen_check::files::{self, ReadError};
use loadgen_check::history::{Initial, NEVER, NIL, Op, Outcome};
use loadgen_check::{History, Model, Object, Operation};

use self::written::{MODELS, random, written};

const HEADER: &str = r#"{"schema":"loadgen/history/1","model":"fetch-and-add","initial":{"i":0}}"#;
const ADD: &str = r#"{"client":0,"call":1200,"return":5400,"op":"add","key":"i","arg":1,"result":1,"outcome":"ok"}"#;

fn read(text: &str) -> Result<(Model, History), ReadError> {
    files::read(text.as_bytes(), None)
}

/// The one operation of a history with `line`.
fn operation(line: &str) -> Operation {
    let (_, history) = read(&format!("{HEADER}\n{line}")).unwrap();
    history.objects[0].operations[0]
}

#[track_caller]
fn refused(text: impl AsRef<[u8]>, expected: &str) {
    let error = files::read(text.as_ref(), None).expect_err(expected).to_string();
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
        ..Object::default()
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

#[test]
fn a_history_may_be_packed() {
    let history = random(&mut Rng::with_seed(2), Model::Set);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&written(Model::Set, &history)).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(files::read(packed.as_slice(), None).unwrap().1, history);
    refused(&packed[..packed.len() - 9], "cannot be read");
    refused(&packed[..20], "line 1: cannot be read");
    let mut damaged = packed.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    refused(damaged, "cannot be read");
}

#[test]
fn what_is_cut_while_packed_is_refused_with_its_line() {
    let text = format!("{HEADER}\n{}", format!("{ADD}\n").repeat(2));
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    refused(&packed[..packed.len() - 20], "line 3: cannot be read");
}

/// A byte at a time, interrupted before each.
struct Trickle<'b>(&'b [u8], bool);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

#[test]
fn what_a_file_is_does_not_hang_on_how_it_arrives() {
    let lines = format!("\n \n{HEADER}\n{ADD}\n");
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(lines.as_bytes()).unwrap();
    let spaced = format!("\n{}", edn::JEPSEN.replacen('{', "{ \n ", 1));
    let lines_spaced = lines.replacen('{', "{ \t", 1);
    let texts = [lines, lines_spaced, spaced].map(String::into_bytes);
    for bytes in texts.into_iter().chain([packed.finish().unwrap()]) {
        let whole = files::read(bytes.as_slice(), None).unwrap();
        assert_eq!(files::read(Trickle(&bytes, false), None).unwrap(), whole);
    }
}

#[test]
fn lines_are_counted_from_the_beginning_of_the_file() {
    let blank = "\n".repeat(10_000);
    refused(format!("{blank}{HEADER}\n{{}}"), "line 10002: no \"client\"");
    refused(format!("{blank}{{:process 0}}"), "line 10001: no :type");
    refused(&blank, "line 1: the file is empty");
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
        ("\"add\"", "\"inc\"", "expected add, read, write, cas, take, give or move"),
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
        ("\"call\":1200", "\"call\":18446744073709551615", "expected nanoseconds below that"),
        ("\"return\":5400", "\"return\":18446744073709551615", "null below that"),
        ("\"arg\":1", "\"arg\":[1,2,x]", "`x]"),
        ("{", "[", "expected a JSON object"),
        ("\"i\"", "\"\\ud800\"", "expected a string"),
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
    refused("hello", "expected JSON lines, or events in EDN or JSON");
    refused(ADD, "no \"schema\"");
    refused("{\"schema\":\"other/2\"}", "expected \"loadgen/history/1\"");
    refused("{\"schema\":", "line 1: the header: \"schema\" the line ends");
    refused("{}", "no \"schema\"");
    refused("{\"schema\":\"loadgen/history/1\"} x", "expected the end of the line");
    refused(HEADER.replacen('{', "{\"model\":\"set\",", 1), "\"model\" comes twice");
    let model = HEADER.replace("fetch-and-add", "fetch");
    refused(model, "\"model\" is \"fetch\": expected counter");
    let named = HEADER.replace("{\"i\":0}", "{\"i\":\"x\"}");
    refused(named, "\"initial\" of \"i\" is \"x\": expected an integer for a fetch-and-add");
    refused("{\"schema\":\"loadgen/history/1\"}", "--model");
    refused([HEADER.as_bytes(), b"\n\xff\n"].concat(), "line 2: not UTF-8");
    assert!(read(&HEADER.replacen('{', "{\"by\":[{}],", 1)).is_ok());
    let unnamed = HEADER.replace("\"fetch-and-add\"", "null");
    refused(&unnamed, "--model");
    assert!(files::read(unnamed.as_bytes(), Some(Model::Counter)).is_ok());
    let text = format!("{HEADER}\n{ADD}").replace("\"result\":1", "\"result\":null");
    let override_model = files::read(text.as_bytes(), Some(Model::Counter));
    assert_eq!(override_model.unwrap().0, Model::Counter);
}

/// A line without end costs no more memory than the longest line that there may be.
#[test]
fn a_line_without_end_is_refused() {
    let endless = std::io::repeat(b'x').take(100_000_000);
    let text = HEADER.as_bytes().chain(&b"\n{\"client\":\""[..]).chain(endless);
    let error = files::read(text, None).unwrap_err().to_string();
    assert!(error.starts_with("line 2: longer than "), "{error}");
}

/// However deep lists are in each other, there is no more than one line of them.
#[test]
fn lists_in_lists_are_refused() {
    let deep = ADD.replace("\"result\":1", &format!("\"result\":{}", "[".repeat(200_000)));
    refused(format!("{HEADER}\n{deep}"), "`[[[");
    let mixed = ADD.replace("\"result\":1", "\"result\":[1,\"a\",[2]]");
    refused(format!("{HEADER}\n{mixed}"), "`[2]],");
}

/// A history without a number of its own, whose objects were at first as `initial` says.
fn stock(initial: &str) -> String {
    let take = r#"{"client":0,"call":1,"return":2,"op":"take","key":"x","arg":null,"result":true,"outcome":"ok"}"#;
    format!("{{\"schema\":\"loadgen/history/1\",\"model\":\"bounded\"{initial}}}\n{take}\n")
}

#[test]
fn what_there_is_of_an_object_without_a_number_is_told_or_the_history_is_refused() {
    let unsaid = Model::Bounded { capacity: None };
    let (model, history) = files::read(stock(",\"initial\":{\"x\":3}").as_bytes(), None).unwrap();
    assert_eq!((model, &history.objects[0].initial), (unsaid, &Initial::Value(3)));
    let missing = "\"x\" is judged as bounded, but nothing says how many there were at first: \
                   expected it in \"initial\" of the header, or --initial N, or --model bounded:N";
    for initial in ["", ",\"initial\":{}", ",\"initial\":{\"y\":3}"] {
        refused(stock(initial), &format!("line 2: {missing}"));
    }
    // Whoever reads it may say it.
    let reader = files::Reader { initial: Some("7".parse().unwrap()), ..files::Reader::default() };
    let given = reader.read(stock("").as_bytes()).unwrap();
    assert_eq!(given.history.objects[0].initial, Initial::Value(7));
    let said = files::read(stock("").as_bytes(), Some(Model::Bounded { capacity: Some(20) }));
    assert_eq!(said.unwrap().1.objects[0].initial, Initial::Default);
    // A run may not have come to know it, and says so.
    let text = stock(",\"initial\":{\"x\":null}");
    let (model, history) = files::read(text.as_bytes(), None).unwrap();
    assert_eq!((model, &history.objects[0].initial), (unsaid, &Initial::Default));
    let mut again = Vec::new();
    files::write(&mut again, model, &history).unwrap();
    assert!(String::from_utf8(again).unwrap().contains("\"initial\":{\"x\":null}"));
    // Of events nothing is assumed.
    let events = "{:process 0, :type :invoke, :f :take, :value nil}\n{:process 0, :type :ok, :f :take, :value true}";
    let of = |model| files::Reader { model: Some(model), ..files::Reader::default() };
    let error = of(unsaid).read(events.as_bytes()).map_err(|error| error.to_string()).unwrap_err();
    assert!(error.contains("nothing says how many there were"), "{error}");
}

#[test]
fn what_objects_were_at_first_is_of_the_model() {
    let header = |model: &str, initial: &str| {
        format!("{{\"schema\":\"loadgen/history/1\",\"model\":\"{model}\",\"initial\":{initial}}}")
    };
    for (model, initial, expected) in [
        ("counter", "{\"i\":[1,2]}", "a list of 2: expected an integer for a counter"),
        ("counter", "{\"i\":null}", "null: expected an integer for a counter"),
        ("bounded:3", "{\"i\":true}", "expected an integer for a bounded:3"),
        ("bounded:3", "{\"i\":null}", "null: expected an integer for a bounded:3"),
        ("bounded", "{\"i\":true}", "expected an integer for a bounded"),
        ("register", "{\"i\":[]}", "a list of 0: expected a value or null for a register"),
        ("set", "{\"i\":3}", "3: expected a list of values for a set"),
        ("set", "{\"i\":[3,null]}", "a list with null: expected a list of values"),
        ("counter", "{\"i\":1,\"i\":1}", "\"initial\" has \"i\" twice"),
        ("counter", "{\"i\":1.5}", "expected an integer"),
        ("counter", "7", "expected a JSON object"),
    ] {
        refused(header(model, initial), expected);
        refused(header(model, initial), "line 1: ");
    }
    // The model that is asked for counts, not the header's.
    let text = header("set", "{\"i\":[3]}");
    assert!(files::read(text.as_bytes(), Some(Model::Counter)).is_err());
    let text = header("counter", "{\"i\":null}");
    let (_, history) = files::read(text.as_bytes(), Some(Model::Register)).unwrap();
    assert_eq!(history.objects[0].initial, Initial::Value(NIL));
}

/// Whatever becomes of a file: an error or a history, never a panic.
#[test]
fn a_file_that_was_damaged_is_read_or_refused() {
    let mut rng = Rng::with_seed(3);
    let mut whole = vec![edn::JEPSEN.as_bytes().to_vec(), edn::KEYED.as_bytes().to_vec()];
    for model in [MODELS, MODELS].concat() {
        let bytes = written(model, &random(&mut rng, model));
        let mut packed = GzEncoder::new(Vec::new(), Compression::none());
        packed.write_all(&bytes).unwrap();
        whole.extend([bytes, packed.finish().unwrap()]);
    }
    let mut read = 0;
    for _ in 0..20_000 {
        let index = rng.usize(0..whole.len());
        let mut bytes = whole[index].clone();
        for _ in 0..rng.usize(1..4) {
            damage(&mut rng, &mut bytes);
        }
        read += u32::from(files::read(bytes.as_slice(), None).is_ok());
    }
    assert!((200..19_800).contains(&read), "{read}");
}

/// Changes, inserts or removes a byte, or cuts off the rest.
fn damage(rng: &mut Rng, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = rng.usize(0..bytes.len());
    match rng.u8(0..16) {
        0 => bytes.truncate(at),
        1..=5 => bytes[at] = rng.u8(..),
        6..=10 => bytes.insert(at, b"{}[]()\",:;#_0-n\\ \n"[rng.usize(0..18)]),
        _ => drop(bytes.remove(at)),
    }
}
