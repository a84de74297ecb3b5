//! reqwest as a driver: what an ordinary client costs and does.
//!
//! Redirects and retries are off. One retry has no switch in reqwest: the client beneath it sends a
//! request over another connection when the pooled one that it was meant for turns out to be closed
//! before the request was begun on it. Not a byte of such a request has left by then, since the
//! connection's task gives back only what it has not taken, so nothing is ever sent twice; a test
//! counts that at the server.

use std::cell::Cell;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use ::reqwest::redirect::Policy;
use ::reqwest::{Client, Proxy, Request, Response, retry};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::time::Instant;
use url::Url;

use super::failure::{Failure, OpenError};
use super::proxy::ProxyError;
use super::tls::Tls;
use super::{Address, Answer, Driver, Endpoint, Listener, Progress, Single, Sizes, USER_AGENT};
use crate::plan::Connecting;
use crate::scenario::{Call, Escape, Template, Values, in_url};

/// A client of reqwest's for each connection, since its connections cannot be had one by one.
#[derive(Debug)]
pub(crate) struct Reqwest {
    keep_alive: bool,
    /// The name in the load's URLs, or of the proxy, which the addresses of an endpoint are those of.
    host: String,
    /// How long making a connection may take.
    connect_timeout: Option<Duration>,
    tls: Tls,
    /// The proxy that requests are sent through.
    proxy: Option<Url>,
}

impl Reqwest {
    /// For requests to `url`, over connections that are made as `connecting` says.
    pub(crate) fn new(keep_alive: bool, url: &Url, connecting: &Connecting) -> Self {
        let Connecting { timeout, tls, naming, .. } = connecting.clone();
        let reached = naming.proxy.as_ref().unwrap_or(url);
        let host = reached.host_str().unwrap_or_default().to_owned();
        let tls = tls.unwrap_or_else(Tls::unspoken);
        Self { keep_alive, host, connect_timeout: timeout, tls, proxy: naming.proxy }
    }
}

/// A request, as it is sent next, and what it is made from.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    parts: Arc<Parts>,
}

/// A request with its variables.
#[derive(Debug)]
struct Parts {
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    body: Option<Template>,
}

impl Message {
    fn request(&self) -> Request {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        request.headers_mut().clone_from(&self.headers);
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }

    fn fill(&mut self, values: &mut Values) {
        let Parts { url, headers, body } = &*self.parts;
        let mut filled = |template: &Template| {
            let mut text = Vec::new();
            template.fill(&mut text, values);
            text
        };
        // In the order of the other drivers: the same seed makes the same request.
        self.body = body.as_ref().map(&mut filled);
        let url = String::from_utf8(filled(url)).expect("digits and letters stand in it");
        self.url = url.parse().expect("a URL stays one where these stand in place of a word");
        self.headers.clear();
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(&filled(value));
            self.headers.append(name, value.expect("digits and letters may stand in a header"));
        }
    }
}

impl Parts {
    fn new(url: &Url, call: &Call) -> Self {
        let path = in_url(&url[url::Position::BeforePath..]);
        let text = format!("{}{path}", &url[..url::Position::BeforePath]);
        let header = |(name, value): &(String, HeaderValue)| {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = Template::of(value.as_bytes(), &call.variables, Escape::Header);
            (name.expect("the name of a header was read as one"), value)
        };
        Self {
            url: Template::of(text.as_bytes(), &call.variables, Escape::Url),
            headers: call.headers.iter().map(header).collect(),
            body: call.body.as_ref().map(|_| call.content()),
        }
    }

    fn is_constant(&self) -> bool {
        let mut headers = self.headers.iter().map(|(_, value)| value);
        self.url.is_constant()
            && headers.all(Template::is_constant)
            && self.body.as_ref().is_none_or(Template::is_constant)
    }
}

impl Driver for Reqwest {
    type Connection = Single<Client>;
    type Slot = Client;
    type Message = Message;

    const NEEDS_TOKIO: bool = true;
    const CONNECTS_FIRST: bool = false;

    /// Makes a client, whose connection comes with its first exchange.
    async fn connect(&self, to: &Endpoint) -> Result<Self::Connection, OpenError> {
        let addresses: Vec<_> = to.addresses().iter().filter_map(Address::tcp).collect();
        let mut builder = Client::builder()
            // Whatever proxy the environment names: it counts where the user says so.
            .no_proxy()
            .retry(retry::never())
            .redirect(Policy::none())
            .tls_backend_preconfigured(self.tls.config().clone())
            .user_agent(USER_AGENT)
            .pool_max_idle_per_host(usize::from(self.keep_alive))
            .pool_idle_timeout(None)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .resolve_to_addrs(&self.host, &addresses);
        if let Some(proxy) = &self.proxy {
            let proxy = Proxy::all(proxy.clone());
            builder = builder.proxy(proxy.map_err(|error| OpenError::Theirs(other(error)))?);
        }
        if let Some(limit) = self.connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        let client = builder.build().map_err(|error| OpenError::Theirs(other(error)))?;
        Ok(Single::new(client))
    }

    fn slot(&self, connection: &Self::Connection) -> Option<Client> {
        connection.take()
    }

    fn is_open(&self, connection: &Self::Connection) -> bool {
        connection.is_open()
    }

    /// The client discards it by itself, with the connection.
    fn has_unasked(&self, _: &mut Client) -> bool {
        false
    }

    fn encode(&self, url: &Url, call: &Call) -> Message {
        let mut call = call.clone();
        if !self.keep_alive && !call.gives("Connection") {
            call.headers.push(("Connection".to_owned(), HeaderValue::from_static("close")));
        }
        let has_content = call.body.as_ref().is_some_and(|body| !body.is_empty());
        let is_said = call.gives("Content-Length") || call.gives("Transfer-Encoding");
        if !has_content && !is_said && call.says_length() {
            // The client itself is silent about no content.
            call.headers.push(("Content-Length".to_owned(), HeaderValue::from_static("0")));
        }
        let parts = Arc::new(Parts::new(url, &call));
        let (url, method) = (url.clone(), call.method);
        let mut message = Message { method, url, headers: HeaderMap::new(), body: None, parts };
        message.fill(&mut Values::example(&call.variables));
        message
    }

    fn varies(&self, message: &Message) -> bool {
        !message.parts.is_constant()
    }

    fn fill(&self, message: &mut Message, values: &mut Values) {
        message.fill(values);
    }

    /// The content alone is known: the rest is written inside the client.
    fn sizes(&self, message: &Message) -> Sizes {
        let body_bytes = message.body.as_ref().map_or(0, Vec::len) as u64;
        Sizes { bytes: body_bytes, body_bytes }
    }

    fn show(&self, message: &Message) -> String {
        let request = message.request();
        format!("{} {}\n{}", request.method(), request.url(), fields(request.headers()))
    }

    async fn exchange(
        &self,
        client: &mut Client,
        message: &Message,
        progress: &Cell<Progress>,
        listener: &mut impl Listener,
    ) -> Result<Answer, Failure> {
        // How much has left us only the client knows, and it does not say.
        progress.set(Progress::Some);
        let mut response = client.execute(message.request()).await.map_err(|error| {
            if error.is_connect() {
                progress.set(Progress::Nothing);
                return unopened(&error).into();
            }
            failure(&error, false)
        })?;
        let first_byte = Instant::now();
        let (status, head) = (response.status().as_u16(), head(&response));
        let keep_alive = self.keep_alive && !says_close(&response);
        listener.head(status, head.as_bytes());
        let mut body_bytes = 0;
        while let Some(piece) = response.chunk().await.map_err(|error| failure(&error, true))? {
            body_bytes += piece.len() as u64;
            listener.content(&piece);
        }
        let (finished, bytes) = (Instant::now(), head.len() as u64 + body_bytes);
        Ok(Answer { status, first_byte, finished, bytes, body_bytes, keep_alive })
    }
}

fn other(error: ::reqwest::Error) -> io::Error {
    io::Error::other(error)
}

/// The head of an answer, as HTTP/1.1 writes it.
fn head(response: &Response) -> String {
    format!("{:?} {}\r\n{}\r\n", response.version(), response.status(), fields(response.headers()))
}

fn fields(headers: &HeaderMap) -> String {
    let field = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()))
    };
    headers.iter().map(field).collect()
}

fn says_close(response: &Response) -> bool {
    let connection = response.headers().get_all(http::header::CONNECTION);
    connection.iter().any(|value| value.as_bytes().eq_ignore_ascii_case(b"close"))
}

/// Why no connection was made. A timeout without the system's number is the client's own.
fn unopened(error: &::reqwest::Error) -> OpenError {
    if let Some(error) = ProxyError::of(error) {
        return OpenError::Proxy(error);
    }
    let found = io_error(error);
    let is_late = error.is_timeout() && found.raw_os_error().is_none();
    if is_late { OpenError::Late } else { found.into() }
}

/// Why an exchange failed that may have been seen by the service; `within` an answer or before it.
fn failure(error: &::reqwest::Error, within: bool) -> Failure {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(found) = cause {
        let was_closed = found
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::UnexpectedEof);
        if was_closed || found.to_string().starts_with("connection closed before message") {
            return if within { Failure::ClosedWithinAnswer } else { Failure::ClosedBeforeAnswer };
        }
        if found.is::<io::Error>() {
            let error = io_error(error);
            return if within {
                Failure::ReceiveWithinAnswer(error)
            } else {
                Failure::Receive(error)
            };
        }
        cause = found.source();
    }
    Failure::Client(io::Error::other(root(error).to_string()))
}

/// The system's error beneath `error`, with its number where it has one.
fn io_error(error: &::reqwest::Error) -> io::Error {
    let mut cause: Option<&dyn Error> = Some(error);
    let mut found = io::Error::other(root(error).to_string());
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            found = error.raw_os_error().map_or(error.kind().into(), io::Error::from_raw_os_error);
        }
        cause = error.source();
    }
    found
}

/// The root cause: everything above it repeats the URL.
fn root(error: &dyn Error) -> &dyn Error {
    error.source().map_or(error, root)
}
