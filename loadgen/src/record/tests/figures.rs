//! Which time goes into which distribution.

use super::*;

/// Each distribution's number of times, and their sum, in milliseconds.
fn times(record: &Record) -> [(u64, u128); 6] {
    let Latency { connect, processing, waiting, body, total, failed } = record.latency();
    [connect, processing, waiting, body, total, failed].map(|times| {
        let sum_ns = serde_json::to_value(&times).unwrap()["sum_ns"].as_u64().unwrap();
        (times.count(), u128::from(sum_ns) / 1_000_000)
    })
}

/// A request that was due at 0 and called after 100 ms; then it had a connection, the first byte of
/// its answer and the last one, each after so many milliseconds.
fn answered(connected: Option<u64>, first_byte: u64, finished: u64, status: u16) -> Record {
    let started = Instant::now();
    let at = |ms| started + Duration::from_millis(ms);
    let mut record = Record::new(1, None, started);
    let begin = Begin {
        kind: Kind { step: 0, is_warm_up: false },
        due: started,
        call: at(100),
        is_paced: false,
        connected: connected.map(|after| at(100 + after)),
        sent: Sizes::default(),
        is_hop: false,
    };
    let answer = Answer {
        status,
        first_byte: at(100 + first_byte),
        finished: at(100 + finished),
        bytes: 50,
        body_bytes: 2,
        keep_alive: true,
    };
    let end = super::super::End { told: Told::by_status(status), within: true, at: Duration::ZERO };
    record.answered(&begin, &answer, end);
    record
}

#[test]
fn each_part_of_a_request_counts_once_and_its_wait_for_its_turn_in_the_total() {
    // Connect, processing, waiting, body, total, failed.
    let (none, one) = ((0, 0), |ms| (1, ms));
    for (record, expected) in [
        (answered(Some(20), 50, 90, 200), [one(20), one(70), one(30), one(40), one(190), none]),
        (answered(None, 50, 90, 200), [none, one(90), one(50), one(40), one(190), none]),
        // All of the answer came at once.
        (answered(Some(20), 90, 90, 200), [one(20), one(70), one(70), none, one(190), none]),
        (answered(Some(20), 50, 90, 500), [none, none, none, none, none, one(190)]),
        (answered(None, 50, 90, 404), [none, none, none, none, none, one(190)]),
    ] {
        assert_eq!(times(&record), expected);
    }
}

#[test]
fn what_workers_saw_is_added_part_by_part() {
    let all = merged(answered(Some(20), 50, 90, 200), answered(None, 60, 80, 200));
    let all = merged(all, answered(None, 10, 20, 503));
    assert_eq!(times(&all), [(1, 20), (2, 150), (2, 90), (2, 60), (2, 370), (1, 120)]);
}

#[test]
fn a_late_request_counts_from_when_it_was_due_and_beside_that_from_when_it_began() {
    let started = Instant::now();
    let at = |ms| started + Duration::from_millis(ms);
    let mut record = Record::new(1, None, started);
    for (is_warm_up, due_ms) in [(true, 0), (false, 1000), (false, 2000)] {
        let kind = Kind { step: 0, is_warm_up };
        let (due, call, sent) = (at(due_ms), at(due_ms + 30), Sizes::default());
        let (is_paced, connected, is_hop) = (true, None, false);
        let begin = Begin { kind, due, call, is_paced, connected, sent, is_hop };
        let finished = at(due_ms + 80);
        let (bytes, body_bytes, keep_alive) = (50, 2, true);
        let answer =
            Answer { status: 200, first_byte: finished, finished, bytes, body_bytes, keep_alive };
        let told = Told::by_status(200);
        let end = super::super::End { told, within: true, at: finished - started };
        record.answered(&begin, &answer, end);
    }
    record.drop_one();
    assert_eq!(times(&record)[4], (2, 160));
    let pace = record.pace.as_ref().unwrap();
    assert_eq!((pace.late.count(), pace.late.max_us()), (2, 30_000));
    assert_eq!((pace.service.count(), pace.service.max_us()), (2, 50_000));
    // The first is judged, and in no figure.
    assert_eq!((record.sent(), record.warmed_up(), record.counts().outcomes.ok), (3, 1, 2));
    assert_eq!(record.all_counts_of(0).outcomes.ok, 3);
    let come_to = [WarmUp::Requests(1), WarmUp::Time(Duration::from_millis(700)), WarmUp::NONE]
        .map(|warm_up| record.come_to(warm_up, 0..1));
    let begun_ms = come_to.map(|(begun, _)| begun.as_millis());
    assert_eq!(begun_ms, [1000, 700, 0]);
    assert_eq!(come_to.map(|(_, come)| come), [3; 3]);
}
