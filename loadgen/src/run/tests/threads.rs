//! What holds of several workers together.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// The operations of a run of several workers, by client.
fn by_client(options: &[&str], chances: Chances) -> BTreeMap<u32, Vec<Operation>> {
    let Outcomes { loaded, .. } = run(&plan(options), chances, 1);
    let mut record = loaded.record;
    let mut clients = BTreeMap::<_, Vec<_>>::new();
    for operation in record.take_operations().remove(0).into_log().unwrap().operations {
        clients.entry(operation.client).or_default().push(operation);
    }
    clients
}

#[test]
fn clients_have_numbers_of_their_own_and_do_one_thing_at_a_time() {
    for (clients, threads) in [("7", "1"), ("7", "3"), ("8", "4"), ("5", "5")] {
        let options = ["-n", "400", "-c", clients, "--threads", threads, "--reads", "20%"];
        let mut by_client = by_client(&options, Chances::NONE);
        let numbers: BTreeSet<_> = by_client.keys().copied().collect();
        assert_eq!(numbers, (0..clients.parse().unwrap()).collect(), "{threads} threads");
        for (client, operations) in &mut by_client {
            operations.sort_by_key(|operation| operation.call_ns);
            let overlap = operations.windows(2).find(|two| two[0].return_ns > two[1].call_ns);
            assert!(overlap.is_none(), "{threads} threads, client {client}: {overlap:?}");
        }
    }
}

#[test]
fn values_are_each_requests_own_whoever_sends_it() {
    for threads in ["1", "2", "3"] {
        let options = ["-n", "100", "-c", "6", "--threads", threads, "--reads", "10%"];
        let operations = by_client(&options, Chances::NONE).into_values().flatten();
        let all: Vec<_> = operations.filter(|one| one.op == Op::Add).map(|one| one.arg).collect();
        let values: BTreeSet<_> = all.iter().copied().collect();
        assert_eq!(values.len(), all.len(), "{threads} threads");
        let span = values.last().unwrap() - values.first().unwrap();
        assert!(span < 100, "{threads} threads: the values span {span}");
    }
}

/// Each worker rounds down, and what it leaves out the others make up for.
#[test]
fn reads_have_their_share_of_all_requests_on_however_many_threads() {
    for (threads, requests) in [("1", "80"), ("4", "80"), ("8", "80"), ("8", "40")] {
        let options = ["-n", requests, "-c", "8", "--threads", threads, "--reads", "5%"];
        let operations = by_client(&options, Chances::NONE).into_values().flatten();
        let reads = operations.filter(|one| one.op == Op::Read).count();
        let share = requests.parse::<usize>().unwrap() / 20;
        assert!(reads.abs_diff(share) <= 1, "{threads} threads: {reads}, not {share}");
    }
}

/// With every second connection refused, a client pauses as shortly as after its first refusal:
/// an answer lies in between.
#[test]
fn an_answer_ends_the_pauses_that_grow_with_refusals() {
    for threads in ["1", "2", "4"] {
        let options = ["-n", "160", "-c", "4", "--threads", threads, "--no-keep-alive"];
        let plan = plan(&options);
        let chances = Chances { refuses_each: Some(2), takes_ms: (1, 2), ..Chances::NONE };
        let Outcomes { loaded, took, .. } = run(&plan, chances, 1);
        assert_eq!(loaded.stop, None);
        let outcomes = loaded.record.outcomes();
        assert_eq!((outcomes.ok, outcomes.fail), (80, 80));
        // A fourth of 80 refusals each, and a tenth of a second after each; a quarter, if it grew.
        assert!(took < Duration::from_millis(3500), "{threads} threads: {took:?}");
    }
}

#[test]
fn a_target_that_answers_now_and_then_is_not_dead_on_any_thread() {
    for threads in ["1", "3"] {
        let plan = plan(&["-n", "600", "-c", "3", "--threads", threads, "--no-keep-alive"]);
        let chances = Chances { refuses_each: Some(3), ..Chances::NONE };
        let Outcomes { loaded, took, .. } = run(&plan, chances, 1);
        assert_eq!(loaded.stop, None, "{threads} threads");
        assert!(took > Duration::from_secs(3), "{threads} threads: {took:?}");
    }
}
