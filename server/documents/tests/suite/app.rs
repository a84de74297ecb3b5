//! The service, called without a socket.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use loadgen_documents::{Address, Backend, Limits, Mode, Settings, Started, start};
use serde_json::Value;
use tower::ServiceExt as _;

/// A service over a database. Others may be over the same one.
#[derive(Clone)]
pub(crate) struct App {
    router: Router,
    pub(crate) backend: Backend,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// What is in the body, which is JSON if there is one.
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What is told of an error.
    pub(crate) fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_else(|| panic!("no error: {}", self.body))
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

pub(crate) fn mode(name: &str) -> &'static Mode {
    Mode::named(name).unwrap()
}

/// What tests begin with: nothing takes long.
pub(crate) fn settings() -> Settings {
    let limits = Limits { start: Duration::from_secs(5), ..Limits::default() };
    Settings { limits, ..Settings::default() }
}

pub(crate) async fn open(address: &Address, mode: &'static Mode, settings: &Settings) -> App {
    let Started { router, backend, .. } = start(address, mode, settings).await.unwrap();
    App { router, backend }
}

impl App {
    pub(crate) async fn of(address: &Address, name: &str) -> Self {
        open(address, mode(name), &settings()).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body =
            if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Reply { status, headers, body }
    }

    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.send("GET", uri, &[], "").await
    }

    pub(crate) async fn post(&self, uri: &str, body: &str) -> Reply {
        self.send("POST", uri, &[], body).await
    }

    /// Makes a document that is not there yet.
    pub(crate) async fn made(&self, id: &str, content: &Value) -> Reply {
        self.post(&format!("/documents?id={id}"), &content.to_string()).await.is(201)
    }

    pub(crate) async fn content(&self, id: &str) -> Value {
        self.get(&format!("/documents/{id}")).await.is(200).body
    }
}
