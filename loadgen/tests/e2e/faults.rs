//! A proxy that spoils answers: whatever it does, a correct counter is never called invalid.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use check::Verdict;
use fastrand::Rng;
use loadgen::cli::{self, Command, Runs};
use loadgen::{Report, RunError, Signal};
use nix::libc::linger;
use nix::sys::socket::{setsockopt, sockopt};
use store::{Expectation, Specimen};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use crate::counter::{counter, service, specimen};

/// What the proxy does with a request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// The connection is reset, and the counter sees nothing.
    ResetBefore,
    /// The counter increments, and the connection is reset.
    ResetAfter,
    /// The counter increments, and the connection is closed.
    Close,
    /// Half of the answer, then the end.
    Half,
    /// The answer, and the answer once more.
    Twice,
    /// The counter increments, and nobody ever says so.
    Stall,
    /// The counter increments long after the client has given up.
    Late,
    /// The answer in two pieces, some time apart.
    Slow,
}

const FAULTS: [Fault; 8] = [
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::Close,
    Fault::Half,
    Fault::Twice,
    Fault::Stall,
    Fault::Late,
    Fault::Slow,
];

const TIMEOUT: Duration = Duration::from_millis(60);

/// A proxy before the server at `upstream`, where one request in `rarity` is spoilt.
struct Proxy {
    upstream: SocketAddr,
    seed: AtomicU64,
    rarity: u32,
    /// Whether the state was read before the load, which has to get through for there to be a run.
    has_begun: AtomicBool,
    injected: Mutex<BTreeMap<Fault, u64>>,
}

impl Proxy {
    async fn serve(self: Rc<Self>, listener: TcpListener) {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let proxy = Rc::clone(&self);
            spawn_local(async move {
                let mut rng = Rng::with_seed(proxy.seed.fetch_add(1, Ordering::Relaxed));
                // A client that is gone has heard enough.
                let _ = proxy.relay(client, &mut rng).await;
            });
        }
    }

    async fn relay(&self, mut client: TcpStream, rng: &mut Rng) -> io::Result<()> {
        loop {
            let request = read_message(&mut client).await?;
            if request.is_empty() {
                return Ok(());
            }
            let is_load = self.has_begun.swap(true, Ordering::Relaxed);
            if !is_load || rng.u32(0..self.rarity) > 0 {
                let answer = self.ask(&request).await?;
                client.write_all(&answer).await?;
                continue;
            }
            let fault = FAULTS[rng.usize(0..FAULTS.len())];
            *self.injected.lock().unwrap().entry(fault).or_default() += 1;
            match fault {
                Fault::ResetBefore => return reset(&client),
                Fault::ResetAfter => {
                    self.ask(&request).await?;
                    return reset(&client);
                }
                Fault::Close => return self.ask(&request).await.map(drop),
                Fault::Half => {
                    let answer = self.ask(&request).await?;
                    return client.write_all(&answer[..rng.usize(0..answer.len())]).await;
                }
                Fault::Twice => {
                    let answer = self.ask(&request).await?;
                    client.write_all(&[&answer[..], &answer].concat()).await?;
                }
                Fault::Stall => {
                    self.ask(&request).await?;
                    sleep(TIMEOUT * 3).await;
                    return Ok(());
                }
                Fault::Late => {
                    sleep(TIMEOUT * 2).await;
                    return self.ask(&request).await.map(drop);
                }
                Fault::Slow => {
                    let answer = self.ask(&request).await?;
                    let (one, two) = answer.split_at(rng.usize(0..answer.len()));
                    client.write_all(one).await?;
                    sleep(Duration::from_millis(5)).await;
                    client.write_all(two).await?;
                }
            }
        }
    }

    /// What the server answers.
    async fn ask(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        let mut server = TcpStream::connect(self.upstream).await?;
        server.write_all(request).await?;
        read_message(&mut server).await
    }
}

/// A head, and as much content as it announces; nothing where the stream has ended.
async fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.split("content-length: ").nth(1);
            let length = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Ok(bytes);
            }
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(Vec::new());
        }
    }
}

fn reset(client: &TcpStream) -> io::Result<()> {
    Ok(setsockopt(client, sockopt::Linger, &linger { l_onoff: 1, l_linger: 0 })?)
}

/// The report of a load on a counter behind a proxy, and what that did. On a machine so busy that
/// not even the read before the load comes through, it is tried once more.
fn run(specimen: Specimen, seed: u64) -> (Report, BTreeMap<Fault, u64>) {
    const TRIES: usize = 20;
    let mut tries = (0..TRIES).map(|_| try_to_run(specimen, seed));
    let run = tries.find_map(Result::ok);
    run.unwrap_or_else(|| panic!("seed {seed}: the state could not be read in {TRIES} tries"))
}

fn try_to_run(specimen: Specimen, seed: u64) -> Result<(Report, BTreeMap<Fault, u64>), RunError> {
    let mut rng = Rng::with_seed(seed);
    // The server has threads of its own: a race takes two.
    let threads =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let threads = threads.unwrap();
    let listener = threads.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let upstream = listener.local_addr().unwrap();
    let app = server::app(&service(specimen));
    threads.spawn(server::serve(listener, app, std::future::pending()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Rc::new(Proxy {
            upstream,
            seed: AtomicU64::new(seed << 20),
            rarity: rng.u32(4..40),
            has_begun: AtomicBool::new(false),
            injected: Mutex::default(),
        });
        spawn_local(Rc::clone(&proxy).serve(listener));

        let (model, reads) = (["counter", "fetch-and-add"], ["1%", "10%", "40%"]);
        let concurrency = rng.usize(2..30).to_string();
        let url = format!("http://{address}/inc?name=i");
        let timeout = format!("{}ms", TIMEOUT.as_millis());
        let arguments = [
            "loadgen",
            "-n",
            "100",
            "-c",
            &concurrency,
            "--threads",
            "2",
            "-s",
            &timeout,
            // That many connections may all be spoilt at once.
            "--stall",
            "1h",
            "-r",
            "-H",
            "Accept: application/json",
            "--read",
            "/get?name=i",
            "--model",
            model[rng.usize(0..2)],
            "--reads",
            reads[rng.usize(0..3)],
            &url,
        ];
        let Ok(Command::Load(session)) = cli::parse(arguments.map(OsString::from)) else {
            panic!("{arguments:?} is a load")
        };
        let Runs::Url(plan) = session.runs else { panic!("{arguments:?} has a URL") };
        let report = loadgen::run(&plan, &Signal::new(), &mut |_| {}).await?;
        let injected = proxy.injected.lock().unwrap().clone();
        Ok((report, injected))
    });
    threads.shutdown_background();
    result
}

/// How many runs are tried with correct modes; `LOADGEN_FAULT_RUNS` says otherwise.
const RUNS: u64 = 400;

#[test]
fn a_correct_counter_is_never_called_invalid() {
    let runs = std::env::var("LOADGEN_FAULT_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let correct: Vec<_> =
        counter().specimens().filter(|one| one.mode.expectation == Expectation::Correct).collect();
    let (next, unknown) = (AtomicU64::new(0), AtomicU64::new(0));
    let injected = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= runs {
                        return;
                    }
                    let specimen = correct[usize::try_from(seed).unwrap() % correct.len()];
                    let (report, faults) = run(specimen, seed);
                    let correctness = report.correctness.as_ref().unwrap();
                    assert!(
                        correctness.verdict != Verdict::Invalid,
                        "{}, seed {seed}, {faults:?}: {correctness:#?}",
                        specimen.mode.name
                    );
                    unknown.fetch_add(report.requests.unknown, Ordering::Relaxed);
                    let mut injected = injected.lock().unwrap();
                    for (fault, count) in faults {
                        *injected.entry(fault).or_insert(0) += count;
                    }
                }
            });
        }
    });
    let injected = injected.into_inner().unwrap();
    eprintln!("{runs} runs, {unknown:?} unknown outcomes, {injected:?}");
    assert!(FAULTS.iter().all(|fault| injected.contains_key(fault)), "{injected:?}");
    assert!(unknown.into_inner() > runs, "hardly anything went wrong");
}

/// The proxy does not hide a race either.
#[test]
fn a_race_is_found_behind_it_all_the_same() {
    const TRIES: u64 = 200;
    for name in ["racy", "load-store"] {
        let specimen = specimen(name);
        let is_invalid =
            |seed: &u64| run(specimen, *seed).0.correctness.unwrap().verdict == Verdict::Invalid;
        let found = (0..TRIES).find(is_invalid);
        assert!(found.is_some(), "{name}: not one of {TRIES} runs is invalid");
    }
}
