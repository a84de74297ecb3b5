//! What is drawn of runs that are made up second by second.

use std::collections::BTreeMap;
use std::ffi::OsString;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

use super::*;
use crate::cli::{self, Command, Runs};
use crate::record::{Series, Snapshot};
use crate::run::Moment;
use crate::subject::{Finding, Provoked};

/// A run that is watched.
struct Watched {
    model: Model,
    plan: Plan,
    so_far: Snapshot,
    series: Series,
    now: Duration,
    messages: Vec<String>,
}

impl Watched {
    fn new(arguments: &[&str]) -> Self {
        let arguments = [&["loadgen"], arguments].concat();
        let plan = match cli::parse(arguments.iter().map(OsString::from)).unwrap() {
            Command::Load(session) => match session.runs {
                Runs::Url(plan) | Runs::Repeated(plan, _) => plan,
                Runs::Specimens(mut plans) => plans.remove(0).1,
            },
            other => panic!("{other:?}"),
        };
        Self {
            model: Model::new(&plan, ""),
            plan,
            so_far: Snapshot::default(),
            series: Series::default(),
            now: Duration::ZERO,
            messages: Vec::new(),
        }
    }

    fn observe(&mut self, observed: Observed<'_>) {
        self.model.observe(observed, self.now);
    }

    /// A second in which requests are ok that took so long, and others end as `amiss` says.
    fn second(&mut self, times_us: impl IntoIterator<Item = u64>, amiss: impl Fn(&mut Snapshot)) {
        if self.now.is_zero() {
            self.observe(Observed::Ended(0));
        }
        self.now += Duration::from_secs(1);
        let begin = self.so_far.clone();
        for us in times_us {
            self.so_far.latency.record(Duration::from_micros(us));
            self.so_far.counts.outcomes.ok += 1;
            self.so_far.acknowledged += 1;
        }
        self.so_far.in_flight = 200;
        amiss(&mut self.so_far);
        let outcomes = self.so_far.counts.outcomes;
        let mut statuses = BTreeMap::from([(200, outcomes.ok)]);
        statuses.extend((outcomes.fail > 0).then_some((503, outcomes.fail)));
        self.so_far.counts.statuses = statuses.try_into().unwrap();
        let mut dropped =
            BTreeMap::from([(self.now.as_secs() - 1, self.so_far.dropped - begin.dropped)]);
        self.series.push(&begin, &self.so_far, &mut dropped);
        let moment = Moment {
            over: self.now.as_secs(),
            second: self.series.seconds().last().unwrap(),
            so_far: &self.so_far,
            scenario: &self.plan.scenario,
            elapsed: self.now,
            rate: self.plan.load.shape.rate_at(self.now),
        };
        self.model.observe(Observed::Second(&moment), self.now);
        self.observe(Observed::Ended(outcomes.sum()));
    }

    fn drawn(&self, (columns, rows): (u16, u16), has_colors: bool) -> Buffer {
        let view = View {
            model: &self.model,
            now: self.now,
            messages: self.messages.clone(),
            takes_keys: true,
            theme: Theme { has_colors },
        };
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| frame.render_widget(&view, frame.area())).unwrap();
        terminal.backend().buffer().clone()
    }

    fn text(&self, size: (u16, u16)) -> String {
        text(&self.drawn(size, true))
    }
}

fn text(buffer: &Buffer) -> String {
    let line = |row: u16| {
        let cells = (0..buffer.area.width).map(|column| buffer[(column, row)].symbol());
        cells.collect::<String>().trim_end().to_owned() + "\n"
    };
    (0..buffer.area.height).map(line).collect()
}

/// Latencies in two heaps, the same each time.
fn times_us(count: u64, slow: u64) -> impl Iterator<Item = u64> {
    let quick = (0..count).map(|number| 300 + number * 7919 % 900);
    quick.chain((0..slow).map(|number| 8000 + number * 104_729 % 30_000))
}

/// A closed loop, of which all is well.
fn well() -> Watched {
    let mut watched = Watched::new(&["--duration", "30s", "-c", "200", "http://host:8000/inc?a=b"]);
    for second in 0..12 {
        watched.second(times_us(1000 + 100 * (second % 5), 20), |_| {});
    }
    watched.now += Duration::from_millis(300);
    watched
}

/// An open loop that has all there is to show.
fn amiss() -> Watched {
    let mut watched = Watched::new(&[
        "--rate",
        "1000/s",
        "--duration",
        "2m",
        "-c",
        "200",
        "--threshold",
        "p(99)<1s",
        "--threshold",
        "max<1ms",
        "--threshold",
        "error_rate<50%",
        "--threshold",
        "lost==0",
        "--read",
        "/count",
        "http://host:8000/inc?token=T0P&b=\u{202e}c",
    ]);
    for second in 0..90 {
        let is_bad = second % 10 == 7;
        watched.second(times_us(if is_bad { 400 } else { 950 }, 40), |so_far| {
            if is_bad {
                so_far.counts.outcomes.fail += 3;
                so_far.counts.outcomes.unknown += 2;
                let failures = &mut so_far.counts.failures;
                *failures.entry("connection reset by peer".into()).or_default() += 2;
                so_far.dropped += 550;
            }
        });
    }
    watched.messages = vec!["loadgen: the target answers again after 2.3 s".into()];
    watched.messages.extend((1..=9).map(|number| format!("server: line {number}")));
    let finding = |kind, count, line: &str, provoked| {
        let (line, detail) = (line.to_owned(), Vec::new());
        Finding { kind, count, line, detail, provoked }
    };
    watched.observe(Observed::Said(&[
        finding("go-panic", 1234, "http: panic serving 127.0.0.1:40000: \x1b[2Joh", None),
        finding("go-race", 1, "WARNING: DATA RACE", None),
        finding("go-panic", 7, "http: panic serving: broken pipe", Some(Provoked::HangUp)),
    ]));
    let silent_for = Duration::from_millis(2300);
    watched.observe(Observed::Recovered { silent_for });
    watched.observe(Observed::Stalled { silent_for, in_flight: 200, others_answered: false });
    watched
}

#[test]
fn a_run_of_which_all_is_well() {
    insta::assert_snapshot!("well_60x20", well().text((60, 20)));
    insta::assert_snapshot!("well_100x30", well().text((100, 30)));
}

#[test]
fn a_run_in_which_everything_goes_wrong() {
    insta::assert_snapshot!("amiss_60x20", amiss().text((60, 20)));
    insta::assert_snapshot!("amiss_100x30", amiss().text((100, 30)));
}

#[test]
fn before_its_load_and_behind_it_a_run_says_so() {
    let mut watched = Watched::new(&["-n", "200", "http://host/"]);
    insta::assert_snapshot!("before_60x20", watched.text((60, 20)));
    watched.second(times_us(150, 0), |_| {});
    assert!(watched.text((60, 20)).contains(" 0:01, 0:00 left\n"), "{}", watched.text((60, 20)));
    watched.observe(Observed::Over);
    watched.now += Duration::from_secs(20);
    assert!(watched.text((60, 20)).contains(" 0:01, over: judging\n"));
}

#[test]
fn without_colours_it_says_the_same() {
    for size in [(60, 20), (100, 30)] {
        let watched = amiss();
        let (plain, colored) = (watched.drawn(size, false), watched.drawn(size, true));
        assert_eq!(text(&plain), text(&colored));
        let is_plain = |buffer: &Buffer| {
            let mut colors = buffer.content().iter().flat_map(|cell| [cell.fg, cell.bg]);
            colors.all(|color| color == Color::Reset)
        };
        assert!(is_plain(&plain) && !is_plain(&colored));
    }
}

#[test]
fn what_comes_from_outside_is_masked_and_harmless() {
    let text = amiss().text((300, 60));
    assert!(!text.contains("T0P"), "{text}");
    assert!(text.contains("http://host:8000/inc?token=***&b=%E2%80%AEc"), "{text}");
    assert!(text.contains("127.0.0.1:40000: \\u{1b}[2Joh"), "{text}");
    assert!(!text.contains("broken pipe"), "it was provoked: {text}");
}

#[test]
fn what_is_left_follows_from_the_number_or_the_time() {
    let mut watched = Watched::new(&["-n", "1000", "-c", "10", "http://host/"]);
    assert_eq!(
        (watched.model.share(watched.now), watched.model.left(watched.now)),
        (Some(0.0), None)
    );
    watched.second(times_us(250, 0), |_| {});
    assert_eq!(watched.model.share(watched.now), Some(0.25));
    assert_eq!(watched.model.left(watched.now), Some(Duration::from_secs(3)));
    watched.second(times_us(250, 0), |_| {});
    assert_eq!(watched.model.left(watched.now), Some(Duration::from_secs(2)));

    // Whichever comes first.
    let both = ["-n", "1000000", "--duration", "10s", "http://host/"];
    let mut watched = Watched::new(&both);
    watched.second(times_us(250, 0), |_| {});
    assert_eq!(watched.model.left(watched.now), Some(Duration::from_secs(9)));
    assert_eq!(watched.model.share(watched.now), Some(0.1));
}

#[test]
fn a_server_of_our_own_is_called_so() {
    let watched = Watched::new(&["--mode", "racy"]);
    assert_eq!(watched.model.target, "loadgen's own server");
}

#[test]
fn a_key_of_another_kind_is_no_q() {
    assert!([&b"q"[..], b"Q", b"xq"].into_iter().all(asks_to_end));
    assert!(![&b"x"[..], b"\x1bOq", b"\x1bq"].into_iter().any(asks_to_end));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_is_drawn_in_whatever_room_there_is(columns in 0..130_u16, rows in 0..50_u16) {
        for watched in [well(), amiss()] {
            watched.drawn((columns, rows), true);
        }
    }
}
