//! The scenarios against the correct shop, behind a proxy that spoils answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use super::shop::{self, Shop};
use super::{ALL, Ready};
use crate::faults::fault::{self, Fault};
use crate::faults::proxy::{Plan, Proxy};
use crate::faults::service::{COUNTER, Service};
use crate::program::until_seen;
use crate::report::Report;

/// Whose answers are spoilt: 409 means something, and is the shop's alone.
static SHOP: Service = Service { name: "shop", declared: Some(409), ..COUNTER };

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// What came of the injected faults.
type Injected = BTreeMap<Fault, u64>;

/// A proxy before the shop, on a thread of its own.
struct Spoilt {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Injected>,
}

impl Spoilt {
    fn before(upstream: SocketAddr, seed: u64, faults: Vec<Fault>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (says, said) = std::sync::mpsc::channel();
        let plan = Plan {
            service: &SHOP,
            upstream,
            faults,
            // Two reads, and a login of each client.
            spared: 2 + CLIENTS,
            rarity: 8,
            forgets: 0,
            timeout: PATIENCE,
            caches: false,
        };
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            LocalSet::new().block_on(&runtime.unwrap(), async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                says.send(listener.local_addr().unwrap()).unwrap();
                let proxy = Rc::new(Proxy::new(plan, seed << 20));
                tokio::select! {
                    () = Rc::clone(&proxy).serve(listener) => {}
                    _ = stopped => {}
                }
                proxy.injected.take()
            })
        });
        Self { address: said.recv().unwrap(), stop, thread }
    }

    /// Ends it.
    fn end(self) -> Injected {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap()
    }
}

const CLIENTS: u64 = 9;

/// How many runs of each scenario are tried; `LOADGEN_SCENARIO_RUNS` says otherwise.
const RUNS: u64 = 3;

fn runs() -> u64 {
    std::env::var("LOADGEN_SCENARIO_RUNS").map_or(RUNS, |runs| runs.parse().unwrap())
}

/// Whether `fault` leaves a correct service correct, as clients of this scenario see it.
fn is_possible(name: &str, fault: Fault) -> bool {
    match fault {
        // Nobody else is to send anything, as every file says.
        Fault::Repeated => false,
        // It says that there is no job.
        Fault::NoContent => name != "jobs",
        _ => true,
    }
}

#[test]
fn what_is_correct_is_never_called_invalid_behind_a_faulty_proxy() {
    let Some(shop) = Shop::open() else { return };
    let (mut injected, mut seed) = (Injected::new(), 0);
    for Ready { name, .. } in ALL {
        for _ in 0..runs() {
            seed += 1;
            let (report, came) = run(&shop, name, seed);
            assert_ne!(
                report.at("/correctness/verdict"),
                "invalid",
                "{name}, seed {seed}: {:#}",
                report.json
            );
            for (fault, count) in came {
                *injected.entry(fault).or_default() += count;
            }
        }
    }
    let missing = |fault: &Fault| !injected.contains_key(fault) && *fault != Fault::Repeated;
    let missing: Vec<_> = fault::ALL.into_iter().filter(missing).collect();
    assert!(missing.is_empty(), "never injected: {missing:?}");
}

/// The report of a run, and what was injected. On a busy machine one may not begin; each has a proxy of
/// its own, which spares what comes before the load.
fn run(shop: &Shop, name: &str, seed: u64) -> (Report, Injected) {
    let clients = CLIENTS.to_string();
    let patience = format!("{}ms", PATIENCE.as_millis());
    let load =
        ["-n", "150", "-c", &clients, "-s", &patience, "--stall", "1h", "-r", "--settle", "0"];
    let ended = || {
        let faults = fault::ALL.into_iter().filter(|fault| is_possible(name, *fault)).collect();
        let proxy = Spoilt::before(shop.address(), seed, faults);
        shop.reset("correct");
        let url = format!("http://{}", proxy.address);
        let ended =
            shop::run(&[&[&shop::file(name), &url, "-q", "--output", "-"], &load[..]].concat());
        (ended, proxy.end())
    };
    let (ended, injected) = until_seen(5, ended, |(ended, _)| !ended.stdout.is_empty(), name);
    (Report::of(ended), injected)
}
