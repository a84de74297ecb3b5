//! The services behind the proxy, and what their requests mean.

use store::Workload;

use super::answer::Answer;

/// Requests to a workload of our server, and what they mean.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) model: &'static str,
    /// The method and path of an update, and what stands behind it.
    pub(crate) update: (&'static str, &'static str),
    pub(crate) read: &'static str,
    /// What else the model needs.
    pub(crate) options: &'static [&'static str],
    /// The status whose meaning the options declare.
    pub(crate) declared: Option<u16>,
    /// What the proxy makes of the server's answer.
    pub(crate) translate: fn(Answer) -> Answer,
    /// Whether the totals show a loss by themselves, with this model.
    pub(crate) has_totals: bool,
    /// Whether a number tells the state, which the default model of `--read` alone then counts.
    pub(crate) is_counted: bool,
}

/// How many seats there are.
pub(crate) const SEATS: i64 = 20;

pub(crate) const COUNTER: Service = Service {
    name: "counter",
    workload: "counter",
    model: "counter",
    update: ("GET /inc", "?name=i"),
    read: "/get?name=i",
    options: &[],
    declared: None,
    translate: |answer| answer,
    has_totals: true,
    is_counted: true,
};

const BOOKING: Service = Service {
    name: "bounded",
    workload: "booking",
    model: "bounded:20",
    update: ("POST /book", ""),
    read: "/seats",
    is_counted: false,
    ..COUNTER
};

const JOBS: Service = Service {
    name: "set",
    workload: "jobs",
    model: "set",
    update: ("POST /jobs", "?id={value}"),
    read: "/jobs",
    options: &["--extract", "json:/ids"],
    is_counted: false,
    ..COUNTER
};

pub(crate) static SERVICES: [Service; 8] = [
    COUNTER,
    Service { name: "fetch-and-add", model: "fetch-and-add", ..COUNTER },
    Service {
        name: "register",
        model: "register",
        update: ("GET /set", "?name=i&val={value}"),
        has_totals: false,
        is_counted: false,
        ..COUNTER
    },
    BOOKING,
    Service {
        name: "bounded, 409 declared",
        options: &["--answers", "409=refused"],
        declared: Some(409),
        ..BOOKING
    },
    Service {
        name: "bounded, with results",
        options: &["--result", "json:/taken"],
        translate: in_words_of_a_result,
        has_totals: false,
        ..BOOKING
    },
    JOBS,
    Service {
        name: "set, ids of the service",
        update: ("POST /jobs", ""),
        options: &["--extract", "json:/ids", "--result", "json:/id"],
        has_totals: false,
        ..JOBS
    },
];

impl Service {
    pub(crate) fn named(name: &str) -> &'static Self {
        SERVICES.iter().find(|service| service.name == name).unwrap()
    }

    pub(crate) fn workload(&self) -> &'static Workload {
        Workload::named(self.workload).unwrap()
    }

    /// Whether these bytes are an update, and not a read.
    pub(crate) fn is_update(&self, request: &[u8]) -> bool {
        request.starts_with(self.update.0.as_bytes())
    }
}

/// A sale, and the answer that there is nothing left, as a service says it whose every answer is 200.
fn in_words_of_a_result(answer: Answer) -> Answer {
    match (answer.status, answer.content.starts_with(b"{\"booked\"")) {
        (200, true) => answer.with_content(r#"{"taken":1}"#),
        (409, _) => answer.with_status(200).with_content(r#"{"taken":0}"#),
        _ => answer,
    }
}
