//! Serving an app on a listener.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::serve::{Listener, ListenerExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::tls::TlsListener;

/// Serves `app` on `listener` until `shutdown` completes, then answers the requests in flight.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(undelayed(listener), app).with_graceful_shutdown(shutdown).await
}

/// The same over TLS.
pub(crate) async fn serve_tls(
    listener: TcpListener,
    tls: TlsAcceptor,
    app: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = TlsListener::new(undelayed(listener), tls)?;
    axum::serve(listener, app).with_graceful_shutdown(shutdown).await
}

/// Without it, Nagle's algorithm and delayed acknowledgements can hold an answer for 40 ms.
fn undelayed(listener: TcpListener) -> impl Listener<Io = TcpStream, Addr = SocketAddr> {
    listener.tap_io(|connection| {
        // A connection that is already gone shows itself at the first read.
        let _ = connection.set_nodelay(true);
    })
}
