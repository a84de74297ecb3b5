//! The shop, as `scripts/services` starts it, and runs of scenarios against it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{Ended, Process, command};
use crate::report::Report;
use crate::services::Services;

/// Where the scenarios are.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scenarios")
}

/// The file of the scenario called `name`.
pub(super) fn file(name: &str) -> String {
    folder().join(format!("{name}.yaml")).to_str().unwrap().to_owned()
}

/// The shop and its database; dropped, they end.
pub(super) struct Shop(Services);

/// What the tables say of one thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Truth {
    /// How many of it are wrong.
    pub(super) wrong: u64,
    /// How often it was done.
    pub(super) done: u64,
}

/// What everybody logs in with.
pub(super) const PASSWORD: &str = "sesame";

/// Runs `loadgen run` with these arguments to its end, where the shop's password is known.
pub(super) fn run(arguments: &[&str]) -> Ended {
    let mut command = command(&[&["run"], arguments].concat());
    command.env("SHOP_PASSWORD", PASSWORD);
    Process::spawn(command).end()
}

impl Shop {
    /// `None` where something for it is not installed, which has been said.
    pub(super) fn open() -> Option<Self> {
        Services::start(&["postgres", "shop"]).map(Self)
    }

    pub(super) fn url(&self) -> String {
        self.0.url("shop", "")
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.url()["http://".len()..].parse().unwrap()
    }

    /// Runs a scenario against tables that are made anew.
    pub(super) fn run(&self, name: &str, way: &str) -> (Report, Truth) {
        self.reset(way);
        let set = format!("way={way}");
        let ended = run(&[&file(name), &self.url(), "--set", &set, "-q", "--output", "-"]);
        (Report::of(ended), self.truth(name, way))
    }

    pub(super) fn reset(&self, way: &str) {
        self.ask("POST", &format!("/{way}/reset"));
    }

    pub(super) fn truth(&self, name: &str, way: &str) -> Truth {
        let truth = self.ask("GET", &format!("/{way}/truth?of={name}"));
        let count = |name: &str| truth[name].as_u64().unwrap();
        Truth { wrong: count("wrong"), done: count("done") }
    }

    /// What the shop answers, which is a success.
    fn ask(&self, method: &str, path: &str) -> Value {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{method} {path}: {answer}");
        let (_, content) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(content).unwrap()
    }
}

impl Report {
    /// Fails the test unless this is the verdict, and the program exited with `code`.
    #[track_caller]
    pub(super) fn says(&self, verdict: &str, code: i32) {
        let found = (self.at("/correctness/verdict"), self.ended.code());
        assert_eq!(found, (&verdict.into(), code), "{:#}", self.at("/correctness"));
    }
}
