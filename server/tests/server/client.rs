//! An HTTP client that sends exactly the bytes it is given.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Longer than any answer takes on a busy machine: a test that hangs shall say where.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The head of a request that has been taken in hand when `100 Continue` arrives, and is in
/// flight until its one byte of body does.
pub(crate) const INC_WITH_BODY_TO_FOLLOW: &str =
    "POST /inc?name=i HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n";

pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.0.get_mut().write_all(bytes.as_ref())
    }

    pub(crate) fn get(&mut self, uri: &str) -> io::Result<Reply> {
        self.send(format!("GET {uri} HTTP/1.1\r\nhost: x\r\n\r\n"))?;
        self.reply()
    }

    pub(crate) fn get_json(&mut self, uri: &str) -> io::Result<Reply> {
        self.send(format!("GET {uri} HTTP/1.1\r\nhost: x\r\naccept: application/json\r\n\r\n"))?;
        self.reply()
    }

    pub(crate) fn reply(&mut self) -> io::Result<Reply> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let length = header(&head, "content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body)?;
        let body = String::from_utf8(body).map_err(io::Error::other)?;
        Ok(Reply { status: status.ok_or(io::ErrorKind::InvalidData)?, head, body })
    }

    /// Says that no more is to come, and takes whatever the server still sends.
    pub(crate) fn finish(mut self) -> io::Result<Vec<u8>> {
        self.0.get_mut().shutdown(std::net::Shutdown::Write)?;
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest)?;
        Ok(rest)
    }

    /// Waits for the server to close the connection, having sent nothing more.
    pub(crate) fn is_closed_by_the_server(&mut self) -> bool {
        match self.0.read(&mut [0]) {
            Ok(bytes) => bytes == 0,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub(crate) fn status_and_body(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    headers.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

/// Waits for a server that has begun to shut down to stop listening.
pub(crate) fn wait_until_refused(address: SocketAddr) {
    let start = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(start.elapsed() < PATIENCE, "{address} still accepts connections");
        std::thread::sleep(Duration::from_millis(1));
    }
}
