//! The client against a server of the `h2` crate's.

use std::rc::Rc;

use bytes::Bytes;
use h2::server::SendResponse;
use http::{Request, Response};
use proptest::prelude::*;
use tokio::io::duplex;
use tokio::task::spawn_local;

use super::super::connection::Connection;
use super::peer::*;
use crate::wire::Opened;

/// What a request is, and what its answer is to be.
#[derive(Debug, Clone)]
struct Talk {
    request_bytes: usize,
    answer_bytes: usize,
    status: u16,
    /// Fields that the server has the client keep, and others.
    fields: Vec<(String, String)>,
    has_trailers: bool,
}

fn talk() -> impl Strategy<Value = Talk> {
    let length = || prop_oneof![Just(0), 1..100_usize, 10_000..100_000_usize];
    let field = (("x-[a-c]{1,2}"), "[ -~]{0,40}");
    let fields = prop::collection::vec(field, 0..6);
    (length(), length(), 200..600_u16, fields, any::<bool>()).prop_map(
        |(request_bytes, answer_bytes, status, fields, has_trailers)| {
            let fields =
                fields.into_iter().map(|(name, value)| (name, value.trim().to_owned())).collect();
            Talk { request_bytes, answer_bytes, status, fields, has_trailers }
        },
    )
}

async fn answer(
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    talks: Rc<[Talk]>,
) {
    let mut content = request.into_body();
    let mut received = Vec::new();
    while let Some(piece) = content.data().await {
        let piece = piece.unwrap();
        content.flow_control().release_capacity(piece.len()).unwrap();
        received.extend_from_slice(&piece);
    }
    let (number, filler) = received.split_first().unwrap();
    let talk = &talks[usize::from(*number)];
    assert_eq!(filler.len(), talk.request_bytes);
    let mut response = Response::builder().status(talk.status);
    for (name, value) in &talk.fields {
        response = response.header(name, value);
    }
    let has_content = talk.answer_bytes > 0 || talk.has_trailers;
    let mut send = respond.send_response(response.body(()).unwrap(), !has_content).unwrap();
    if has_content {
        let content = Bytes::from(vec![*number; talk.answer_bytes]);
        send.send_data(content, !talk.has_trailers).unwrap();
    }
    if talk.has_trailers {
        send.send_trailers(http::HeaderMap::new()).unwrap();
    }
}

async fn holds(talks: Vec<Talk>, window: u32, streams: u32) {
    let (stream, other) = duplex(1 << 14);
    let talks: Rc<[Talk]> = talks.into();
    let client = Rc::new(Connection::new(stream, 8, true, Opened::default()));
    let known = Rc::clone(&talks);
    let server = spawn_local(async move {
        let mut builder = h2::server::Builder::new();
        builder.initial_window_size(window).max_concurrent_streams(streams);
        let mut connection = builder.handshake::<_, Bytes>(other).await.unwrap();
        while let Some(request) = connection.accept().await {
            let Ok((request, respond)) = request else { break };
            spawn_local(answer(request, respond, Rc::clone(&known)));
        }
    });
    client.greet().await.unwrap();
    let mut asking = Vec::new();
    while let Some(mut slot) = client.slot() {
        let talks = Rc::clone(&talks);
        asking.push(spawn_local(async move {
            for (number, talk) in talks.iter().enumerate() {
                let number = u8::try_from(number).unwrap();
                let body = vec![number; 1 + talk.request_bytes];
                let (result, heard, _) = exchange(&mut slot, &post(&body)).await;
                let answer = result.unwrap();
                assert_eq!(answer.status, talk.status);
                assert!(heard.content == vec![number; talk.answer_bytes]);
                let lines = heard.head.lines().filter(|line| line.starts_with("x-"));
                let mut said: Vec<_> = lines.map(str::to_owned).collect();
                let mut expected: Vec<_> =
                    talk.fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                // The library keeps those of one name together.
                said.sort();
                expected.sort();
                assert_eq!(said, expected);
            }
        }));
    }
    assert!(!asking.is_empty());
    for one in asking {
        one.await.unwrap();
    }
    drop(client);
    server.await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_library_hears_and_is_heard(
        talks in prop::collection::vec(talk(), 1..8),
        window in prop_oneof![Just(1_u32 << 16), 1..2000_u32],
        streams in 1..10_u32,
    ) {
        block_on(holds(talks, window, streams));
    }
}
