//! The app, called without a socket.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt as _;
use loadgen_server::Service;
use store::{RaceWindow, Settings, Specimen, WORKLOADS, Workload};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

pub(crate) fn workload(name: &str) -> &'static Workload {
    Workload::named(name).unwrap()
}

pub(crate) fn specimen(workload: &str, mode: &str) -> Specimen {
    self::workload(workload).specimen(mode).unwrap()
}

pub(crate) fn specimens() -> impl Iterator<Item = Specimen> {
    WORKLOADS.into_iter().flat_map(Workload::specimens)
}

/// The settings that a workload has by default, with nothing in them that takes time.
pub(crate) fn settings(workload: &Workload) -> Settings {
    let defaults = (workload.defaults)();
    Settings { race_window: RaceWindow::None, service_time: Duration::ZERO, ..defaults }
}

pub(crate) struct App {
    router: Router,
    runtime: Runtime,
}

impl App {
    pub(crate) fn new(specimen: Specimen) -> Self {
        Self::with_settings(specimen, &settings(specimen.workload))
    }

    pub(crate) fn with_settings(specimen: Specimen, settings: &Settings) -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        Self { router: loadgen_server::app(&Service::new(specimen, settings)), runtime }
    }

    /// Counters in every mode.
    pub(crate) fn in_every_mode() -> impl Iterator<Item = Self> {
        workload("counter").specimens().map(Self::new)
    }

    pub(crate) fn call(&self, request: Request<Body>) -> Response {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (head, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Response {
                status: head.status.as_u16(),
                headers: head.headers,
                body: String::from_utf8(body.into()).unwrap(),
            }
        })
    }

    pub(crate) fn request(&self, method: Method, uri: &str) -> Response {
        self.call(Request::builder().method(method).uri(uri).body(Body::empty()).unwrap())
    }

    /// The answer to `POST /jobs?id=17` or the like, in text.
    pub(crate) fn ask(&self, request: &str) -> Answer {
        self.ask_accepting(request, "text/plain")
    }

    pub(crate) fn ask_json(&self, request: &str) -> Answer {
        self.ask_accepting(request, "application/json")
    }

    fn ask_accepting(&self, request: &str, accept: &str) -> Answer {
        let (method, uri) = request.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(uri).header(header::ACCEPT, accept);
        self.call(request.body(Body::empty()).unwrap()).answer()
    }

    pub(crate) fn get(&self, uri: &str) -> Answer {
        self.request(Method::GET, uri).answer()
    }

    pub(crate) fn get_json(&self, uri: &str) -> Answer {
        self.get_accepting(uri, "application/json")
    }

    pub(crate) fn get_accepting(&self, uri: &str, accept: &str) -> Answer {
        let request = Request::builder().uri(uri).header(header::ACCEPT, accept);
        self.call(request.body(Body::empty()).unwrap()).answer()
    }

    pub(crate) fn post(&self, uri: &str, body: Body) -> Answer {
        let request = Request::builder().method(Method::POST).uri(uri).body(body);
        self.call(request.unwrap()).answer()
    }
}

/// Counters, protected.
impl Default for App {
    fn default() -> Self {
        Self::new(specimen("counter", "mutex"))
    }
}

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn answer(self) -> Answer {
        let content_type = self.header("content-type").to_owned();
        Answer { status: self.status, content_type, body: self.body }
    }
}

/// What a client goes by; comparing whole answers leaves nothing unchecked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

pub(crate) fn text(status: u16, body: &str) -> Answer {
    Answer { status, content_type: "text/plain; charset=utf-8".to_owned(), body: body.to_owned() }
}

pub(crate) fn json(status: u16, body: &str) -> Answer {
    Answer { status, content_type: "application/json".to_owned(), body: body.to_owned() }
}
