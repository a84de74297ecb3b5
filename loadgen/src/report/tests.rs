//! Rates and documents, of records made by hand.

use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::record::{Begin, End, Record, Span};
use crate::scenario::Told;
use crate::wire::{Answer, Sizes};

/// Answers by status, the bytes of their content, and whether they came while the run lasted.
fn record(answers: &[(u16, u64, bool)]) -> Record {
    let now = Instant::now();
    let mut record = Record::new(1, None, now);
    let sent = Sizes { bytes: 40, body_bytes: 10 };
    let begin = Begin::at(now, 0, sent);
    for &(status, body_bytes, within) in answers {
        let bytes = body_bytes + 100;
        let (first_byte, finished, keep_alive) = (now, now, true);
        let answer = Answer { status, first_byte, finished, bytes, body_bytes, keep_alive };
        let end = End { told: Told::by_status(status), within, at: Duration::ZERO };
        record.answered(&begin, &answer, end);
    }
    record
}

fn throughput(answers: &[(u16, u64, bool)]) -> Throughput {
    let span = Span { elapsed: Duration::from_secs(2), drain: Duration::from_secs(8) };
    Throughput::new(&record(answers).counts(), span)
}

#[test]
fn rates_are_of_what_is_ok_and_was_over_while_the_run_lasted() {
    let answers = [
        (200, 2, true),
        (204, 0, true),
        (201, 2, true),
        (404, 6, true),
        (500, 8, true),
        (200, 2, false),
        (503, 2, false),
    ];
    let Throughput {
        requests_per_s,
        bytes_read_per_s,
        bytes_written_per_s,
        bytes_read,
        body_bytes_read,
        bytes_written,
        body_bytes_written,
    } = throughput(&answers);
    // A failure counts by its bytes and not as a request.
    assert_eq!(requests_per_s.map(twice), Some(3));
    assert_eq!((twice(bytes_read_per_s), twice(bytes_written_per_s)), (518, 200));
    // Amounts are of all.
    assert_eq!((bytes_read, body_bytes_read), (722, 22));
    assert_eq!((bytes_written, body_bytes_written), (280, 70));
}

/// What a rate comes to in two seconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is small")]
fn twice(rate: f64) -> u64 {
    (rate * 2.0).round() as u64
}

#[test]
fn without_a_request_that_is_ok_there_is_no_rate() {
    assert_eq!(throughput(&[(500, 2, true), (404, 2, true)]).requests_per_s, None);
    // There was one, and none in time.
    assert_eq!(throughput(&[(200, 2, false)]).requests_per_s.map(twice), Some(0));
}

/// The document of what some workers saw, each the content of its answers that are ok.
fn document(workers: &[&[u64]]) -> (Option<u64>, bool) {
    let of_one = |bytes: &&[u64]| {
        let answers: Vec<_> = bytes.iter().map(|bytes| (200, *bytes, true)).collect();
        record(&answers)
    };
    let mut records = workers.iter().map(of_one);
    let mut all = records.next().unwrap();
    records.for_each(|record| all.merge(record));
    let Document { bytes, varies, .. } = Document::new(&all, &all.counts());
    (bytes, varies)
}

#[test]
fn a_document_varies_within_a_worker_or_across_workers() {
    for (workers, expected) in [
        (&[&[][..]][..], (None, false)),
        (&[&[3, 3]], (Some(3), false)),
        (&[&[3, 4]], (Some(3), true)),
        (&[&[3, 3], &[3], &[3, 3]], (Some(3), false)),
        // Each worker saw but one.
        (&[&[3], &[4]], (Some(3), true)),
        (&[&[3], &[3], &[4, 4]], (Some(3), true)),
        (&[&[3, 4], &[3]], (Some(3), true)),
        (&[&[3], &[3, 4]], (Some(3), true)),
        // Who saw none says nothing.
        (&[&[], &[3], &[]], (Some(3), false)),
        (&[&[], &[3], &[], &[4]], (Some(3), true)),
    ] {
        assert_eq!(document(workers), expected, "{workers:?}");
    }
    // What failed may be of any length.
    let failed = record(&[(200, 3, true), (500, 9, true), (404, 8, true)]);
    assert!(!Document::new(&failed, &failed.counts()).varies);
}
