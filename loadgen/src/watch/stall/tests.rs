//! Silence that is a stall, and silence that is none.

use super::*;

const LIMIT: Duration = Duration::from_secs(1);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// With four requests in flight, and the last answer at `answered_ms`.
fn reading(answered_ms: u64) -> Reading {
    Reading {
        clients: 4,
        ended: 9,
        followed: 0,
        in_flight: 4,
        answered_ns: answered_ms * 1_000_000,
        broken_ns: 0,
        opened_ns: 1,
    }
}

/// Looks every 100 ms, up to `until_ms` inclusive, at what `of` makes of the time.
fn looks(watch: &mut StallWatch, until_ms: u64, of: impl Fn(u64) -> Reading) -> Vec<(u64, Change)> {
    let begin = u64::try_from(watch.looked.as_millis()).unwrap() / 100 + 1;
    let times = (begin..=until_ms / 100).map(|tenth| tenth * 100);
    times
        .filter_map(|at| {
            let reading = of(at);
            let waits = Waits { sent: reading.in_flight, ..Waits::default() };
            Some((at, watch.look(ms(at), reading, waits)?))
        })
        .collect()
}

#[test]
fn silence_is_a_stall_once_it_has_lasted() {
    let mut watch = StallWatch::new(LIMIT, Proof::Silence);
    let changes = looks(&mut watch, 5000, |now| reading(now.min(730)));
    let stall = Stall {
        at: ms(730),
        lasted: ms(1070),
        in_flight: 4,
        ever_answered: true,
        others_answered: false,
    };
    assert_eq!(changes, [(1800, Change::Stalled(stall))]);
    let stalls = watch.into_stalls(ms(6000)).unwrap();
    assert_eq!((stalls.count, stalls.recovered), (1, false));
    assert_eq!((stalls.first.lasted, stalls.longest), (ms(5270), ms(5270)));
}

#[test]
fn whoever_moves_slowly_has_not_stalled() {
    let mut watch = StallWatch::new(LIMIT, Proof::Silence);
    assert_eq!(looks(&mut watch, 60_000, |now| reading(now - now % 900)), []);
    assert_eq!(watch.into_stalls(ms(60_000)), None);
}

#[test]
fn what_never_answered_has_stalled_since_it_was_reached() {
    let mut watch = StallWatch::new(LIMIT, Proof::Silence);
    assert_eq!(looks(&mut watch, 3000, |_| Reading { opened_ns: 0, ..reading(0) }), []);
    let changes = looks(&mut watch, 5000, |_| reading(0));
    let stall = Stall {
        at: ms(3000),
        lasted: ms(1000),
        in_flight: 4,
        ever_answered: false,
        others_answered: false,
    };
    assert_eq!(changes, [(4000, Change::Stalled(stall))]);
}

#[test]
fn with_nothing_in_flight_there_is_nothing_to_wait_for() {
    let mut watch = StallWatch::new(LIMIT, Proof::Silence);
    let idle = |_| Reading { in_flight: 0, ..reading(50) };
    assert_eq!(looks(&mut watch, 5000, idle), []);
    let changes = looks(&mut watch, 7000, |_| reading(50));
    assert!(matches!(changes[..], [(6000, Change::Stalled(_))]), "{changes:?}");
}

#[test]
fn several_stalls_are_counted_and_the_first_and_the_longest_kept() {
    let mut watch = StallWatch::new(LIMIT, Proof::Silence);
    // Silent from 500 to 2000, from 3000 to 7000, and from 8000 to 9500.
    let answered = |now| match now {
        500..2000 => 500,
        3000..7000 => 3000,
        8000..9500 => 8000,
        now => now,
    };
    let changes = looks(&mut watch, 12_000, |now| reading(answered(now)));
    let recoveries: Vec<_> = changes
        .iter()
        .filter_map(|(_, change)| match change {
            Change::Recovered(after) => Some(*after),
            _ => None,
        })
        .collect();
    assert_eq!(recoveries, [ms(1500), ms(4000), ms(1500)]);
    let stalls = watch.into_stalls(ms(12_000)).unwrap();
    assert_eq!((stalls.count, stalls.recovered, stalls.longest), (3, true, ms(4000)));
    assert_eq!((stalls.first.at, stalls.first.lasted), (ms(500), ms(1500)));
}

#[test]
fn a_refusal_ends_a_stall_but_is_no_recovery() {
    let mut watch = StallWatch::new(LIMIT, Proof::Silence);
    let dying =
        |now| Reading { broken_ns: if now < 3000 { 0 } else { now * 1_000_000 }, ..reading(500) };
    let changes = looks(&mut watch, 10_000, dying);
    assert!(matches!(changes[..], [(1500, Change::Stalled(_))]), "{changes:?}");
    let stalls = watch.into_stalls(ms(10_000)).unwrap();
    assert_eq!((stalls.count, stalls.recovered, stalls.longest), (1, false, ms(2500)));
}

#[test]
fn our_own_sleep_is_not_taken_for_the_targets() {
    let mut watch = StallWatch::new(LIMIT, Proof::Silence);
    assert_eq!(looks(&mut watch, 1000, reading), []);
    // This process was stopped for an hour.
    let waits = Waits { sent: 4, hanging: 4, oldest_ns: 1 };
    assert_eq!(watch.look(ms(3_600_000), reading(1000), waits), None);
    // Nor do the requests count as hanging that it had in flight.
    assert_eq!(watch.hangs_before(ms(3_600_500)), Duration::ZERO);
    assert_eq!(looks(&mut watch, 3_600_900, |_| reading(1000)), []);
}

/// On a busy machine this is late now and then; what it sees beside counts all the same.
#[test]
fn short_sleeps_put_a_stall_off_and_no_more() {
    let mut watch = StallWatch::new(LIMIT, Proof::Silence);
    let waits = Waits { sent: 4, ..Waits::default() };
    // Of each 900 ms, 600 are slept.
    let times = (0..20).flat_map(|turn| [turn * 900 + 100, turn * 900 + 200, turn * 900 + 300]);
    let said = times.map(|at| (at, watch.look(ms(at), reading(100), waits)));
    let stalled: Vec<_> = said.filter(|(_, change)| change.is_some()).collect();
    assert_eq!((stalled.len(), stalled[0].0), (1, 3900));
}

/// Four clients, of which none is answered after `answered_ms`; what they wait for was sent then.
struct Silent {
    watch: StallWatch,
    answered_ms: u64,
    in_flight: u64,
    sent: u64,
}

impl Silent {
    fn new(proof: Proof) -> Self {
        let watch = StallWatch::new(LIMIT, proof);
        Self { watch, answered_ms: 500, in_flight: 4, sent: 4 }
    }

    /// What is found out up to `until_ms`, and when.
    fn until(&mut self, until_ms: u64) -> Vec<(u64, Change)> {
        let Self { watch, answered_ms, in_flight, sent } = self;
        let begin = u64::try_from(watch.looked.as_millis()).unwrap() / 100 + 1;
        let mut changes = vec![];
        for at in (begin..=until_ms / 100).map(|tenth| tenth * 100) {
            let answered_ms = at.min(*answered_ms);
            let sent_ns = answered_ms * 1_000_000;
            let before = u64::try_from(watch.hangs_before(ms(at)).as_nanos()).unwrap();
            let hanging = if sent_ns < before { *sent } else { 0 };
            let waits = Waits { sent: *sent, hanging, oldest_ns: sent_ns };
            let reading = Reading { in_flight: *in_flight, ..reading(answered_ms) };
            changes.extend(watch.look(ms(at), reading, waits).map(|change| (at, change)));
        }
        changes
    }
}

#[test]
fn a_silent_target_has_stalled_once_it_leaves_a_probe_unanswered_too() {
    let mut silent = Silent::new(Proof::Probe);
    assert_eq!(silent.until(1900), [(1500, Change::Suspected)]);
    silent.watch.told(ms(1950), true);
    let changes = silent.until(2500);
    assert!(matches!(changes[..], [(2000, Change::Stalled(Stall { in_flight: 4, .. }))]));
    assert_eq!(silent.watch.into_stalls(ms(2500)).unwrap().first.at, ms(500));
}

#[test]
fn a_target_that_answers_a_probe_is_slow_until_half_of_the_clients_have_waited_five_times_as_long()
{
    let mut silent = Silent::new(Proof::Probe);
    assert_eq!(silent.until(1500), [(1500, Change::Suspected)]);
    silent.watch.told(ms(1600), false);
    // It is asked again from time to time.
    assert_eq!(silent.until(2600), [(2600, Change::Suspected)]);
    silent.watch.told(ms(2600), false);
    assert_eq!(silent.until(3600), [(3600, Change::Suspected)]);
    silent.watch.told(ms(3600), false);
    silent.answered_ms = 3900;
    assert_eq!(silent.until(4800), []);
    assert_eq!(silent.until(4900), [(4900, Change::Suspected)]);
    silent.watch.told(ms(4950), false);
    let changes = silent.until(20_000);
    let asked = changes.iter().filter(|(_, change)| *change == Change::Suspected).count();
    let (at, Change::Stalled(stall)) = *changes.last().unwrap() else { panic!("{changes:?}") };
    assert_eq!((asked, at, stall.at), (1, 8900, ms(3900)));
}

#[test]
fn what_comes_of_a_probe_counts_for_nothing_once_something_was_answered() {
    let mut silent = Silent::new(Proof::Probe);
    assert_eq!(silent.until(1500), [(1500, Change::Suspected)]);
    silent.answered_ms = 1600;
    assert_eq!(silent.until(1900), []);
    silent.watch.told(ms(1950), true);
    assert_eq!(silent.until(2500), []);
    assert_eq!(silent.until(2600), [(2600, Change::Suspected)]);
}

#[test]
fn connections_that_are_being_made_are_no_silence() {
    for proof in [Proof::Silence, Proof::Probe, Proof::Patience] {
        let mut silent = Silent { sent: 0, ..Silent::new(proof) };
        assert_eq!(silent.until(20_000), []);
    }
    // But whoever has sent something may ask on behalf of those who cannot.
    let mut silent = Silent { sent: 1, ..Silent::new(Proof::Probe) };
    assert_eq!(silent.until(1500), [(1500, Change::Suspected)]);
}

#[test]
fn a_few_last_requests_are_waited_for() {
    let mut silent = Silent { sent: 1, in_flight: 1, ..Silent::new(Proof::Probe) };
    assert_eq!(silent.until(20_000), []);
    assert_eq!(silent.watch.into_stalls(ms(20_000)), None);
}

#[test]
fn with_nobody_to_ask_half_of_the_clients_wait_five_times_as_long() {
    let mut silent = Silent { sent: 2, ..Silent::new(Proof::Patience) };
    let changes = silent.until(20_000);
    assert!(matches!(changes[..], [(5500, Change::Stalled(_))]), "{changes:?}");
    let mut silent = Silent { sent: 1, ..Silent::new(Proof::Patience) };
    assert_eq!(silent.until(20_000), []);
}

/// The last answer before a silence came later than some requests were sent that got none.
#[test]
fn a_silence_is_not_taken_for_requests_that_hang_while_others_are_answered() {
    let mut watch = StallWatch::new(LIMIT, Proof::Patience);
    let mut said = vec![];
    for at in (100..20_000).step_by(100) {
        let hanging = if watch.hangs_before(ms(at)) > ms(500) { 3 } else { 0 };
        let waits = Waits { sent: 4, hanging, oldest_ns: 500_000_000 };
        said.extend(watch.look(ms(at), reading(at.min(700)), waits).map(|change| (at, change)));
    }
    let [(5700, Change::Stalled(Stall { others_answered: false, .. }))] = said[..] else {
        panic!("{said:?}")
    };
}

#[test]
fn requests_that_hang_while_others_are_answered_are_named_and_end_the_run_when_they_are_half() {
    for (hanging, said_at) in [(1, None), (2, Some(5600))] {
        let mut watch = StallWatch::new(LIMIT, Proof::Probe);
        let mut said = vec![];
        for at in (100..20_000).step_by(100) {
            let is_long_ago = watch.hangs_before(ms(at)) > ms(500);
            let hanging = if is_long_ago { hanging } else { 0 };
            let waits = Waits { sent: 4, hanging, oldest_ns: 500_000_000 };
            said.extend(watch.look(ms(at), reading(at), waits).map(|change| (at, change)));
        }
        match (said.as_slice(), said_at) {
            ([], None) => {}
            ([(at, Change::Stalled(stall))], Some(expected)) => {
                assert_eq!((*at, stall.in_flight), (expected, hanging));
                assert!(stall.others_answered);
            }
            other => panic!("{other:?}"),
        }
        let stalls = watch.into_stalls(ms(20_000)).unwrap();
        let Stall { at, lasted, in_flight, others_answered, .. } = stalls.first;
        assert_eq!((at, lasted, in_flight), (ms(500), ms(19_400), hanging));
        assert!(others_answered && stalls.recovered);
    }
}
