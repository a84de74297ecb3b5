//! A proxy that spoils answers.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use nix::libc::linger;
use nix::sys::socket::{setsockopt, sockopt};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::answer::Answer;
use super::fault::{FAILURES, Fault, REFUSALS};
use super::service::Service;

/// How long the cache keeps a state: far less than runs wait for it to settle.
const CACHED_FOR: Duration = Duration::from_millis(30);

/// What is done to the requests to a service.
pub(crate) struct Plan {
    pub(crate) service: &'static Service,
    pub(crate) upstream: SocketAddr,
    pub(crate) faults: Vec<Fault>,
    /// So many requests get through at first: without the reads before the load there is no run.
    pub(crate) spared: u64,
    /// One request in so many is spoilt.
    pub(crate) rarity: u32,
    /// One update in so many is acknowledged and then forgotten; 0 for none.
    pub(crate) forgets: u32,
    /// How long a client waits for an answer.
    pub(crate) timeout: Duration,
    /// Whether states are answered that are some time old.
    pub(crate) caches: bool,
}

/// A proxy before a service.
pub(crate) struct Proxy {
    plan: Plan,
    seed: Cell<u64>,
    /// How many requests came.
    requests: Cell<u64>,
    /// A state, and when it was asked for.
    cached: RefCell<Option<(Instant, Vec<u8>)>>,
    pub(crate) injected: RefCell<BTreeMap<Fault, u64>>,
    /// Updates that the service, or the proxy in its place, has acknowledged.
    pub(crate) applied: Cell<u64>,
    /// Those of them that nobody applied.
    pub(crate) forgotten: Cell<u64>,
    /// Requests that the service has not answered yet.
    pub(crate) in_flight: Cell<u64>,
}

/// What becomes of a connection.
enum Next {
    /// It is kept, and this is written once the next request has come.
    Keep(Vec<u8>),
    Close,
}

impl Proxy {
    pub(crate) fn new(plan: Plan, seed: u64) -> Self {
        Self {
            plan,
            seed: Cell::new(seed),
            requests: Cell::default(),
            cached: RefCell::default(),
            injected: RefCell::default(),
            applied: Cell::default(),
            forgotten: Cell::default(),
            in_flight: Cell::default(),
        }
    }

    pub(crate) async fn serve(self: Rc<Self>, listener: TcpListener) {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let proxy = Rc::clone(&self);
            let mut rng = Rng::with_seed(proxy.seed.replace(proxy.seed.get() + 1));
            spawn_local(async move {
                // A client that is gone has heard enough.
                let _ = proxy.relay(client, &mut rng).await;
            });
        }
    }

    async fn relay(&self, mut client: TcpStream, rng: &mut Rng) -> io::Result<()> {
        let mut left_over = Vec::new();
        // From then on it answers: where such a connection ends before the last answer has come, nobody
        // can tell that one was too many.
        let mut is_shifted = false;
        // A client whose answers are shifted may send a request before it has had the last answer.
        let mut ahead = Vec::new();
        loop {
            let request = read_message(&mut client, &mut ahead).await?;
            if request.is_empty() {
                return Ok(());
            }
            is_shifted |= !left_over.is_empty();
            client.write_all(&left_over).await?;
            left_over.clear();
            let requests = self.requests.replace(self.requests.get() + 1);
            let Plan { faults, spared, rarity, .. } = &self.plan;
            if requests < *spared || is_shifted || rng.u32(0..*rarity) > 0 {
                let answer = self.ask(&request, rng).await?;
                client.write_all(&answer.bytes()).await?;
                continue;
            }
            let fault = faults[rng.usize(0..faults.len())];
            *self.injected.borrow_mut().entry(fault).or_default() += 1;
            match self.inject(fault, &mut client, &request, rng).await? {
                Next::Keep(bytes) => left_over = bytes,
                Next::Close => return Ok(()),
            }
        }
    }

    async fn inject(
        &self,
        fault: Fault,
        client: &mut TcpStream,
        request: &[u8],
        rng: &mut Rng,
    ) -> io::Result<Next> {
        match fault {
            Fault::ResetBefore => {
                reset(client)?;
                return Ok(Next::Close);
            }
            Fault::Late => sleep(self.plan.timeout * 2).await,
            Fault::Refused | Fault::Failed => {
                let answer = Answer::new(self.refusal(fault, rng), "not now");
                client.write_all(&answer.bytes()).await?;
                return Ok(Next::Keep(Vec::new()));
            }
            Fault::Repeated => drop(self.ask(request, rng).await?),
            _ => {}
        }
        let answer = self.ask(request, rng).await?;
        let bytes = answer.bytes();
        match fault {
            Fault::ResetAfter => reset(client)?,
            Fault::Stall => sleep(self.plan.timeout * 3).await,
            Fault::Close | Fault::Late => {}
            Fault::Half => client.write_all(&bytes[..rng.usize(0..bytes.len())]).await?,
            Fault::CloseWithStray => {
                let last = answer.with_field("connection: close").bytes();
                client.write_all(&[&last[..], b"HTTP/1.1 200 OK\r\nstray"].concat()).await?;
            }
            Fault::TwiceLater => {
                client.write_all(&bytes).await?;
                return Ok(Next::Keep(bytes));
            }
            Fault::Slow => {
                let (one, two) = bytes.split_at(rng.usize(0..bytes.len()));
                client.write_all(one).await?;
                sleep(Duration::from_millis(5)).await;
                client.write_all(two).await?;
                return Ok(Next::Keep(Vec::new()));
            }
            fault => {
                client.write_all(&self.spoilt(fault, answer, rng)).await?;
                return Ok(Next::Keep(Vec::new()));
            }
        }
        Ok(Next::Close)
    }

    /// What is sent in place of `answer`.
    fn spoilt(&self, fault: Fault, answer: Answer, rng: &mut Rng) -> Vec<u8> {
        let spoilt = match fault {
            Fault::Twice => return [answer.bytes(), answer.bytes()].concat(),
            Fault::AppliedAndRefused | Fault::AppliedAndFailed => {
                Answer::new(self.refusal(fault, rng), "too late")
            }
            Fault::Gzip => answer.compressed(),
            Fault::UnknownEncoding => answer.with_field("content-encoding: rot13"),
            Fault::Empty => answer.with_content(""),
            Fault::NoContent if answer.is_success() => Answer::new(204, ""),
            Fault::OtherText | Fault::NoContent => answer.with_content("busy"),
            Fault::HugeNumber => answer.with_content("99999999999999999999"),
            Fault::Folded => answer.with_field("x-note: one\r\n  two"),
            _ => answer,
        };
        spoilt.bytes()
    }

    /// A status that refuses, of which nobody declared what it means.
    fn refusal(&self, fault: Fault, rng: &mut Rng) -> u16 {
        if matches!(fault, Fault::Failed | Fault::AppliedAndFailed) {
            return FAILURES[rng.usize(0..FAILURES.len())];
        }
        let undeclared = |status: &u16| Some(*status) != self.plan.service.declared;
        let statuses: Vec<_> = REFUSALS.into_iter().filter(undeclared).collect();
        statuses[rng.usize(0..statuses.len())]
    }

    /// What the service answers.
    async fn ask(&self, request: &[u8], rng: &mut Rng) -> io::Result<Answer> {
        let Plan { service, forgets, caches, .. } = self.plan;
        let is_update = service.is_update(request);
        if is_update && forgets > 0 && rng.u32(0..forgets) == 0 {
            self.applied.set(self.applied.get() + 1);
            self.forgotten.set(self.forgotten.get() + 1);
            return Ok(Answer::new(200, "ok"));
        }
        let now = Instant::now();
        if caches
            && !is_update
            && let Some((at, bytes)) = &*self.cached.borrow()
            && now.duration_since(*at) < CACHED_FOR
        {
            return Ok(Answer::parse(bytes));
        }
        self.in_flight.set(self.in_flight.get() + 1);
        let bytes = fetch(self.plan.upstream, request).await;
        self.in_flight.set(self.in_flight.get() - 1);
        let bytes = bytes?;
        let answer = Answer::parse(&bytes);
        if is_update && answer.is_success() {
            self.applied.set(self.applied.get() + 1);
        }
        if !is_update {
            *self.cached.borrow_mut() = Some((now, bytes));
        }
        Ok((service.translate)(answer))
    }
}

/// What the server at `address` answers.
pub(crate) async fn fetch(address: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(address).await?;
    server.write_all(request).await?;
    let answer = read_message(&mut server, &mut Vec::new()).await?;
    if answer.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(answer) }
}

/// A head, and as much content as it announces; nothing where the stream has ended. What has come
/// behind it is left in `bytes`, for the next message.
async fn read_message(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.split("content-length: ").nth(1);
            let length = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Ok(bytes.drain(..end + 4 + length).collect());
            }
        }
        if stream.read_buf(bytes).await? == 0 {
            return Ok(Vec::new());
        }
    }
}

fn reset(client: &TcpStream) -> io::Result<()> {
    Ok(setsockopt(client, sockopt::Linger, &linger { l_onoff: 1, l_linger: 0 })?)
}
