//! Which time goes into which distribution.

use super::*;

/// Each distribution's number of times, and their sum, in milliseconds.
fn times(record: &Record) -> [(u64, u128); 5] {
    let Latency { connect, processing, waiting, total, failed } = record.latency();
    [connect, processing, waiting, total, failed].map(|times| {
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
        step: 0,
        due: started,
        call: at(100),
        connected: connected.map(|after| at(100 + after)),
        sent: Sizes::default(),
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
    // Connect, processing, waiting, total, failed.
    let (none, one) = ((0, 0), |ms| (1, ms));
    for (record, expected) in [
        (answered(Some(20), 50, 90, 200), [one(20), one(70), one(30), one(190), none]),
        (answered(None, 50, 90, 200), [none, one(90), one(50), one(190), none]),
        // All of the answer came at once.
        (answered(Some(20), 90, 90, 200), [one(20), one(70), one(70), one(190), none]),
        (answered(Some(20), 50, 90, 500), [none, none, none, none, one(190)]),
        (answered(None, 50, 90, 404), [none, none, none, none, one(190)]),
    ] {
        assert_eq!(times(&record), expected);
    }
}

#[test]
fn what_workers_saw_is_added_part_by_part() {
    let all = merged(answered(Some(20), 50, 90, 200), answered(None, 60, 80, 200));
    let all = merged(all, answered(None, 10, 20, 503));
    assert_eq!(times(&all), [(1, 20), (2, 150), (2, 90), (2, 370), (1, 120)]);
}
