//! A session that is told the same in other pieces comes to the same, and keeps little meanwhile.

use http::Method;
use tokio::time::Instant;

use super::super::message::Message;
use super::super::session::Session;
use super::super::{hpack, stream};
use crate::scenario::Call;
use crate::wire::Listener;

const REQUESTS: usize = 3;

/// What three requests come to where the server says `bytes`, cut at these places and whole, behind
/// settings of its own.
///
/// # Errors
/// What differs, or is kept beyond bounds.
pub(crate) fn cut_alike(bytes: &[u8], places: &[usize]) -> Result<(), String> {
    let whole = told([bytes])?;
    let mut pieces = Vec::new();
    let mut start = 0;
    for place in places {
        pieces.push(&bytes[start..*place]);
        start = *place;
    }
    pieces.push(&bytes[start..]);
    let cut = told(pieces)?;
    if whole == cut { Ok(()) } else { Err(format!("whole: {whole:?}\nin pieces: {cut:?}")) }
}

/// What is known of a request at the end: how it ended, and what was heard.
type Known = (Option<String>, Heard);

/// What is known at the end of each request, and what is to be sent.
fn told<'b>(
    pieces: impl IntoIterator<Item = &'b [u8]>,
) -> Result<(Vec<Known>, Vec<u8>, String), String> {
    const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
    let now = Instant::now();
    let mut session = Session::new(REQUESTS);
    session.receive(SETTINGS, now);
    let call = Call::new(Method::GET, None);
    let url = "http://localhost/".parse().expect("it is a URL");
    let message = Message::new(&url, &call);
    let mut heard: Vec<Heard> = (0..REQUESTS).map(|_| Heard::default()).collect();
    for slot in 0..REQUESTS {
        session.open(slot, &message);
    }
    for piece in pieces {
        session.receive(piece, now);
        for (slot, heard) in heard.iter_mut().enumerate() {
            // Its window is not given back: that depends on when it is listened to.
            session.stream(slot).map(|stream| stream.listen(heard));
        }
        let most = 2 * hpack::MOST_BYTES + REQUESTS * stream::WINDOW as usize + 300_000;
        let kept = session.kept_bytes();
        if kept > most {
            return Err(format!("{kept} bytes are kept"));
        }
    }
    let sent = session.outgoing().to_vec();
    let end = session.end_before_send().to_string();
    let ended = heard.into_iter().enumerate().map(|(slot, heard)| {
        let ended = session.take_ended(slot);
        (ended.and_then(|stream| Some(format!("{:?}", stream.end?.0))), heard)
    });
    Ok((ended.collect(), sent, end))
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    heads: Vec<String>,
    content: Vec<u8>,
}

impl Listener for Heard {
    fn head(&mut self, _: u16, head: &[u8]) {
        self.heads.push(String::from_utf8_lossy(head).into_owned());
    }

    fn content(&mut self, piece: &[u8]) {
        self.content.extend_from_slice(piece);
    }
}
