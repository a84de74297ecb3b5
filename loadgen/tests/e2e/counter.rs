//! The real counter server, in this process.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;

use store::{Specimen, Workload};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A mode of the counter.
pub(crate) fn specimen(mode: &str) -> Specimen {
    counter().specimen(mode).unwrap()
}

pub(crate) fn counter() -> &'static Workload {
    Workload::named("counter").unwrap()
}

/// What the server serves if it is told no more than that.
pub(crate) fn service(specimen: Specimen) -> server::Service {
    server::Service::new(specimen, &(specimen.workload.defaults)())
}

/// Counts the increments it is sent, and loses none.
pub(crate) struct Counter {
    pub(crate) address: SocketAddr,
    /// Dropped, it ends the server.
    _stop: oneshot::Sender<()>,
    _thread: JoinHandle<()>,
}

impl Counter {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let app = server::app(&service(specimen("atomic")));
            let shutdown = async {
                let _ = stopped.await;
            };
            runtime.block_on(server::serve(listener, app, shutdown)).unwrap();
        });
        Self { address, _stop: stop, _thread: thread }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/inc?name=i", self.address)
    }

    pub(crate) fn value(&self) -> u64 {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let request = "GET /get?name=i HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.rsplit("i: ").next().unwrap().parse().unwrap_or_else(|_| panic!("{answer}"))
    }
}
