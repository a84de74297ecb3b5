//! Several servers that share a port and a database, each a process of its own.

use std::future::pending;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::{ExitStatus, Stdio};
use std::thread;

use anyhow::{Context as _, anyhow, bail, ensure};
use documents::Address;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::choice::Chosen;
use crate::cli::{Options, bound};
use crate::interrupts::Interrupts;
use crate::served::temporary_file;

/// Starts `count` servers at one address, and ends them when this process is asked to end, or when one of them
/// has ended.
pub(crate) fn run(options: &Options, count: NonZeroUsize) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("cannot start the runtime")?.block_on(serve(options, count.get()))
}

async fn serve(options: &Options, count: usize) -> anyhow::Result<()> {
    if let Chosen::Specimen(specimen) = options.specimen.0 {
        let name = specimen.workload.name;
        bail!(
            "--servers: {name} is kept in memory, and each would have its own: see --workload documents"
        );
    }
    ensure!(!options.tls, "--servers: each would have its own certificate: leave out --tls");
    let mut interrupts = Interrupts::listen().context("cannot listen for signals")?;
    let file = options.database.is_none().then(temporary_file).transpose();
    let file = file.context("cannot make a file for the database")?;
    let database = file.as_ref().map(|(address, _folder)| address);
    // Held for as long as they run: where port 0 takes a free one, all of them take that.
    let held = bound(options.listen, true);
    let held = held.with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = held.local_addr()?;
    let mut servers = Servers::default();
    for _ in 0..count {
        let started = servers.start(address, database);
        tokio::select! {
            started = started => started?,
            () = interrupts.next() => return servers.end(&mut interrupts).await,
        }
    }
    // Whoever is not there to read it is no reason not to serve.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    let ended = tokio::select! {
        () = interrupts.next() => Ok(()),
        status = servers.running.join_next() => Err(early(status)),
    };
    ended.and(servers.end(&mut interrupts).await)
}

/// Servers that run; those that still do are killed when it is dropped.
#[derive(Default)]
struct Servers {
    running: JoinSet<io::Result<ExitStatus>>,
    /// What keeps each running.
    lifelines: Vec<ChildStdin>,
}

impl Servers {
    /// Starts one, and waits until it listens at `address`. It has the options of this process, and the
    /// `database` where they name none.
    async fn start(
        &mut self,
        address: SocketAddr,
        database: Option<&Address>,
    ) -> anyhow::Result<()> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let mut command = Command::new(program);
        command.args(std::env::args_os().skip(1));
        command.arg("--one-of-several").arg(address.to_string());
        if let Some(database) = database {
            command.arg("--database").arg(database.in_full());
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut server = command.spawn().context("cannot start a server")?;
        self.lifelines.extend(server.stdin.take());
        let is_listening = is_listening(&mut server).await;
        self.running.spawn(async move { server.wait().await });
        if is_listening { Ok(()) } else { Err(early(self.running.join_next().await)) }
    }

    /// Lets them answer what is in flight, and waits for them; at another signal no longer.
    async fn end(mut self, interrupts: &mut Interrupts) -> anyhow::Result<()> {
        self.lifelines.clear();
        let mut worst = Ok(());
        loop {
            tokio::select! {
                ended = self.running.join_next() => match ended {
                    None => return worst,
                    Some(Ok(Ok(status))) if status.success() => {}
                    other => worst = Err(early(other)),
                },
                () = interrupts.next() => bail!("ended before the servers had answered all requests"),
            }
        }
    }
}

/// Waits until a server says that it listens; whether it does.
async fn is_listening(server: &mut Child) -> bool {
    let Some(stdout) = server.stdout.take() else { return false };
    let mut line = String::new();
    let read = BufReader::new(stdout).read_line(&mut line).await;
    read.is_ok() && line.starts_with("listening on ")
}

/// That a server has ended while it was to run.
fn early(ended: Option<Result<io::Result<ExitStatus>, tokio::task::JoinError>>) -> anyhow::Error {
    match ended {
        Some(Ok(Ok(status))) => anyhow!("one of the servers has ended: {status}"),
        Some(Ok(Err(error))) => anyhow!("cannot wait for a server: {error}"),
        Some(Err(_)) | None => anyhow!("one of the servers cannot be waited for"),
    }
}

/// What asks a server to end.
pub(crate) enum Ending {
    /// Signals.
    Signals(Interrupts),
    /// Of one of several, the end of its standard input: the process that started it has ended, or lets it end.
    /// Signals are that one's to heed, which gets them as well; they are caught here, and do nothing.
    Input { _signals: Interrupts, closed: Option<oneshot::Receiver<()>> },
}

impl Ending {
    pub(crate) fn new(interrupts: Interrupts, one_of_several: bool) -> Self {
        if !one_of_several {
            return Self::Signals(interrupts);
        }
        let (open, closed) = oneshot::channel();
        // A thread of its own: no runtime can give up a read of standard input.
        thread::spawn(move || {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            drop(open);
        });
        Self::Input { _signals: interrupts, closed: Some(closed) }
    }

    /// Waits until it is asked.
    pub(crate) async fn next(&mut self) {
        match self {
            Self::Signals(interrupts) => interrupts.next().await,
            Self::Input { closed, .. } => match closed {
                Some(input) => {
                    let _ = input.await;
                    *closed = None;
                }
                // It is asked once.
                None => pending().await,
            },
        }
    }
}
