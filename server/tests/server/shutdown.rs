//! The end of a server: what is in flight is answered, and nothing else is waited for.

use std::sync::{Arc, mpsc};

use axum::Router;
use axum::routing::get;
use store::RaceWindow;
use tokio::sync::Notify;

use crate::app::workload;
use crate::client::{INC_WITH_BODY_TO_FOLLOW, PATIENCE, wait_until_refused};
use crate::serving::Serving;

#[test]
fn requests_in_flight_are_answered_and_idle_connections_closed() {
    for specimen in workload("counter").specimens() {
        let mut server = Serving::of(specimen, RaceWindow::Yield);
        let mut idle = server.connect();
        assert_eq!(idle.get("/get?name=i").unwrap().body, "i: 0");
        let mut silent = server.connect();
        let mut in_flight = server.connect();
        in_flight.send(INC_WITH_BODY_TO_FOLLOW).unwrap();
        assert_eq!(in_flight.reply().unwrap().status, 100);

        server.begin_shutdown();
        wait_until_refused(server.address);
        assert!(idle.is_closed_by_the_server(), "{specimen}");
        assert!(silent.is_closed_by_the_server(), "{specimen}");

        in_flight.send("x").unwrap();
        let reply = in_flight.reply().unwrap();
        assert_eq!(reply.status_and_body(), (200, "ok"), "{specimen}");
        assert_eq!(reply.header("connection"), Some("close"));
        assert!(in_flight.is_closed_by_the_server(), "{specimen}");
        server.join();
    }
}

#[test]
fn a_handler_at_work_is_waited_for() {
    let (entered, enter) = mpsc::channel();
    let release = Arc::new(Notify::new());
    let released = Arc::clone(&release);
    let work = || async move {
        entered.send(()).unwrap();
        released.notified().await;
        "done"
    };
    let mut server = Serving::start(Router::new().route("/", get(work)));
    let mut connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    enter.recv_timeout(PATIENCE).unwrap();

    server.begin_shutdown();
    wait_until_refused(server.address);
    release.notify_one();
    assert_eq!(connection.reply().unwrap().status_and_body(), (200, "done"));
    assert!(connection.is_closed_by_the_server());
    server.join();
}
