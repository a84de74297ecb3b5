//! loadgen in an integration test: copy this file, and put your service in the place of the counter.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use loadgen::check::Verdict;
use loadgen::{Plan, Report};

/// Where the service listens, and what of it is shared.
async fn serve(service: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, service).await });
    url
}

/// A counter that every request adds one to, in one step or in two.
fn counter(is_atomic: bool) -> Router {
    let add = move |State(counter): State<Arc<AtomicU64>>| async move {
        if is_atomic {
            return (counter.fetch_add(1, SeqCst) + 1).to_string();
        }
        let read = counter.load(SeqCst);
        tokio::task::yield_now().await;
        counter.store(read + 1, SeqCst);
        (read + 1).to_string()
    };
    let read =
        |State(counter): State<Arc<AtomicU64>>| async move { counter.load(SeqCst).to_string() };
    let routes = Router::new().route("/increment", post(add)).route("/count", get(read));
    routes.with_state(Arc::default())
}

/// 2000 increments by 20 clients. Each answers with the new value, which is what is judged.
async fn load(service: Router) -> Report {
    let url = serve(service).await;
    let plan = Plan::parse([
        "-n",
        "2000",
        "-c",
        "20",
        "-m",
        "POST",
        "--model",
        "fetch-and-add",
        "--read",
        "/count",
        &format!("{url}/increment"),
    ]);
    plan.unwrap().run().await.unwrap()
}

fn verdict(report: &Report) -> Verdict {
    report.correctness.as_ref().unwrap().verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn no_increment_is_lost() {
    let report = load(counter(true)).await;
    assert_eq!(verdict(&report), Verdict::Valid, "{report}");
}

/// In your tests there is no such thing: it shows that the other test can fail.
#[tokio::test(flavor = "multi_thread")]
async fn an_increment_that_is_lost_is_proven() {
    for _ in 0..20 {
        if verdict(&load(counter(false)).await) == Verdict::Invalid {
            return;
        }
    }
    panic!("no increment was lost in 20 runs of 2000");
}
