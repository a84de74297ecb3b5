//! One run against a service behind the proxy, and what is really true of it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use fastrand::Rng;
use loadgen::cli::{self, Command, Runs};
use loadgen::{Report, RunError, Signal};
use store::{RaceWindow, Settings, Specimen};
use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use super::fault::Fault;
use super::proxy::{self, Proxy, fetch};
use super::service::Service;

/// What a run is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Every answer.
    History,
    /// What was acknowledged and the state, with a model.
    Totals,
    /// The same without a model.
    State,
}

/// A run to be made.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) seed: u64,
    pub(super) service: &'static Service,
    pub(super) specimen: Specimen,
    pub(super) by: By,
    pub(super) is_exclusive: bool,
    pub(super) faults: Vec<Fault>,
    pub(super) rarity: u32,
    /// One update in so many is acknowledged and then forgotten; 0 for none.
    pub(super) forgets: u32,
    /// How long a client waits for an answer.
    pub(super) timeout: Duration,
    /// Whether a cache answers the reads of the state.
    pub(super) caches: bool,
    /// The share of the requests that read, as an option has it.
    pub(super) reads: Option<&'static str>,
    /// The rate of an open loop, as an option has it.
    pub(super) rate: Option<&'static str>,
}

/// How many requests a run has.
const REQUESTS: u64 = 60;

/// A run that was made.
pub(super) struct Run {
    pub(super) report: Report,
    pub(super) injected: BTreeMap<Fault, u64>,
    pub(super) truth: Truth,
}

/// What really happened behind the proxy.
#[derive(Debug)]
pub(super) struct Truth {
    /// Updates that the service acknowledged.
    pub(super) applied: u64,
    /// Those that were forgotten at once.
    pub(super) forgotten: u64,
    /// The numbers in the state when all was over.
    pub(super) state: Vec<i64>,
    /// Whether nothing was in flight any more when the state was read for the report.
    pub(super) is_final: bool,
}

impl Case {
    /// Makes the run. On a machine so busy that not even the read before the load comes through, it
    /// is tried again.
    pub(super) fn run(&self) -> Run {
        const TRIES: usize = 20;
        let mut tries = (0..TRIES).map(|_| self.try_to_run());
        let run = tries.find_map(Result::ok);
        run.unwrap_or_else(|| panic!("{self:?}: the state could not be read in {TRIES} tries"))
    }

    fn try_to_run(&self) -> Result<Run, RunError> {
        // The server has threads of its own: a race takes two.
        let threads =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let threads = threads.unwrap();
        let listener = threads.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let upstream = listener.local_addr().unwrap();
        let race_window = RaceWindow::Wait(Duration::from_micros(300));
        let settings = Settings { race_window, ..(self.specimen.workload.defaults)() };
        let app = server::app(&server::Service::new(self.specimen, &settings));
        threads.spawn(server::serve(listener, app, std::future::pending()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let result = LocalSet::new().block_on(&runtime, self.load(upstream));
        threads.shutdown_background();
        result
    }

    async fn load(&self, upstream: SocketAddr) -> Result<Run, RunError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let Self { service, rarity, forgets, timeout, caches, .. } = *self;
        let faults = self.faults.clone();
        // The state is read twice before the load.
        let spared = 2;
        let plan =
            proxy::Plan { service, upstream, faults, spared, rarity, forgets, timeout, caches };
        let proxy = Rc::new(Proxy::new(plan, self.seed << 20));
        spawn_local(Rc::clone(&proxy).serve(listener));

        let arguments = self.arguments(address);
        let Ok(Command::Load(session)) = cli::parse(arguments.iter().map(OsString::from)) else {
            panic!("{arguments:?} is a load")
        };
        let Runs::Url(plan) = session.runs else { panic!("{arguments:?} has a URL") };
        let report = loadgen::run(&plan, &Signal::new(), &mut |_| {}).await?;
        self.assert_accounted(&report);
        let is_final = proxy.in_flight.get() == 0;
        while proxy.in_flight.get() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
        let truth = Truth {
            applied: proxy.applied.get(),
            forgotten: proxy.forgotten.get(),
            state: state(service, upstream).await,
            is_final,
        };
        let injected = proxy.injected.borrow().clone();
        Ok(Run { report, injected, truth })
    }

    /// Whatever went wrong, every request has one outcome or was dropped.
    fn assert_accounted(&self, report: &Report) {
        let requests = &report.requests;
        let dropped = report.schedule.as_ref().map_or(0, |schedule| schedule.dropped);
        let outcomes = requests.ok + requests.fail + requests.unknown;
        assert_eq!(outcomes, requests.sent, "{self:?}");
        let is_whole = report.partial.is_some() || outcomes + dropped == REQUESTS;
        assert!(is_whole && outcomes + dropped <= REQUESTS, "{self:?}: {requests:?} {dropped}");
    }

    fn arguments(&self, address: SocketAddr) -> Vec<String> {
        let Self { service, by, .. } = *self;
        let mut rng = Rng::with_seed(self.seed);
        let concurrency = rng.usize(2..16);
        let ((request, query), read) = (service.update, service.read);
        let (method, path) = request.split_once(' ').unwrap();
        let settle = if self.caches { "200ms" } else { "0" };
        // That many connections may all be spoilt at once: none of it is a stall.
        let mut line = format!(
            "loadgen -n {REQUESTS} -c {concurrency} --threads 2 -s {}ms --stall 1h -r --settle {settle} \
             --read {read} -m {method}",
            self.timeout.as_millis(),
        );
        match by {
            By::State if query.contains("{value}") => line.push_str(" --writes"),
            By::State => {}
            By::History | By::Totals => line.extend([" --model ", service.model]),
        }
        if by == By::Totals {
            line.push_str(" --history-limit 0");
        }
        if self.is_exclusive {
            line.push_str(" --exclusive");
        }
        if let Some(share) = self.reads {
            line.extend([" --reads ", share]);
        }
        if let Some(rate) = self.rate {
            line.extend([" --rate ", rate]);
        }
        let mut arguments: Vec<_> = line.split(' ').map(str::to_owned).collect();
        arguments.extend(["-H", "Accept: application/json"].map(str::to_owned));
        let result_needs_a_model = by == By::State && service.options.contains(&"--result");
        if !result_needs_a_model {
            arguments.extend(service.options.iter().map(|option| (*option).to_owned()));
        }
        arguments.push(format!("http://{address}{path}{query}"));
        arguments
    }
}

/// The numbers in the state of `service`, asked for without the proxy.
async fn state(service: &Service, upstream: SocketAddr) -> Vec<i64> {
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\naccept: application/json\r\nconnection: close\r\n\r\n",
        service.read
    );
    let answer = fetch(upstream, request.as_bytes()).await.unwrap();
    let content = super::answer::Answer::parse(&answer).content;
    let document: serde_json::Value = serde_json::from_slice(&content).unwrap();
    let members = document.as_object().unwrap().values();
    let numbers = members.flat_map(|member| match member.as_array() {
        Some(numbers) => numbers.clone(),
        None => vec![member.clone()],
    });
    numbers.filter_map(|number| number.as_i64()).collect()
}
