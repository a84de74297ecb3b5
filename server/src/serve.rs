//! Serving an app on a listener.

use std::io;

use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

/// Serves `app` on `listener` until `shutdown` completes, then answers the requests in flight.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Without it, Nagle's algorithm and delayed acknowledgements can hold an answer for 40 ms.
    let listener = listener.tap_io(|connection| {
        // A connection that is already gone shows itself at the first read.
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, app).with_graceful_shutdown(shutdown).await
}
