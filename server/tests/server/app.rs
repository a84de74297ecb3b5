//! The app, called without a socket.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt as _;
use store::{CATALOGUE, Mode, RaceWindow};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

pub(crate) struct App {
    router: Router,
    runtime: Runtime,
}

impl App {
    pub(crate) fn new(mode: &'static Mode) -> Self {
        Self::with_race_window(mode, RaceWindow::None)
    }

    pub(crate) fn with_race_window(mode: &'static Mode, race_window: RaceWindow) -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        Self { router: server::app(mode, race_window), runtime }
    }

    pub(crate) fn in_every_mode() -> impl Iterator<Item = Self> {
        CATALOGUE.iter().map(Self::new)
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

impl Default for App {
    fn default() -> Self {
        Self::new("mutex".parse().unwrap())
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
