//! The meaning and the content of a whole answer, read slowly and step by step: what the client has to
//! agree with.
//!
//! It knows no limits on lengths, and calls everything that is wrong in a head by one name.

use super::script::{End, failed};

/// Why an answer cannot be read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wrong {
    /// The bytes end.
    Ended,
    Illegal(&'static str),
}

type Result<T> = std::result::Result<T, Wrong>;

/// The name of whatever is wrong in a head's grammar.
pub(super) const HEAD: &str = "in the head";

/// The bytes still to be read.
struct Rest<'b>(&'b [u8]);

impl Rest<'_> {
    fn next(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().ok_or(Wrong::Ended)?;
        self.0 = rest;
        Ok(*first)
    }

    /// The next byte, if it is one of these.
    fn next_if(&mut self, fits: impl Fn(u8) -> bool) -> Option<u8> {
        let first = *self.0.first()?;
        fits(first).then(|| {
            self.0 = &self.0[1..];
            first
        })
    }

    /// All that fit.
    fn next_while(&mut self, fits: impl Fn(u8) -> bool) -> Vec<u8> {
        std::iter::from_fn(|| self.next_if(&fits)).collect()
    }

    fn expect(&mut self, bytes: &[u8], name: &'static str) -> Result<()> {
        for byte in bytes {
            if self.next()? != *byte {
                return Err(Wrong::Illegal(name));
            }
        }
        Ok(())
    }

    /// CR LF, or LF alone.
    fn line_end(&mut self) -> Result<()> {
        let _ = self.next_if(|byte| byte == b'\r');
        self.expect(b"\n", HEAD)
    }
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

fn is_token(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && !b"\"(),/:;<=>?@[\\]{}".contains(&byte)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A head: its version is 1.1, its status, its fields with their names in lower case.
struct Head {
    http_1_1: bool,
    status: u16,
    fields: Vec<(String, String)>,
}

fn head(rest: &mut Rest<'_>) -> Result<Head> {
    rest.expect(b"HTTP/1.", HEAD)?;
    let minor = rest.next()?;
    if !matches!(minor, b'0' | b'1') {
        return Err(Wrong::Illegal(HEAD));
    }
    rest.expect(b" ", HEAD)?;
    let mut status = 0;
    for _ in 0..3 {
        let digit = char::from(rest.next()?).to_digit(10).ok_or(Wrong::Illegal(HEAD))?;
        status = status * 10 + u16::try_from(digit).unwrap();
    }
    if rest.next_if(|byte| byte == b' ').is_some() {
        rest.next_while(is_text);
    }
    rest.line_end()?;
    let mut fields = vec![];
    while !matches!(rest.0.first(), Some(b'\r' | b'\n')) {
        let name = rest.next_while(is_token);
        if name.is_empty() && !rest.0.is_empty() {
            return Err(Wrong::Illegal(HEAD));
        }
        rest.expect(b":", HEAD)?;
        let mut value = rest.next_while(is_text);
        rest.line_end()?;
        while matches!(rest.0.first(), Some(b' ' | b'\t')) {
            value.push(b' ');
            value.extend(rest.next_while(is_text));
            rest.line_end()?;
        }
        let name = String::from_utf8(name).unwrap().to_lowercase();
        fields.push((name, String::from_utf8_lossy(&value).into_owned()));
    }
    rest.line_end()?;
    Ok(Head { http_1_1: minor == b'1', status, fields })
}

impl Head {
    /// The elements of all fields of that name.
    fn list(&self, name: &str) -> Vec<String> {
        let values = self.fields.iter().filter(|(given, _)| given == name);
        let elements = values.flat_map(|(_, value)| value.split(','));
        elements.map(|element| element.trim_matches([' ', '\t']).to_lowercase()).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(given, _)| given == name)
    }

    fn length(&self) -> Result<Option<u64>> {
        let mut lengths = vec![];
        for element in self.list("content-length") {
            let digits = !element.is_empty() && element.chars().all(|c| c.is_ascii_digit());
            match element.parse().ok().filter(|_: &u64| digits) {
                None => return Err(Wrong::Illegal("malformed content-length")),
                Some(length) if lengths.iter().any(|before| *before != length) => {
                    return Err(Wrong::Illegal("contradictory content-lengths"));
                }
                Some(length) => lengths.push(length),
            }
        }
        Ok(lengths.first().copied())
    }

    /// Whether the last transfer coding is `chunked`; `None` if there are no transfer codings.
    fn chunked(&self) -> Result<Option<bool>> {
        let mut codings = self.list("transfer-encoding");
        codings.retain(|coding| !coding.is_empty());
        let name = |coding: &String| coding.split(';').next().unwrap_or_default().trim().to_owned();
        let chunked: Vec<_> = codings.iter().filter(|coding| name(coding) == "chunked").collect();
        if chunked.len() > 1 || chunked.iter().any(|coding| coding.contains(';')) {
            return Err(Wrong::Illegal("misused chunked coding"));
        }
        let last = codings.last().is_some_and(|coding| coding == "chunked");
        Ok(self.has("transfer-encoding").then_some(last))
    }

    /// What the fields say of the body. Of several faults, the first one counts.
    fn framing(&self) -> Result<(Option<u64>, Option<bool>)> {
        let decide = |(name, _): &&(String, String)| {
            ["content-length", "transfer-encoding"].contains(&name.as_str())
        };
        let deciding: Vec<_> = self.fields.iter().filter(decide).cloned().collect();
        for count in 0..deciding.len() {
            let start = Self { fields: deciding[..count].to_vec(), ..*self };
            start.length()?;
            start.chunked()?;
        }
        Ok((self.length()?, self.chunked()?))
    }

    fn keeps_alive(&self) -> bool {
        let options = self.list("connection");
        let says = |option: &str| options.iter().any(|given| given == option);
        !says("close") && (self.http_1_1 || says("keep-alive"))
    }
}

/// The content of a chunked body.
fn chunked(rest: &mut Rest<'_>) -> Result<Vec<u8>> {
    let mut content = vec![];
    loop {
        let digits = rest.next_while(|byte| byte.is_ascii_hexdigit());
        let digits = String::from_utf8(digits).unwrap();
        let significant = digits.trim_start_matches('0');
        if digits.is_empty() && !rest.0.is_empty() || significant.len() > 16 {
            return Err(Wrong::Illegal("malformed chunk size"));
        }
        let size = u64::from_str_radix(&format!("0{significant}"), 16).unwrap();
        let padding = rest.next_while(is_space);
        if rest.next_if(|byte| byte == b';').is_some() {
            rest.next_while(is_text);
        } else if padding.is_empty() && !matches!(rest.0.first(), Some(b'\r') | None) {
            return Err(Wrong::Illegal("malformed chunk size"));
        }
        rest.expect(b"\r\n", "malformed chunk extension")?;
        if size == 0 {
            break;
        }
        for _ in 0..size {
            content.push(rest.next()?);
        }
        rest.expect(b"\r\n", "chunk longer than its size")?;
    }
    while rest.0.first() != Some(&b'\r') {
        if rest.next_while(is_token).is_empty() && !rest.0.is_empty() {
            return Err(Wrong::Illegal("malformed trailer"));
        }
        rest.expect(b":", "malformed trailer")?;
        rest.next_while(is_text);
        rest.expect(b"\r\n", "malformed trailer")?;
    }
    rest.expect(b"\r\n", "malformed trailer")?;
    Ok(content)
}

/// What an answer is that comes as `bytes`, after which the connection is closed, and its content where
/// it is complete.
pub(super) fn read(bytes: &[u8], to_head_request: bool) -> (End, Option<Vec<u8>>) {
    let wrong = match answer(bytes, to_head_request) {
        Ok((end, content)) => return (end, Some(content)),
        Err(Wrong::Ended) if bytes.is_empty() => failed("closed before the answer"),
        Err(Wrong::Ended) => failed("closed within the answer"),
        Err(Wrong::Illegal(name)) => failed(&format!("illegal answer: {name}")),
    };
    (wrong, None)
}

fn answer(bytes: &[u8], to_head_request: bool) -> Result<(End, Vec<u8>)> {
    let mut rest = Rest(bytes);
    loop {
        let head = head(&mut rest)?;
        match head.status {
            ..=99 => return Err(Wrong::Illegal("status below 100")),
            101 => return Err(Wrong::Illegal("status 101")),
            _ => {}
        }
        let (length, chunked_last) = head.framing()?;
        let mut keep_alive = head.keeps_alive();
        let bodiless = to_head_request || head.status < 200 || [204, 304].contains(&head.status);
        let content = match (chunked_last, length) {
            _ if bodiless => vec![],
            (Some(_), _) if !head.http_1_1 => {
                return Err(Wrong::Illegal("transfer-encoding in HTTP/1.0"));
            }
            (Some(_), Some(_)) => {
                return Err(Wrong::Illegal("content-length together with transfer-encoding"));
            }
            (Some(true), None) => chunked(&mut rest)?,
            (None, Some(length)) if length > rest.0.len() as u64 => return Err(Wrong::Ended),
            (None, Some(length)) => {
                let (content, behind) = rest.0.split_at(usize::try_from(length).unwrap());
                rest.0 = behind;
                content.to_vec()
            }
            (Some(false) | None, None) => {
                keep_alive = false;
                std::mem::take(&mut rest.0).to_vec()
            }
        };
        if head.status < 200 {
            continue;
        }
        // Nothing is asked for behind the last answer, nor is it looked at.
        if keep_alive && !rest.0.is_empty() {
            return Err(Wrong::Illegal("bytes after the answer"));
        }
        let (status, bytes) = (head.status, (bytes.len() - rest.0.len()) as u64);
        let body_bytes = content.len() as u64;
        return Ok((End::Answered { status, bytes, body_bytes, keep_alive }, content));
    }
}
