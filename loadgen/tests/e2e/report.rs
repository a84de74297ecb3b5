//! The JSON report of a run, and what holds of every one.

use serde_json::Value;

use crate::program::{Ended, loadgen};

pub(crate) struct Report {
    pub(crate) ended: Ended,
    pub(crate) json: Value,
}

/// How the requests of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Requests {
    pub(crate) sent: u64,
    pub(crate) ok: u64,
    pub(crate) fail: u64,
    pub(crate) unknown: u64,
}

/// Runs the program to its end, which has to be `code`, for its report.
#[track_caller]
pub(crate) fn report(code: i32, arguments: &[&str]) -> Report {
    let arguments = [&["-q", "--output", "-"], arguments].concat();
    Report::of(loadgen(&arguments).exited(code))
}

impl Report {
    /// The report that a run has written, which did so to its standard output.
    #[track_caller]
    pub(crate) fn of(ended: Ended) -> Self {
        let json = ended.json();
        let report = Self { ended, json };
        report.is_sound();
        report
    }

    pub(crate) fn requests(&self) -> Requests {
        let count = |key: &str| self.count(&format!("/requests/{key}"));
        Requests {
            sent: count("sent"),
            ok: count("ok"),
            fail: count("fail"),
            unknown: count("unknown"),
        }
    }

    #[track_caller]
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {:#}", self.json))
    }

    #[track_caller]
    pub(crate) fn count(&self, pointer: &str) -> u64 {
        self.at(pointer).as_u64().unwrap_or_else(|| panic!("{pointer} is no count"))
    }

    /// How often the error of this name happened.
    pub(crate) fn error(&self, name: &str) -> u64 {
        self.at("/requests/errors").get(name).map_or(0, |count| count.as_u64().unwrap())
    }

    pub(crate) fn status(&self, status: u16) -> u64 {
        let counts = self.at("/requests/status");
        counts.get(status.to_string()).map_or(0, |count| count.as_u64().unwrap())
    }

    /// Every request has one outcome, nothing is claimed of what is not there, and time is time.
    #[track_caller]
    fn is_sound(&self) {
        let Requests { sent, ok, fail, unknown } = self.requests();
        assert_eq!(sent, ok + fail + unknown, "{:#}", self.json);
        let sum = |pointer: &str| -> u64 {
            self.at(pointer)
                .as_object()
                .unwrap()
                .values()
                .map(|count| count.as_u64().unwrap())
                .sum()
        };
        let errors = sum("/requests/errors");
        assert_eq!(sent, sum("/requests/status") + errors, "{:#}", self.json);
        assert_eq!(errors, sum("/requests/error_groups"), "{:#}", self.json);
        assert_eq!(self.at("/throughput/requests_per_s").is_null(), ok == 0, "{:#}", self.json);
        assert_eq!(self.at("/latency_us").is_null(), ok == 0, "{:#}", self.json);
        self.has_an_example_of_each_error();
        self.is_sound_beneath(ok);
        let elapsed_s = self.at("/elapsed_s").as_f64().unwrap();
        assert!(elapsed_s <= self.ended.took.as_secs_f64(), "longer than the program itself");
    }

    /// And of nothing else.
    #[track_caller]
    fn has_an_example_of_each_error(&self) {
        let names = |pointer: &str| -> Vec<_> {
            self.at(pointer).as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(names("/error_examples"), names("/requests/errors"), "{:#}", self.json);
        for example in self.at("/error_examples").as_object().unwrap().values() {
            assert!(example["at_s"].is_f64() && example["took_s"].is_f64(), "{example}");
            assert!(example["step"].as_str().unwrap().contains(" /"), "{example}");
        }
    }

    /// What is known of phases, addresses and threads.
    #[track_caller]
    fn is_sound_beneath(&self, ok: u64) {
        for phase in ["first_byte", "body"] {
            let phase = self.at(&format!("/phases_us/{phase}"));
            assert_eq!(phase["count"].as_u64().unwrap_or(0), ok, "{phase}");
        }
        assert!(self.count("/phases_us/resolve/count") >= 1, "{:#}", self.json);
        let addresses = self.at("/addresses").as_array().into_iter().flatten();
        let requests: u64 = addresses.map(|one| one["requests"].as_u64().unwrap()).sum();
        let begun = self.requests().sent + self.count("/requests/warm_up");
        assert!(requests <= begun, "{:#}", self.json);
        for share in ["threads_busy", "busiest_thread"] {
            let share = self.at(&format!("/generator/{share}")).as_f64().unwrap();
            assert!((0.0..=1.0).contains(&share), "{:#}", self.json);
        }
    }
}
