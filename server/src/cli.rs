//! The server's options, for its own binary and for any other that contains it.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use documents::Address;
use store::RaceWindow;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Handle, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;

pub use crate::choice::{Choice, Chosen};
use crate::interrupts::Interrupts;
use crate::locks::{self, ANNOUNCEMENT};
use crate::serve::{serve, serve_tls};
use crate::served::Served;
use crate::several::{self, Ending};
use crate::tls::Certified;

/// How the server runs.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// What is served, and how it is protected.
    #[command(flatten)]
    pub specimen: Choice,

    /// What the racy modes do between read and write: none, yield, spin:N or a duration
    /// [default: 1us; booking and documents: 1ms; acknowledge-first: 50ms; unawaited: none]
    #[arg(long, value_name = "WINDOW")]
    pub race_window: Option<RaceWindow>,

    /// Save results to this file, and read it at the start (workload unawaited)
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,

    /// The database that documents are kept in.
    #[arg(long, value_name = "URL", help = DATABASE_HELP)]
    pub database: Option<Address>,

    /// Most connections to the database (workload documents) [default: 20]
    #[arg(long, value_name = "N", value_parser = connections)]
    pub connections: Option<NonZeroUsize>,

    /// Refuse writes that do not say which version they change (workload documents)
    #[arg(long)]
    pub require_if_match: bool,

    /// Number of servers that share the database and the port, each a process (workload documents)
    /// [default: 1]
    #[arg(long, value_name = "N", value_parser = servers)]
    pub servers: Option<NonZeroUsize>,

    /// Be one of several at this address, for as long as standard input is open.
    #[arg(long, value_name = "ADDRESS", hide = true)]
    pub one_of_several: Option<SocketAddr>,

    /// Address to listen on; port 0 takes a free one and prints it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,

    /// Speak TLS, with a new self-signed certificate; the file that holds it is printed
    #[arg(long)]
    pub tls: bool,

    /// Threads that answer requests [default: one per core, and at least 2]
    #[arg(long, value_name = "N", value_parser = worker_threads)]
    pub worker_threads: Option<NonZeroUsize>,
}

const DATABASE_HELP: &str = "The database for the documents, if it is built in \
    (workload documents): sqlite:FILE, postgres://…, mysql://… (MariaDB), mongodb://… or redis://… \
    [default: SQLite in a temporary file]";

/// Far more connections than a database gives out.
const MAX_CONNECTIONS: usize = 1024;

fn connections(text: &str) -> Result<NonZeroUsize, String> {
    let connections = text.parse().ok().filter(|n: &NonZeroUsize| n.get() <= MAX_CONNECTIONS);
    connections.ok_or_else(|| format!("expected a number from 1 to {MAX_CONNECTIONS}"))
}

/// More servers than show anything that two do not.
const MAX_SERVERS: usize = 16;

/// A number of servers, as an option has it.
///
/// # Errors
/// When it is none, or beyond all use.
pub fn servers(text: &str) -> Result<NonZeroUsize, String> {
    let servers = text.parse().ok().filter(|n: &NonZeroUsize| n.get() <= MAX_SERVERS);
    servers.ok_or_else(|| format!("expected a number from 1 to {MAX_SERVERS}"))
}

/// Far more threads than serve any purpose, and still fewer than a system refuses to start.
const MAX_WORKER_THREADS: usize = 1024;

fn worker_threads(text: &str) -> Result<NonZeroUsize, String> {
    let threads = text.parse().ok().filter(|n: &NonZeroUsize| n.get() <= MAX_WORKER_THREADS);
    threads.ok_or_else(|| format!("expected a number from 1 to {MAX_WORKER_THREADS}"))
}

/// How long requests in flight may take to end after SIGINT, SIGTERM or SIGHUP.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Serves until SIGINT, SIGTERM or SIGHUP, then answers what is in flight, lets the store save what it has
/// still to, and returns; at a second signal without that.
///
/// # Errors
/// When the address cannot be listened on, or a second signal leaves something unsaved.
pub fn run(options: &Options) -> anyhow::Result<()> {
    if let (Some(servers), None) = (options.servers, options.one_of_several) {
        return several::run(options, servers);
    }
    let workers = start_workers(options.worker_threads).context("cannot start the workers")?;
    // Signals and the drain limit have a thread of their own: a race window blocks the workers.
    let control = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the control thread")?;
    let ended = control.block_on(listen_and_serve(options, workers.handle()));
    // Dropping them would wait for requests that were given up.
    workers.shutdown_background();
    ended
}

fn start_workers(threads: Option<NonZeroUsize>) -> io::Result<Runtime> {
    // With one thread, nothing would ever race.
    let default = || thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let threads = threads.map_or_else(default, NonZeroUsize::get);
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
}

async fn listen_and_serve(options: &Options, workers: &Handle) -> anyhow::Result<()> {
    // Before the address is printed: whoever reads it may send a signal at once.
    let interrupts = Interrupts::listen().context("cannot listen for signals")?;
    let mut interrupts = Ending::new(interrupts, options.one_of_several.is_some());
    let mut ask = signal(SignalKind::user_defined1()).context("cannot listen for SIGUSR1")?;
    let opened = tokio::select! {
        opened = Served::open(options, workers) => opened?,
        // Nothing is served yet.
        () = interrupts.next() => return Ok(()),
    };
    let listener = {
        // A listener belongs to the runtime that it is made in.
        let _workers = workers.enter();
        let (address, shares) = match options.one_of_several {
            Some(address) => (address, true),
            None => (options.listen, false),
        };
        listen(address, shares).with_context(|| format!("cannot listen on {address}"))?
    };
    let address = listener.local_addr()?;
    let certified = options.tls.then(|| Certified::for_address(address.ip())).transpose();
    let certified = certified.context("cannot make a certificate")?;
    // Whoever is not there to read it is no reason not to serve.
    if let Some(database) = opened.database() {
        let _ = writeln!(io::stderr(), "database: {database}");
    }
    let _ = writeln!(io::stderr(), "{ANNOUNCEMENT}");
    if let Some(certified) = &certified {
        let _ = writeln!(io::stdout(), "certificate in {}", certified.file().display());
    }
    let scheme = if certified.is_some() { "https" } else { "http" };
    let _ = writeln!(io::stdout(), "listening on {scheme}://{address}");

    let mut asked_to_end = async || {
        loop {
            tokio::select! {
                () = interrupts.next() => break,
                _ = ask.recv() => tell_who_holds_which_lock(),
            }
        }
    };
    let tls = certified.as_ref().map(Certified::acceptor);
    serve_on(workers, listener, tls, opened.router(), asked_to_end()).await?;
    tokio::select! {
        finished = opened.finish(workers) => finished.context("the store did not finish"),
        () = asked_to_end() => bail!("ended before everything acknowledged was saved"),
    }
}

/// What no request could find out any more: the locks may be what they all wait for.
fn tell_who_holds_which_lock() {
    let mut text = String::new();
    for line in locks::lines(&store::blockages()) {
        text += &serde_json::to_string(&line).expect("its keys are strings");
        text.push('\n');
    }
    // In one write, so that no other output comes between its lines. Nobody is left to tell where
    // stderr is gone.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Serves on `workers` until `shutdown` completes, and returns [`DRAIN_LIMIT`] later at the latest.
async fn serve_on(
    workers: &Handle,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    app: Router,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let (drain, draining) = tokio::sync::oneshot::channel::<()>();
    let asked_to_drain = async {
        // Dropping the sender is the signal; nothing is ever sent.
        let _ = draining.await;
    };
    let mut serving = match tls {
        None => workers.spawn(serve(listener, app, asked_to_drain)),
        Some(tls) => workers.spawn(serve_tls(listener, tls, app, asked_to_drain)),
    };
    tokio::select! {
        served = &mut serving => return served?.context("cannot serve"),
        () = shutdown => drop(drain),
    }
    if let Ok(served) = tokio::time::timeout(DRAIN_LIMIT, serving).await {
        return served?.context("cannot serve");
    }
    let limit = DRAIN_LIMIT.as_secs();
    // Nobody is left to tell where stderr is gone.
    let _ = writeln!(io::stderr(), "requests were still in flight after {limit} s");
    Ok(())
}

/// A listener that takes a burst of connections, and `shares` the address with others if so.
///
/// With the usual backlog of 128, the connections of 200 clients that arrive at once are partly
/// dropped, and made a second later: a latency that says nothing about the counters.
fn listen(address: SocketAddr, shares: bool) -> io::Result<TcpListener> {
    const BACKLOG: u32 = 4096;
    bound(address, shares)?.listen(BACKLOG)
}

/// A socket at this address, which `shares` it with others if so.
pub(crate) fn bound(address: SocketAddr, shares: bool) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(shares)?;
    socket.bind(address)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpStream;
    use std::sync::{Arc, Mutex, mpsc};

    use axum::routing::get;
    use store::Workload;

    use super::*;
    use crate::service::Service;

    /// Shuts `app` down once `client` has done its part, and holds on to what that returns. The
    /// control thread's clock runs ahead whenever that thread has nothing to do, so that the
    /// drain limit takes no time.
    fn drain<T>(app: Router, client: impl FnOnce(SocketAddr) -> T + Send + 'static) {
        let (ended, end) = mpsc::channel();
        thread::spawn(move || {
            let workers = start_workers(NonZeroUsize::new(1)).unwrap();
            let listener = workers.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
            let address = listener.local_addr().unwrap();
            let mut held = None;
            let shutdown = async { held = Some(client(address)) };
            let mut control = tokio::runtime::Builder::new_current_thread();
            let control = control.enable_time().start_paused(true).build().unwrap();
            let served =
                control.block_on(serve_on(workers.handle(), listener, None, app, shutdown));
            ended.send(served).unwrap();
            workers.shutdown_background();
            drop(held);
        });
        let served = end.recv_timeout(Duration::from_secs(20));
        served.expect("serving never ended").unwrap();
    }

    fn connect_and_send(address: SocketAddr, bytes: &str) -> TcpStream {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.write_all(bytes.as_bytes()).unwrap();
        connection
    }

    /// The one worker there is has then taken in hand whatever came before.
    fn others_are_answered(address: SocketAddr) {
        for _ in 0..3 {
            connect_and_send(address, WHOLE).read_exact(&mut [0; 12]).unwrap();
        }
    }

    const WHOLE: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    /// Idle connections are closed at once; one that has begun its first request is not idle.
    #[test]
    fn half_a_head_does_not_outlast_the_limit() {
        drain(Router::new().route("/", get("")), |address| {
            let half = connect_and_send(address, "GET / HT");
            others_are_answered(address);
            half
        });
    }

    #[test]
    fn half_a_body_does_not_outlast_the_limit() {
        let counter = Workload::named("counter").unwrap();
        let service = Service::new(counter.specimen("racy").unwrap(), &(counter.defaults)());
        let app = crate::app(&service);
        drain(app, |address| {
            let head = "POST /inc?name=i HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n";
            let mut half =
                connect_and_send(address, &format!("{head}expect: 100-continue\r\n\r\n"));
            half.read_exact(&mut [0; "HTTP/1.1 100 Continue\r\n\r\n".len()]).unwrap();
            half.write_all(b"x").unwrap();
            half
        });
    }

    #[test]
    fn a_store_that_hangs_does_not_outlast_the_limit() {
        let mistakes = Workload::named("mistakes").unwrap();
        let settings = store::Settings { capacity: 0, ..(mistakes.defaults)() };
        let forgotten_unlock = mistakes.specimen("forgotten-unlock").unwrap();
        let app = crate::app(&Service::new(forgotten_unlock, &settings));
        drain(app, |address| {
            // There is no room even for this one, and the lock is gone with it.
            let mut refused = [0; "HTTP/1.1 409".len()];
            let add = "POST /jobs HTTP/1.1\r\nhost: x\r\n\r\n";
            connect_and_send(address, add).read_exact(&mut refused).unwrap();
            assert_eq!(&refused, b"HTTP/1.1 409");
            let hung = connect_and_send(address, "GET /jobs HTTP/1.1\r\nhost: x\r\n\r\n");
            others_are_answered(address);
            hung
        });
    }

    #[test]
    fn a_handler_that_blocks_every_worker_does_not_outlast_the_limit() {
        let (entered, enter) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(Mutex::new(released));
        let block = move || async move {
            entered.send(()).unwrap();
            let _ = released.lock().unwrap().recv();
        };
        drain(Router::new().route("/", get(block)), move |address| {
            let connection = connect_and_send(address, WHOLE);
            enter.recv().unwrap();
            connection
        });
        drop(release);
    }
}
