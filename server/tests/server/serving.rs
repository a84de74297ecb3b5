//! The library on a socket of its own.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::{io, thread};

use axum::Router;
use loadgen_server::Service;
use store::{RaceWindow, Settings, Specimen};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::app::settings;
use crate::client::{Connection, PATIENCE};

/// A server on a free port; it ends when dropped.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    shutdown: Option<oneshot::Sender<()>>,
    served: mpsc::Receiver<io::Result<()>>,
}

impl Serving {
    /// Serves `specimen` with the race window it is given, and no slow calls.
    pub(crate) fn of(specimen: Specimen, race_window: RaceWindow) -> Self {
        let settings = Settings { race_window, ..settings(specimen.workload) };
        Self::start(loadgen_server::app(&Service::new(specimen, &settings)))
    }

    pub(crate) fn start(app: Router) -> Self {
        // More than one even on a machine with one core: workers that never meet have no race.
        let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, stopped) = oneshot::channel();
        let (ended, served) = mpsc::channel();
        thread::spawn(move || ended.send(serve(&runtime, listener, app, stopped)));
        Self { address, shutdown: Some(shutdown), served }
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address).unwrap()
    }

    pub(crate) fn begin_shutdown(&mut self) {
        drop(self.shutdown.take());
    }

    /// Waits for the server to end by itself.
    pub(crate) fn join(mut self) {
        self.begin_shutdown();
        self.served.recv_timeout(PATIENCE).expect("the server did not end").unwrap();
    }
}

fn serve(
    runtime: &Runtime,
    listener: TcpListener,
    app: Router,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    runtime.block_on(loadgen_server::serve(listener, app, async {
        // It is dropped rather than sent to.
        let _ = stopped.await;
    }))
}
