use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use check::history::{NEVER, NIL, Op, Outcome};
use check::{History, Model, Object, Operation};
use serde_json::Value;

use super::*;
use crate::judge::Judged;
use crate::plan::Effort;
use crate::report::{Report, hostile};

/// What ends any element and any attribute, and says so if it runs.
const HOSTILE: &str =
    "\"'></script></style></textarea><script>document.title = 'owned'</script><!--";

fn add(client: u32, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    let outcome = if return_ns == NEVER { Outcome::Unknown } else { Outcome::Ok };
    Operation { call_ns, return_ns, arg: 1, new: NIL, result, client, op: Op::Add, outcome }
}

fn object(key: &str, operations: Vec<Operation>) -> Object {
    Object { key: key.to_owned(), operations, ..Object::default() }
}

fn judged(model: Model, objects: Vec<Object>) -> Judged {
    let effort = Effort { timeout: Duration::from_mins(1), memory_bytes: 1 << 30, certify: false };
    Judged::new(History { objects }, model, effort, &|| Duration::ZERO)
}

fn page(title: &str, judged: &Judged) -> String {
    let mut page = Vec::new();
    let section = Section { title: title.into(), ..Section::of_history(judged) };
    write_page(&[section], &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// Two additions that returned the same, and one that nobody knows of.
fn duplicate(key: &str) -> Object {
    object(key, vec![add(9, 1, 310, 1513), add(3, 1, 5, 1204), add(4, NIL, 2000, NEVER)])
}

/// What the script is given.
fn data(page: &str) -> Value {
    let (_, data) = page.split_once("<script type=\"application/json\" class=\"data\">").unwrap();
    serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap()
}

/// A column as the script reads it.
fn unpacked(column: &Value, count: usize) -> Vec<Option<i64>> {
    if let Some(all) = column.get("all") {
        return vec![all.as_str().map(|all| all.parse().unwrap()); count];
    }
    let bytes = STANDARD.decode(column["data"].as_str().unwrap()).unwrap();
    let width = column["type"].as_str().unwrap()[1..].parse::<usize>().unwrap() / 8;
    let values = bytes.chunks_exact(width).map(|bytes| {
        let sign = if bytes[width - 1] >= 0x80 { 0xff } else { 0 };
        let mut wide = [sign; 8];
        wide[..width].copy_from_slice(bytes);
        let value = i64::from_le_bytes(wide);
        (value != i64::MIN >> (64 - 8 * width)).then_some(value)
    });
    values.collect()
}

fn packed(values: &[i64]) -> Value {
    let mut json = Vec::new();
    columns::write(values.iter().copied(), &mut json).unwrap();
    serde_json::from_slice(&json).unwrap()
}

#[test]
fn a_column_comes_back_in_the_least_width_that_holds_it() {
    for (least, values) in [
        ("i8", vec![127, -127, 0, NIL]),
        ("i16", vec![128, 1]),
        ("i16", vec![-128, NIL]),
        ("i16", vec![32767, -32767]),
        ("i32", vec![-32768, 1]),
        ("i32", vec![i64::from(i32::MAX), NIL, -1]),
        ("i64", vec![i64::from(i32::MIN), 1]),
        ("i64", vec![i64::MAX, i64::MIN + 1, NIL, 0]),
    ] {
        let column = packed(&values);
        assert_eq!(column["type"], least, "{values:?}");
        let expected: Vec<_> = values.iter().map(|n| Some(*n).filter(|n| *n != NIL)).collect();
        assert_eq!(unpacked(&column, values.len()), expected);
    }
}

#[test]
fn a_column_of_one_value_takes_no_room() {
    assert_eq!(packed(&[i64::MAX; 3]), serde_json::json!({ "all": "9223372036854775807" }));
    assert_eq!(packed(&[NIL; 3]), serde_json::json!({ "all": null }));
    assert_eq!(packed(&[]), serde_json::json!({ "all": null }));
}

#[test]
fn the_script_is_given_every_operation_in_the_order_of_time() {
    let judged =
        judged(Model::FetchAndAdd, vec![duplicate("i"), object("j", vec![add(5, 1, 7, 9)])]);
    let data = data(&page("t", &judged));
    let history = &data["history"];
    assert_eq!((&history["count"], &history["origin"]), (&4.into(), &"0".into()));
    let column = |name: &str| unpacked(&history["columns"][name], 4);
    assert_eq!(column("call"), [5, 2, 303, 1690].map(Some));
    assert_eq!(column("took"), [Some(1199), Some(2), Some(1203), None]);
    assert_eq!(column("client"), [3, 5, 9, 4].map(Some));
    assert_eq!(column("object"), [0, 1, 0, 0].map(Some));
    assert_eq!(column("result"), [Some(1), Some(1), Some(1), None]);
    assert_eq!(column("kind"), [0, 0, 0, 2 << 3].map(Some));
    assert_eq!(column("arg"), [Some(1); 4]);
    assert_eq!(column("new"), [None; 4]);
    assert_eq!(history["witnesses"], serde_json::json!([{ "operations": [0, 2], "wrong": 2 }]));
    let anomaly = &history["anomalies"][0];
    assert_eq!((&anomaly["one"], &anomaly["count"]), (&"duplicate value".into(), &1.into()));
    assert_eq!(unpacked(&anomaly["times"], 1), [Some(1513)]);
    assert_eq!(data["latency"]["count"], 3);
    assert_eq!(data["latency"]["points"][0], serde_json::json!([0.0, 0.002]));
}

#[test]
fn times_of_another_clock_are_counted_from_the_first_operation() {
    let epoch_ns = 1_800_000_000_000_000_000;
    let object =
        object("i", vec![add(0, 1, epoch_ns + 5, epoch_ns + 9), add(1, 2, epoch_ns, NEVER)]);
    let page = page("t", &judged(Model::FetchAndAdd, vec![object]));
    let history = &data(&page)["history"];
    assert_eq!(history["origin"], "1800000000000000000");
    assert_eq!(unpacked(&history["columns"]["call"], 2), [Some(0), Some(5)]);
}

#[test]
fn a_list_is_given_by_its_length() {
    let read = Operation { op: Op::Read, arg: NIL, ..add(2, 0, 20, 30) };
    let operations = vec![Operation { arg: 7, result: NIL, ..add(1, 0, 0, 10) }, read];
    let object = Object { lists: [[7, 8, 9]].into_iter().collect(), ..object("s", operations) };
    let page = page("t", &judged(Model::Set, vec![object]));
    let columns = &data(&page)["history"]["columns"];
    assert_eq!(unpacked(&columns["result"], 2), [None, Some(3)]);
    assert_eq!(unpacked(&columns["kind"], 2), [Some(0), Some(1 | 1 << 5)]);
}

#[test]
fn what_comes_from_outside_stays_text() {
    let page = page(HOSTILE, &judged(Model::FetchAndAdd, vec![duplicate(HOSTILE)]));
    let own = page.matches("<script").count();
    assert_eq!(own, 2, "the data and the script");
    assert_eq!(page.matches("</script").count(), 2);
    assert_eq!(page.matches("</style").count(), 1);
    assert!(!page.contains(HOSTILE));
    assert!(page.contains("&quot;'&gt;&lt;/script&gt;"));
    assert_eq!(data(&page)["history"]["keys"][0], HOSTILE);
}

#[test]
fn the_page_asks_for_nothing() {
    let page = page("t", &judged(Model::FetchAndAdd, vec![duplicate("i")]));
    assert!(page.contains("content=\"default-src 'none'; "));
    for word in [" src=", "@import", "url(http", "fetch(", "XMLHttpRequest", "import("] {
        assert!(!page.contains(word), "{word}");
    }
    let links: Vec<_> = page.match_indices("://").map(|(at, _)| &page[at - 5..at + 14]).collect();
    assert_eq!(links, ["\"http://www.w3.org/"], "the name of SVG");
}

#[test]
fn verdict_numbers_and_witness_stand_there_without_a_script() {
    let page = page("t", &judged(Model::FetchAndAdd, vec![duplicate("i")]));
    let text = text_of(&page);
    for expected in [
        "INVALID: 1 duplicate value",
        "Model fetch-and-add",
        "Clients 3",
        "All 3 Ok 2 Fail 0 Unknown 1",
        "1 duplicate value of i",
        "Client 3's add returned 1 and so did client 9's; each add makes a value of its own, so \
         one of the two was lost.",
        "client 3 client 9 add 1 → 1 [0 .. 1.199 µs] ✗ add 1 → 1 [0.305 .. 1.508 µs]",
        "0 is 0.000000 s into the run",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

/// What of a page is read, its white space and entities made plain.
fn text_of(page: &str) -> String {
    let (_, body) = page.split_once("<body>").unwrap();
    let mut text = String::new();
    for piece in body.split("</script>") {
        let (before, _) = piece.split_once("<script").unwrap_or((piece, ""));
        for (number, piece) in before.split('<').enumerate() {
            let (tag, rest) =
                if number == 0 { ("", piece) } else { piece.split_once('>').unwrap() };
            let is_within_a_line = tag.contains("class=\"g\"") || tag.ends_with("bdi");
            text.push_str(if is_within_a_line { "" } else { " " });
            text.push_str(rest);
        }
    }
    let plain = text.replace("&gt;", ">").replace("&amp;", "&");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn digits_are_grouped_by_style_alone() {
    let grouped = |number: &str| markup::grouped(number).0;
    assert_eq!(grouped("7"), "7");
    assert_eq!(grouped("123"), "123");
    assert_eq!(grouped("1234"), "1<span class=\"g\">234</span>");
    assert_eq!(
        grouped("-1234567.8901"),
        "-1<span class=\"g\">234</span><span class=\"g\">567</span>.8901"
    );
    assert_eq!(grouped(""), "");
}

#[test]
fn more_witnesses_than_fit_are_counted() {
    let objects: Vec<_> = (0..20).map(|number| duplicate(&format!("key-{number}"))).collect();
    let page = page("t", &judged(Model::FetchAndAdd, objects));
    assert_eq!(page.matches("<article>").count(), 12);
    assert!(page.contains("8 anomalies are proven in the same way"));
    assert_eq!(data(&page)["history"]["witnesses"].as_array().unwrap().len(), 12);
}

#[test]
fn the_worst_objects_come_first_and_others_are_counted() {
    let mut objects: Vec<_> =
        (0..60).map(|number| object(&format!("good-{number}"), vec![add(0, 1, 0, 9)])).collect();
    objects.push(duplicate("bad"));
    let page = page("t", &judged(Model::FetchAndAdd, objects));
    let text = text_of(&page);
    let (_, table) = text.split_once("Object Operations Verdict Anomalies ").unwrap();
    assert!(table.starts_with("bad 3 ✗ INVALID 1 duplicate value, the first at 0.000002 s good-0"));
    assert!(table.contains("good-48") && !table.contains("good-49"));
    assert!(table.contains("11 objects are not shown."), "{table}");
}

#[test]
fn a_history_without_operations_has_nothing_drawn() {
    let page = page("t", &judged(Model::Counter, Vec::new()));
    assert!(text_of(&page).contains("VALID"));
    let nothing =
        serde_json::json!({ "latency": null, "series": null, "events": [], "history": null });
    assert_eq!(data(&page), nothing);
    assert!(!page.contains("<section class=\"history"));
}

#[test]
fn each_step_is_a_row_whatever_it_is_called() {
    let report = hostile::lost(HOSTILE);
    let mut page = Vec::new();
    write_page(&[Section { title: "t".into(), ..Section::of(&report) }], &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert_eq!(page.matches("<script").count(), 2);
    let (_, table) = page.split_once("<section class=\"steps\">").unwrap();
    let (table, _) = table.split_once("</section>").unwrap();
    let name = maud::html! { bdi { (Outside(HOSTILE)) } };
    assert!(table.contains(&name.0), "{table}");
    assert!(!table.contains(HOSTILE) && table.matches("<tr>").count() == 3, "{table}");
    for number in [
        "data-of=\"steps.0.sent\">3<",
        "data-of=\"steps.0.ok\">2<",
        "data-of=\"steps.0.fail\">1<",
        "data-of=\"steps.0.unknown\">0<",
        "data-of=\"steps.0.latency_us.p50\">0.003<",
        "data-of=\"steps.0.latency_us.p99\">0.005<",
        "data-of=\"steps.0.latency_us.max\">0.005<",
        "data-of=\"steps.1.fail\">1<",
    ] {
        assert!(table.contains(number), "{number}: {table}");
    }
    // Of the other none is ok.
    assert_eq!(
        (table.matches("<td>–</td>").count(), table.contains("steps.1.latency_us")),
        (3, false)
    );
}

#[test]
fn a_run_of_one_step_has_no_table_of_steps() {
    let report = Report { steps: Vec::new(), ..hostile::lost("x") };
    let mut page = Vec::new();
    write_page(&[Section { title: "t".into(), ..Section::of(&report) }], &mut page).unwrap();
    assert!(!String::from_utf8(page).unwrap().contains("class=\"steps\""));
}

#[test]
fn several_sections_are_compared_first() {
    let [bad, good] = [duplicate("i"), object("i", vec![add(0, 1, 0, 9)])]
        .map(|object| judged(Model::FetchAndAdd, vec![object]));
    let sections = [("racy", &bad), ("mutex", &good)]
        .map(|(title, judged)| Section { title: title.into(), ..Section::of_history(judged) });
    let mut page = Vec::new();
    write_page(&sections, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("<title>racy, mutex – loadgen</title>"));
    let text = text_of(&page);
    let (comparison, _) = text.split_once("History").unwrap();
    assert!(comparison.contains("racy ✗ INVALID: 1 duplicate value"), "{comparison}");
    assert!(comparison.contains("mutex ✓ VALID"), "{comparison}");
    assert_eq!(page.matches("id=\"run-").count(), 2);
}
