//! What the makers of a history meant: times and lines, values of their own, events of others, and
//! other ways to write the same.

use loadgen_check::files::{Reader, Recorded, Start};
use loadgen_check::history::{Initial, NEVER, NIL, Op, Outcome, YES};
use loadgen_check::{History, Judgement, Limits, Model, Verdict, judge};

use super::refused;

fn recorded(text: impl AsRef<[u8]>, reader: &Reader) -> Recorded {
    reader.read(text.as_ref()).unwrap_or_else(|error| panic!("{error}"))
}

fn read(text: impl AsRef<[u8]>) -> Recorded {
    recorded(text, &Reader::default())
}

fn of(model: Model) -> Reader {
    Reader { model: Some(model), ..Reader::default() }
}

#[track_caller]
fn verdict(recorded: &Recorded) -> Verdict {
    let limits = Limits { certify: false, memory_bytes: 1 << 20, expired: &|| false };
    let judged: Vec<Judgement> = judge(&recorded.history, recorded.model, &limits);
    judged[0].verdict
}

/// An event in short: process, type, f, value and time.
fn event(process: &str, kind: &str, f: &str, value: &str, time: &str) -> String {
    format!("{{:process {process} :type :{kind} :f :{f} :value {value} :time {time}}}\n")
}

/// Events, a line each, of `process type f value time`.
fn events(lines: &str) -> String {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let one = |line: &str| {
        let fields: Vec<_> = line.splitn(5, ' ').collect();
        let [process, kind, f, value, time] = fields[..] else { panic!("{line}") };
        event(process, kind, f, value, time)
    };
    lines.map(one).collect()
}

#[test]
fn equal_times_keep_the_order_of_a_client() {
    let own = "0 invoke write 1 10
        0 ok write 1 20
        0 invoke read nil 20
        0 ok read nil 20";
    assert_eq!(verdict(&read(events(own))), Verdict::Invalid);
    // Of another client they say nothing.
    let other = own.replace("0 invoke read", "1 invoke read").replace("0 ok read", "1 ok read");
    assert_eq!(verdict(&read(events(&other))), Verdict::Valid);
}

#[test]
fn what_the_lines_do_not_have_is_no_order() {
    // By its times the read begins after the write was over, by its line before.
    let journal = "0 invoke write 1 10
        1 invoke read nil 30
        0 ok write 1 20
        1 ok read nil 40";
    assert_eq!(verdict(&read(events(journal))), Verdict::Valid);
    let both = "0 invoke write 1 10
        0 ok write 1 20
        1 invoke read nil 30
        1 ok read nil 40";
    assert_eq!(verdict(&read(events(both))), Verdict::Invalid);
    // By its line it begins after, by its time it does not.
    let early = both.replace("read nil 30", "read nil 15");
    assert_eq!(verdict(&read(events(&early))), Verdict::Valid);
}

#[test]
fn a_client_whose_clock_goes_back_keeps_its_order() {
    let journal = "0 invoke write 1 10
        0 ok write 1 20
        0 invoke read nil 15
        0 ok read nil 16";
    assert_eq!(verdict(&read(events(journal))), Verdict::Invalid);
}

#[test]
fn the_value_of_an_ok_is_the_value() {
    let write = |begun: &str, ended: &str| {
        let text = format!("0 invoke write {begun} 1\n0 ok write {ended} 2");
        read(events(&text)).history.objects[0].operations[0].arg
    };
    assert_eq!(write("1", "2"), 2);
    assert_eq!(write("nil", "2"), 2);
    assert_eq!(write("1", "nil"), 1);
    assert_eq!(write("1", ":done"), 1);
    assert_eq!(write("nil", "nil"), NIL);
    let add = |model, begun: &str, ended: &str| {
        let text = format!("0 invoke add {begun} 1\n0 ok add {ended} 2");
        let operation = recorded(events(&text), &of(model)).history.objects[0].operations[0];
        (operation.arg, operation.result)
    };
    assert_eq!(add(Model::Set, "1", "2"), (2, NIL));
    assert_eq!(add(Model::Set, "nil", "2"), (2, NIL));
    assert_eq!(add(Model::Set, "1", "nil"), (1, NIL));
    assert_eq!(add(Model::Counter, "nil", "2"), (2, NIL));
    // That may be the new value.
    assert_eq!(add(Model::Counter, "1", "2"), (1, NIL));
    assert_eq!(add(Model::FetchAndAdd, "1", "2"), (1, 2));
    // What was written is known when it is over: of what is never over it is not.
    let open = "0 invoke write nil 1
        0 ok write 7 2
        1 invoke write nil 3";
    refused(events(open), "line 3: it is not known what this write wrote, as it has no :ok");
}

#[test]
fn events_of_others_are_passed_over() {
    let others = [
        "{:process :nemesis :type :info :f :start :time 1}",
        "{:process -1 :type :info :f :kill :value {:a 1}}",
        "{:process :checker :type :whatever}",
        "{:process 3 :type :info :f :crash}",
        "{:process 3 :type :info :f :stop :value [1 :a]}",
        "{:process 0 :type :info :f :log :value \"x\"}",
        "{:process 0 :type :info :value \"x\"}",
        "{:type :info :f :log}",
    ];
    let plain = "0 invoke write 1 10
        0 ok write 1 20";
    let plain = events(plain);
    let (begin, end) = plain.split_once('\n').unwrap();
    let alone = read(&plain);
    for other in others {
        let text = format!("{other}\n{begin}\n{other}\n{end}\n{other}");
        assert_eq!(read(&text).history, alone.history, "{other}");
    }
    for kind in ["invoke", "ok", "fail"] {
        refused(event("3", kind, "crash", "nil", "5"), ":f is :crash: expected :read, :write");
    }
    refused(event("3", "info", "read", "nil", "5"), "ends an operation that it has not begun");
}

#[test]
fn numbers_of_any_kind_are_read() {
    let text = "0 invoke write 1N 10
        0 ok write 1 20
        99999999999 invoke read nil 30
        99999999999 ok read 1N 40
        4294967295 invoke read nil 50
        4294967295 ok read 1 60";
    let odd = "{:process :nemesis :type :info :value {:a ##NaN :b [##Inf ##-Inf] :c 1.5M :d 2N}}\n";
    let recorded = read(format!("\u{feff}{odd}{}", events(text)));
    let operations = &recorded.history.objects[0].operations;
    let seen: Vec<_> = operations.iter().map(|o| (o.client, o.arg.max(o.result))).collect();
    assert_eq!(seen, [(0, 1), (u32::MAX - 1, 1), (u32::MAX, 1)]);
    refused(event("0", "invoke", "write", "##NaN", "1"), ":value is NaN: expected an integer");
    // A mark is passed over in our own, too.
    let lines = format!("\u{feff}{}\n{}", super::HEADER, super::ADD);
    assert_eq!(read(&lines).history, read(format!("{}\n{}", super::HEADER, super::ADD)).history);
}

#[test]
fn events_in_json_are_those_in_edn() {
    let edn = "0 invoke write 1 10
        0 ok write 1 20
        1 invoke cas [1,2] 25
        1 ok cas [1,2] 30
        0 invoke read nil 31
        0 info read nil 32
        2 invoke read nil 35
        2 ok read 2 40";
    let one = |line: &str| {
        let line = line.trim().replace("nil", "null");
        let fields: Vec<_> = line.splitn(5, ' ').map(str::to_owned).collect();
        let [process, kind, f, value, time] = &fields[..] else { panic!("{line}") };
        format!(
            "{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":{value},\
             \"time\":{time},\"error\":[\"a }} ; #\",{{\"x\":1.5}}],\"index\":0}}"
        )
    };
    let nemesis = "{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"start\",\"value\":null}";
    let lines: Vec<_> = [nemesis.to_owned()].into_iter().chain(edn.lines().map(one)).collect();
    let expected = read(events(edn));
    let array = format!(" [\n{}\n]\n", lines.join(",\n"));
    assert_eq!(read(&array), expected);
    assert_eq!(read(array.replace(['\n', ' '], "")).history.objects.len(), 1);
    assert_eq!(read(lines.join("\n")), expected);
    assert_eq!(read(lines.join("\n").replace("\"f\":\"", "\"f\":\":")), expected);
    assert_eq!(verdict(&expected), Verdict::Valid);
    let broken = array.replace("\"time\":20", "\"time\":}");
    refused(broken, "line 4: not JSON");
    refused("[{\"process\":0,\"type\":\"invoke\",\"f\":\"mop\",\"value\":1}]", ":f is :mop");
    let keyed = "[{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":[\"x\",1]}]";
    assert_eq!(read(keyed).history.objects[0].key, "\"x\"");
}

#[test]
fn transactions_are_refused_as_such() {
    const EXPECTED: &str = "line 1: transactions are not judged (yet)";
    for (f, value) in [
        ("txn", "nil"),
        ("txn", "[[:append 1 2] [:r 1 nil]]"),
        ("append", "[[:append 1 2] [:r 1 nil]]"),
        ("read", "[[:r 1 nil]]"),
        ("write", "[:x [[:w 1 2]]]"),
    ] {
        refused(event("0", "invoke", f, value, "1"), EXPECTED);
    }
    let json = "{\"process\":0,\"type\":\"invoke\",\"f\":\"txn\",\"value\":[[\"append\",1,2],[\"r\",1,null]]}";
    refused(json, EXPECTED);
    refused(format!("[{json}]"), EXPECTED);
}

/// What a history is assumed to begin with, and why.
fn start(text: &str, reader: &Reader) -> (Initial, Vec<Start>, Verdict) {
    let recorded = recorded(events(text), reader);
    let verdict = verdict(&recorded);
    let History { objects } = recorded.history;
    (objects[0].initial.clone(), recorded.starts, verdict)
}

#[test]
fn what_the_first_reads_of_a_register_agree_on_was_there_at_first() {
    let seen = |value| (Initial::Value(value), vec![Start::Seen], Verdict::Valid);
    let reader = Reader::default();
    let first = "0 invoke read nil 1
        0 ok read 0 2
        1 invoke write 5 3
        1 ok write 5 6";
    assert_eq!(start(first, &reader), seen(0));
    // It is not over when the read begins, or has failed, and nobody wrote 0.
    let during = "1 invoke write 5 1
        0 invoke read nil 2
        0 ok read 0 3
        1 ok write 5 6";
    assert_eq!(start(during, &reader), seen(0));
    assert_eq!(start(&during.replace("1 ok write", "1 fail write"), &reader).0, Initial::Value(0));
    // What is written is no less what was there before.
    let again = format!("{first}\n1 invoke write 0 7\n1 ok write 0 8");
    assert_eq!(start(&again, &reader), seen(0));
    let cas = "0 invoke cas [0,1] 1
        0 ok cas [0,1] 2";
    assert_eq!(start(cas, &reader), seen(0));
    // A read of what was being written says nothing of what was there before.
    let written = "1 invoke write 5 1
        0 invoke read nil 2
        0 ok read 5 3
        1 ok write 5 6
        0 invoke read nil 7
        0 ok read 5 8";
    let nothing = |verdict| (Initial::Default, vec![Start::Assumed], verdict);
    assert_eq!(start(written, &reader), nothing(Verdict::Valid));
    // They do not agree, or come too late.
    let differs = first.replacen("1 invoke", "2 invoke read nil 1\n2 ok read 7 2\n1 invoke", 1);
    assert_eq!(start(&differs, &reader), nothing(Verdict::Invalid));
    let late = "1 invoke write 5 1
        1 ok write 5 2
        0 invoke read nil 3
        0 ok read 0 4";
    assert_eq!(start(late, &reader), nothing(Verdict::Invalid));
    // A failed write explains it.
    let failed = "1 invoke write 9 1
        1 fail write 9 2
        0 invoke read nil 3
        0 ok read 9 4";
    assert_eq!(start(failed, &reader), nothing(Verdict::Invalid));
}

#[test]
fn numbers_and_sets_begin_with_what_was_read_before_all_else() {
    let reader = of(Model::Counter);
    let counter = "0 invoke read nil 1
        0 ok read 7 2
        0 invoke add 2 3
        0 ok add 2 4
        0 invoke read nil 5
        0 ok read 9 6";
    let seen = |initial| (initial, vec![Start::Seen], Verdict::Valid);
    assert_eq!(start(counter, &reader), seen(Initial::Value(7)));
    let open = counter.replacen("0 invoke", "1 invoke add 7 0\n0 invoke", 1);
    assert_eq!(start(&open, &reader), (Initial::Default, vec![Start::Assumed], Verdict::Valid));
    let tickets = "0 invoke add 1 1
        0 ok add 101 2
        0 invoke add 1 3
        0 ok add 102 4";
    assert_eq!(start(tickets, &of(Model::FetchAndAdd)), seen(Initial::Value(100)));
    let set = "0 invoke read nil 1
        0 ok read [4,3] 2
        0 invoke add 5 3
        0 ok add 5 4
        0 invoke read nil 5
        0 ok read #{3,4,5} 6";
    assert_eq!(start(set, &Reader::default()), seen(Initial::Elements(vec![3, 4])));
    let twice = set.replace("[4,3]", "[4,4,3]");
    assert_eq!(start(&twice, &Reader::default()).1, [Start::Assumed]);
}

#[test]
fn what_is_given_counts_before_all_else() {
    let given = |text: &str, model| Reader { initial: Some(text.parse().unwrap()), ..of(model) };
    let late = "1 invoke write 5 1
        0 invoke read nil 2
        0 ok read 0 4
        1 ok write 5 6";
    let told = |initial, verdict| (initial, vec![Start::Told], verdict);
    let of_register = |text| start(late, &given(text, Model::Register));
    assert_eq!(of_register("0"), told(Initial::Value(0), Verdict::Valid));
    assert_eq!(of_register("-3"), told(Initial::Value(-3), Verdict::Invalid));
    for nothing in ["nil", " null "] {
        assert_eq!(of_register(nothing), told(Initial::Value(NIL), Verdict::Invalid));
    }
    let add = "0 invoke add 1 1\n0 ok add 1 2\n0 invoke read nil 3\n0 ok read [1,7] 4";
    let expected = told(Initial::Elements(vec![7]), Verdict::Valid);
    assert_eq!(start(add, &given("[7]", Model::Set)), expected);
    // Ours have it in their first line.
    let lines = format!("{}\n{}", super::HEADER, super::ADD);
    let ours = recorded(&lines, &given("41", Model::FetchAndAdd));
    assert_eq!(ours.history.objects[0].initial, Initial::Value(41));
    assert_eq!(ours.starts, []);
    for wrong in ["", "x", "[1", "true", "[1] 2", "{", "{\"a\":[1]}"] {
        assert!(wrong.parse::<loadgen_check::files::Given>().is_err(), "{wrong}");
    }
    for (text, model, expected) in [
        ("[1]", Model::Register, "--initial is a list of 1: expected a value or null"),
        ("null", Model::Counter, "--initial is null: expected an integer for a counter"),
        ("1.5", Model::Counter, "--initial is \"1.5\": expected an integer for a counter"),
        ("3", Model::Set, "--initial is 3: expected a list of values for a set"),
        ("{\"a\":3}", Model::Counter, "--initial is an object: expected an integer for a counter"),
    ] {
        let error = given(text, model).read(lines.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

/// Two clients change 1, of which there is one, without saying that it was there.
#[test]
fn a_cas_that_was_acknowledged_succeeded() {
    let line = |client: u32, new: u32| {
        format!(
            "{{\"client\":{client},\"call\":1,\"return\":9,\"op\":\"cas\",\"key\":\"i\",\
             \"arg\":[1,{new}],\"result\":null,\"outcome\":\"ok\"}}\n"
        )
    };
    let header = super::HEADER.replace("fetch-and-add", "register").replace(":0}", ":1}");
    let text = format!("{header}\n{}{}", line(0, 2), line(1, 3));
    let recorded = read(text);
    let operations = &recorded.history.objects[0].operations;
    assert!(operations.iter().all(|cas| cas.op == Op::Cas && cas.result == YES));
    assert_eq!(verdict(&recorded), Verdict::Invalid);
    let edn = "0 invoke cas [1,2] 1
        1 invoke cas [1,3] 1
        0 ok cas nil 9
        1 ok cas nil 9";
    assert_eq!(verdict(&read(events(edn))), Verdict::Invalid);
}

#[test]
fn operations_that_have_no_end_have_no_time_of_it() {
    let open = "0 invoke write 1 10
        1 invoke read nil 20
        1 ok read 1 30
        0 info write 1 40";
    let recorded = read(events(open));
    let write = recorded.history.objects[0].operations[1];
    assert_eq!((write.return_ns, write.outcome), (NEVER, Outcome::Unknown));
}

#[test]
fn a_history_may_need_so_much_memory_and_no_more() {
    // Those of one list are in no other: what several have in common is kept once.
    let list = |nth: u64| {
        let elements: Vec<_> = (0..1000).map(|one| (1000 * nth + one).to_string()).collect();
        elements.join(",")
    };
    let read = |nth| format!("0 invoke read nil 1\n0 ok read [{}] 2\n", list(nth));
    let edn = events(&(0..50).map(read).collect::<String>());
    let line = |nth| {
        format!(
            "{{\"client\":0,\"call\":1,\"return\":2,\"op\":\"read\",\"key\":\"i\",\"result\":[{}],\"outcome\":\"ok\"}}\n",
            list(nth)
        )
    };
    let keys = (0..10_000).map(|key| super::ADD.replace("\"i\"", &format!("\"{key}\"")) + "\n");
    let lines = |model: &str, lines: String| {
        format!(
            "{}\n{lines}",
            super::HEADER.replace("fetch-and-add", model).replace("{\"i\":0}", "{}")
        )
    };
    let (lists, keys) =
        (lines("set", (0..50).map(line).collect()), lines("fetch-and-add", keys.collect()));
    for (text, model) in [(&edn, Model::Set), (&lists, Model::Set), (&keys, Model::FetchAndAdd)] {
        let bounded = |memory_bytes| Reader { memory_bytes, ..of(model) }.read(text.as_bytes());
        let error = bounded(200 << 10).unwrap_err().to_string();
        assert!(
            error.starts_with("the history needs more than 200 KiB of memory: stopped at line "),
            "{error}"
        );
        assert!(error.ends_with(": raise --check-memory"), "{error}");
        assert!(bounded(8 << 20).is_ok());
    }
    let error = Reader { memory_bytes: 100_000, ..of(Model::FetchAndAdd) }.read(keys.as_bytes());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("more than 100,000 bytes of memory: stopped at line "), "{error}");
}
