//! Noticing that going on is pointless, since connections fail.

use std::time::Duration;

use super::StopReason;
use crate::worker::{Reading, Seen};

/// After this long in which every attempt to connect was refused, with no connection and no answer
/// among them, a target is dead.
const DEAD_AFTER: Duration = Duration::from_secs(1);

/// Watches the connections of a run; times are since its start.
#[derive(Debug)]
pub(crate) struct ConnectingWatch {
    /// Whether the run goes on after connections that fail when they are new.
    survives_broken: bool,
    /// Whether it goes on after the target has died.
    survives_death: bool,
    /// The first refusal since the target last answered or took a connection.
    refused_since: Option<Duration>,
    /// The same for when this machine had no means for a connection.
    short_since: Option<Duration>,
    /// When the target last gave a sign of life, and how many attempts to connect had been given up
    /// by then.
    given_up_at_life: (Duration, u64),
}

impl ConnectingWatch {
    pub(crate) fn new(survives_broken: bool, survives_death: bool) -> Self {
        Self {
            survives_broken,
            survives_death,
            refused_since: None,
            short_since: None,
            given_up_at_life: (Duration::ZERO, 0),
        }
    }

    /// Looks at what was `seen` by `now`, beside `reading`. All workers count together: a target that
    /// answers over one connection lives, whatever becomes of the others.
    pub(crate) fn look(
        &mut self,
        now: Duration,
        reading: Reading,
        seen: &Seen,
    ) -> Option<StopReason> {
        let sign_of_life = Duration::from_nanos(reading.answered_ns.max(reading.opened_ns));
        let since = |since: &mut Option<Duration>, at: Option<Duration>| {
            let at = at.filter(|at| *at >= sign_of_life);
            // Behind a sign of life it is counted anew.
            *since = at.map(|at| since.filter(|since| *since >= sign_of_life).unwrap_or(at));
            since.is_some_and(|since| now.saturating_sub(since) >= DEAD_AFTER)
        };
        let is_short = since(&mut self.short_since, seen.short.map(|(at, _)| at));
        let is_refused = since(&mut self.refused_since, seen.refused.as_ref().map(|(at, _)| *at));
        let is_closed_to_all = self.takes_no_connection(now, sign_of_life, reading, seen);
        // The first to fail is not the word of all: others may be connecting still.
        let is_refused_by_all =
            is_refused || seen.unopened >= reading.clients && seen.short.is_none();
        match seen {
            _ if self.survives_death && reading.opened_ns > 0 => {}
            Seen { short: Some((_, shortage)), .. } if is_short => {
                return Some(StopReason::Short(*shortage));
            }
            Seen { last_unopened: Some(error), .. }
                if reading.opened_ns == 0 && is_refused_by_all =>
            {
                return Some(StopReason::Unreachable(error.clone()));
            }
            Seen { refused: Some((_, error)), .. } if reading.opened_ns > 0 && is_refused => {
                return Some(StopReason::Dead(error.clone()));
            }
            Seen { last_unopened: Some(error), .. }
                if reading.opened_ns > 0 && is_closed_to_all =>
            {
                return Some(StopReason::Dead(error.clone()));
            }
            _ => {}
        }
        let broken = seen.broken_when_new.as_ref().filter(|_| !self.survives_broken);
        broken.map(|error| StopReason::BrokenConnection(error.clone()))
    }

    /// Whether as many attempts as there are clients, or half as many, were given up since the last
    /// sign of life, which is a while ago: nobody was refused, but nobody was let in for as long as a
    /// request or a connection may take.
    fn takes_no_connection(
        &mut self,
        now: Duration,
        sign_of_life: Duration,
        reading: Reading,
        seen: &Seen,
    ) -> bool {
        if sign_of_life > self.given_up_at_life.0 {
            self.given_up_at_life = (sign_of_life, seen.given_up);
        }
        let is_silent = now.saturating_sub(sign_of_life) >= DEAD_AFTER;
        is_silent && 2 * (seen.given_up - self.given_up_at_life.1) >= reading.clients
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Shortage;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    const NOTHING: Reading = Reading {
        clients: 4,
        ended: 0,
        followed: 0,
        in_flight: 0,
        answered_ns: 0,
        broken_ns: 0,
        opened_ns: 0,
    };

    fn watch() -> ConnectingWatch {
        ConnectingWatch::new(false, false)
    }

    fn refused(at_ms: u64) -> Seen {
        let error = "connect: connection refused".to_owned();
        Seen {
            unopened: 1,
            last_unopened: Some(error.clone()),
            refused: Some((ms(at_ms), error)),
            ..Seen::default()
        }
    }

    fn answered(at_ms: u64) -> Reading {
        Reading { answered_ns: at_ms * 1_000_000, opened_ns: 1, ..NOTHING }
    }

    #[test]
    fn a_target_that_answers_on_kept_connections_lives_though_it_refuses_others() {
        let mut watch = watch();
        for now in (0..60_000).step_by(100) {
            assert_eq!(
                watch.look(ms(now), answered(now - now % 700), &refused(now)),
                None,
                "{now}"
            );
        }
    }

    #[test]
    fn a_target_that_only_refuses_for_a_second_is_dead() {
        let mut watch = watch();
        let looks: Vec<_> = (5000..7000)
            .step_by(100)
            .filter_map(|now| Some((now, watch.look(ms(now), answered(4990), &refused(now))?)))
            .collect();
        let dead = StopReason::Dead("connect: connection refused".to_owned());
        assert_eq!(looks[0], (6000, dead));
    }

    #[test]
    fn whoever_is_to_survive_a_death_does() {
        let mut watch = ConnectingWatch::new(true, true);
        for now in (0..60_000).step_by(100) {
            assert_eq!(watch.look(ms(now), answered(10), &refused(now.max(20))), None);
        }
    }

    #[test]
    fn a_target_is_unreachable_once_every_client_has_tried() {
        let mut watch = watch();
        let seen = |unopened| Seen { unopened, ..refused(1) };
        for unopened in 1..4 {
            assert_eq!(watch.look(ms(5), NOTHING, &seen(unopened)), None);
        }
        let unreachable = StopReason::Unreachable("connect: connection refused".to_owned());
        assert_eq!(watch.look(ms(5), NOTHING, &seen(4)), Some(unreachable.clone()));
        // Or for a second, where some of them are left hanging.
        let mut watch = self::watch();
        assert_eq!(watch.look(ms(900), NOTHING, &seen(1)), None);
        assert_eq!(watch.look(ms(1001), NOTHING, &seen(1)), Some(unreachable));
        // One connection is enough for it to be there.
        let reading = Reading { opened_ns: 1, ..NOTHING };
        assert_eq!(self::watch().look(ms(5), reading, &seen(9)), None);
    }

    #[test]
    fn a_shortage_of_ours_is_no_death_of_the_targets() {
        let seen = |at_ms| Seen {
            unopened: 9,
            last_unopened: Some(Shortage::Ports.to_string()),
            short: Some((ms(at_ms), Shortage::Ports)),
            ..Seen::default()
        };
        for opened_ns in [0, 1] {
            let mut watch = watch();
            let reading = Reading { opened_ns, ..NOTHING };
            assert_eq!(watch.look(ms(10), reading, &seen(10)), None);
            let expected = Some(StopReason::Short(Shortage::Ports));
            assert_eq!(watch.look(ms(1010), reading, &seen(1000)), expected);
        }
        // While others are answered, it passes.
        let mut watch = watch();
        for now in (10..60_000).step_by(100) {
            assert_eq!(watch.look(ms(now), answered(now), &seen(now - 5)), None);
        }
    }

    /// A queue that is full takes no connection and refuses none.
    #[test]
    fn a_target_that_lets_nobody_in_is_dead_once_half_of_the_clients_have_given_up() {
        let mut watch = watch();
        let error = "connect: timeout".to_owned();
        let seen = |given_up| Seen {
            unopened: given_up,
            last_unopened: Some(error.clone()),
            given_up,
            ..Seen::default()
        };
        // As long as others are answered, they are unlucky.
        for second in 1..100 {
            let now = second * 1000;
            assert_eq!(watch.look(ms(now), answered(now - 10), &seen(second)), None);
        }
        assert_eq!(watch.look(ms(130_000), answered(100_000), &seen(99)), None);
        assert_eq!(watch.look(ms(131_000), answered(100_000), &seen(100)), None);
        let dead = Some(StopReason::Dead(error.clone()));
        assert_eq!(watch.look(ms(131_100), answered(100_000), &seen(101)), dead);
        // Where little time is given for a connection, it is not dead as soon as that is over.
        let mut watch = self::watch();
        assert_eq!(watch.look(ms(5000), answered(5000), &seen(101)), None);
        assert_eq!(watch.look(ms(5050), answered(5000), &seen(105)), None);
        assert_eq!(watch.look(ms(6000), answered(5000), &seen(105)), dead);
    }

    #[test]
    fn a_connection_that_breaks_when_it_is_new_ends_the_run_unless_that_is_survived() {
        let seen = Seen { broken_when_new: Some("receive: x".to_owned()), ..Seen::default() };
        let broken = StopReason::BrokenConnection("receive: x".to_owned());
        assert_eq!(watch().look(ms(5), answered(4), &seen), Some(broken));
        assert_eq!(ConnectingWatch::new(true, false).look(ms(5), answered(4), &seen), None);
    }
}
