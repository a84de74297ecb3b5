//! Which operations are over before which: held against what lines and times say of each pair.

use fastrand::Rng;

use super::*;

/// A journal of `count` events of some processes; its clock ticks rarely, and now and then is wrong.
fn journal(rng: &mut Rng, is_wrong: bool) -> Vec<Span> {
    let processes = rng.i64(1..=4);
    let mut open: HashMap<i64, usize> = HashMap::new();
    let mut spans: Vec<Span> = Vec::new();
    let mut now_ns = 0;
    for place in 0..rng.u64(2..24) {
        now_ns += rng.u64(0..=1);
        let skewed = rng.u64(0..=if is_wrong { 6 } else { 0 });
        let process = rng.i64(0..processes);
        let mut moment = Moment { place, time_ns: now_ns + skewed };
        if let Some(span) = open.remove(&process) {
            moment.time_ns = moment.time_ns.max(spans[span].called.time_ns);
            spans[span].returned = Some(moment);
        } else {
            open.insert(process, spans.len());
            spans.push(Span { process, called: moment, returned: None });
        }
    }
    spans
}

fn precedes(one: &Span, other: &Span) -> bool {
    one.returned.is_some_and(|returned| returned.time_ns < other.called.time_ns)
}

/// Whether a process ends an operation and begins the next at this time.
fn turns(spans: &[Span], process: i64, time_ns: u64) -> bool {
    let of_process = || spans.iter().filter(|span| span.process == process);
    let ends = of_process().filter(|span| span.returned.is_some_and(|end| end.time_ns == time_ns));
    ends.into_iter().any(|end| {
        let end = end.returned.map_or(0, |end| end.place);
        of_process().any(|span| span.called.time_ns == time_ns && span.called.place > end)
    })
}

#[test]
fn what_is_over_before_another_is_so_by_lines_and_by_times() {
    let mut rng = Rng::with_seed(1);
    let (mut pairs, mut ties) = (0, 0);
    for _ in 0..20_000 {
        let mut before = journal(&mut rng, false);
        let is_wrong = rng.bool();
        if is_wrong {
            before = journal(&mut rng, true);
        }
        // The times as the processes themselves can have them.
        for event in in_lines(&before) {
            let Span { called, returned, .. } = &mut before[event.span];
            if event.is_return {
                returned.as_mut().unwrap().time_ns = event.time_ns;
            } else {
                called.time_ns = event.time_ns;
            }
        }
        let mut after = before.clone();
        reconcile(&mut after);
        for (one, span) in before.iter().zip(&after) {
            assert!(span.returned.is_none_or(|end| span.called.time_ns <= end.time_ns));
            for (other, later) in before.iter().zip(&after) {
                let Some(end) = one.returned else { continue };
                let follows = end.place < other.called.place;
                if !precedes(span, later) {
                    let is_own = one.process == other.process && follows;
                    assert!(is_wrong || !is_own, "{before:?}\n{after:?}");
                    let is_certain = follows && end.time_ns < other.called.time_ns;
                    assert!(is_wrong || !is_certain, "{before:?}\n{after:?}");
                    continue;
                }
                pairs += 1;
                assert!(follows, "not by lines: {one:?} {other:?}\n{before:?}\n{after:?}");
                assert!(end.time_ns <= other.called.time_ns, "not by times: {before:?}\n{after:?}");
                if end.time_ns == other.called.time_ns && one.process != other.process {
                    ties += 1;
                    let both = [one, other].map(|span| turns(&before, span.process, end.time_ns));
                    assert_eq!(both, [true; 2], "{one:?} {other:?}\n{before:?}");
                }
            }
        }
    }
    assert!(pairs > 10_000 && ties > 100, "{pairs} {ties}");
}

fn spans(events: &[(i64, bool, u64)]) -> Vec<Span> {
    let mut open: HashMap<i64, usize> = HashMap::new();
    let mut spans: Vec<Span> = Vec::new();
    for (place, &(process, is_return, time_ns)) in (0..).zip(events) {
        let moment = Moment { place, time_ns };
        if is_return {
            spans[open[&process]].returned = Some(moment);
        } else {
            open.insert(process, spans.len());
            spans.push(Span { process, called: moment, returned: None });
        }
    }
    spans
}

/// A late line of one process does not take the order of another's operations away.
#[test]
fn a_process_keeps_its_own_order_where_any_intervals_can() {
    // Process 0 begins before process 1 ends its first, by the lines; not by the times.
    let mut journal = spans(&[
        (1, false, 1),
        (0, false, 1000),
        (1, true, 2),
        (1, false, 3),
        (1, true, 4),
        (0, true, 1010),
    ]);
    reconcile(&mut journal);
    let [first, other, second] = [journal[0], journal[1], journal[2]];
    assert!(precedes(&first, &second), "{journal:?}");
    assert!(!precedes(&first, &other) && !precedes(&other, &first), "{journal:?}");
}

#[test]
fn times_that_agree_with_the_lines_stay() {
    let before = spans(&[(0, false, 5), (1, false, 7), (0, true, 9), (1, true, 9), (0, false, 12)]);
    let mut after = before.clone();
    reconcile(&mut after);
    for (one, other) in before.iter().zip(&after) {
        assert_eq!((one.called, one.returned), (other.called, other.returned));
    }
}
