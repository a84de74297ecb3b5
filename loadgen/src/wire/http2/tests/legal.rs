use http::Method;

use super::peer::*;
use crate::wire::Progress;

#[test]
fn a_request_has_its_fields_and_an_answer_its_head_content_and_size() {
    block_on(async {
        let (client, mut server) = connected(1, &[]).await;
        let mut slot = client.slot().unwrap();
        for (stream, status) in [(1, 200), (3, 404)] {
            let message = post(b"abc");
            let serve = async {
                let [head, content] = [server.frame().await, server.frame().await];
                assert_eq!((head.kind, head.flags, head.stream), (HEADERS, END_HEADERS, stream));
                // That nothing is kept is said once.
                assert_eq!(head.payload.starts_with(&[0x20]), stream == 1);
                let is_first = usize::from(stream == 1);
                assert_eq!(&head.payload[is_first..], message.block());
                assert_eq!((content.kind, content.flags), (DATA, END_STREAM));
                assert_eq!(content.payload, b"abc");
                server.answer(stream, &status.to_string(), "hello").await;
            };
            let ((result, heard, progress), ()) =
                tokio::join!(exchange(&mut slot, &message), serve);
            let answer = result.unwrap();
            assert_eq!((answer.status, answer.body_bytes, answer.keep_alive), (status, 5, true));
            assert_eq!(answer.bytes, answer_bytes(stream, status));
            assert_eq!(heard.head, format!("HTTP/2 {status}\r\n\r\n"));
            assert_eq!((heard.status, &heard.content[..]), (status, &b"hello"[..]));
            assert_eq!(progress, Progress::Whole);
        }
    });
}

fn answer_bytes(stream: u32, status: u16) -> u64 {
    answer(stream, &status.to_string(), "hello").len() as u64
}

#[test]
fn what_is_shown_of_a_request_is_what_is_sent() {
    let shown = post(b"abc").show();
    for line in [":method: POST", ":scheme: http", ":authority: localhost:1", ":path: /inc?a=b"] {
        assert!(shown.contains(&format!("{line}\r\n")), "{shown}");
    }
    assert!(shown.contains("content-length: 3\r\n") && shown.ends_with("\r\n\r\nabc"), "{shown}");
}

/// Whatever a server may put around an answer, it is the same answer.
#[test]
fn interim_heads_trailers_padding_pieces_and_frames_of_other_kinds_change_nothing() {
    let whole = block(&[(":status", "200"), ("a", "b"), ("content-length", "5")]);
    let interim = |status| frame(HEADERS, END_HEADERS, 1, &block(&[(":status", status)]));
    let head = frame(HEADERS, END_HEADERS, 1, &whole);
    let data = frame(DATA, END_STREAM, 1, b"hello");
    let padded = |kind, flags, payload: &[u8]| {
        frame(kind, flags | 0x8, 1, &[&[3], payload, &[0; 3]].concat())
    };
    let with_priority = frame(HEADERS, END_HEADERS | 0x20, 1, &[&[0; 5], &whole[..]].concat());
    let pieces = [
        frame(HEADERS, 0, 1, &whole[..2]),
        frame(CONTINUATION, 0, 1, b""),
        frame(CONTINUATION, END_HEADERS, 1, &whole[2..]),
    ];
    let others = [
        frame(2, 0, 1, &[0; 5]),
        frame(0xbe, 0xff, 1, b"unknown"),
        frame(0xbe, 0, 0, b""),
        frame(PING, 1, 0, &[0; 8]),
        frame(SETTINGS, 0, 0, &[0xff, 0xff, 0, 0, 0, 1]),
        frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]),
    ];
    let trailers = frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(&[("checksum", "1")]));
    let behind = [frame(RST_STREAM, 0, 1, &[0; 4]), frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1])];
    let halves =
        [frame(DATA, 0, 1, b"he"), frame(DATA, 0, 1, b""), frame(DATA, END_STREAM, 1, b"llo")];
    for bytes in [
        [head.clone(), data.clone()].concat(),
        [interim("100"), interim("103"), head.clone(), data.clone()].concat(),
        [padded(HEADERS, END_HEADERS, &whole), padded(DATA, END_STREAM, b"hello")].concat(),
        [with_priority, data.clone()].concat(),
        [pieces.concat(), data.clone()].concat(),
        [others.concat(), head.clone(), others.concat(), data.clone()].concat(),
        [head.clone(), frame(DATA, 0, 1, b"hello"), trailers].concat(),
        [head.clone(), halves.concat()].concat(),
        [head, data, behind.concat()].concat(),
    ] {
        // Whole, and byte by byte.
        for pieces in [bytes.len(), 1] {
            block_on(async {
                let (client, mut server) = connected(1, &[]).await;
                let mut slot = client.slot().unwrap();
                let serve = async {
                    server.request().await;
                    for piece in bytes.chunks(pieces) {
                        server.send(piece).await;
                        tokio::task::yield_now().await;
                    }
                };
                let ((result, answered, _), ()) = tokio::join!(get_over(&mut slot), serve);
                assert_eq!(result.unwrap().body_bytes, 5);
                assert_eq!(answered.content, b"hello");
                assert_eq!(answered.head, "HTTP/2 200\r\na: b\r\ncontent-length: 5\r\n\r\n");
                // And the connection goes on.
                let serve = async {
                    while server.frame().await.kind != HEADERS {}
                    server.answer(3, "200", "").await;
                };
                let (result, ()) = tokio::join!(get_over(&mut slot), serve);
                assert_eq!(result.0.unwrap().status, 200);
            });
        }
    }
}

#[test]
fn an_answer_without_content_may_say_how_long_it_would_be() {
    for (method, status) in [(Method::HEAD, "200"), (Method::GET, "304"), (Method::GET, "204")] {
        block_on(async {
            let (client, mut server) = connected(1, &[]).await;
            let mut slot = client.slot().unwrap();
            let message = call(method, None);
            let serve = async {
                server.request().await;
                let fields = block(&[(":status", status), ("content-length", "12")]);
                server.send_frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields).await;
            };
            let (result, ()) = tokio::join!(exchange(&mut slot, &message), serve);
            assert_eq!(result.0.unwrap().status, status.parse::<u16>().unwrap());
        });
    }
}

#[test]
fn a_ping_is_answered() {
    block_on(async {
        let (client, mut server) = connected(1, &[]).await;
        let serve = async {
            server.request().await;
            server.send_frame(PING, 0, 0, b"12345678").await;
            let pong = server.frame().await;
            assert_eq!((pong.kind, pong.flags, &pong.payload[..]), (PING, 1, &b"12345678"[..]));
            server.answer(1, "200", "").await;
        };
        let (result, ()) = tokio::join!(ask(&client), serve);
        result.unwrap();
    });
}

#[test]
fn a_request_with_more_fields_than_a_frame_holds_goes_on_in_further_ones() {
    block_on(async {
        let (client, mut server) = connected(1, &[]).await;
        let mut slot = client.slot().unwrap();
        let url = format!("http://localhost/{}", "x".repeat(40_000)).parse().unwrap();
        let call = crate::scenario::Call::new(Method::GET, None);
        let message = super::super::message::Message::new(&url, &call);
        let serve = async {
            let frames = [server.frame().await, server.frame().await, server.frame().await];
            let kinds = frames.each_ref().map(|sent| (sent.kind, sent.flags));
            assert_eq!(
                kinds,
                [(HEADERS, END_STREAM), (CONTINUATION, 0), (CONTINUATION, END_HEADERS)]
            );
            let block = frames.map(|sent| sent.payload).concat();
            assert_eq!(&block[1..], message.block());
            server.answer(1, "200", "").await;
        };
        let (result, ()) = tokio::join!(exchange(&mut slot, &message), serve);
        result.0.unwrap();
    });
}

#[test]
fn variables_are_filled_in_with_the_lengths_that_go_with_them() {
    let text = |text: &str| http::HeaderValue::from_str(text).unwrap();
    let call = crate::scenario::Call {
        method: Method::POST,
        headers: vec![
            ("X-Id".to_owned(), text("{{rand 5..5}}-{{value}}")),
            ("Authorization".to_owned(), text("Bearer {{seq}}")),
        ],
        body: Some(b"{{seq}} of {{client}}".to_vec()),
        variables: crate::scenario::Variables::default(),
        escape: Some(crate::scenario::Escape::None),
    };
    let url = "http://localhost/{{seq}}".parse().unwrap();
    let mut message = super::super::message::Message::new(&url, &call);
    let mut values =
        crate::scenario::Values::of_client(12, 1, &crate::scenario::Variables::default());
    for (number, value) in [(0, 7), (122, 1_795_000_000_000_042)] {
        values.next(number, value);
        message.fill(&mut values);
        let (seq, shown) = (number + 1, message.show());
        for line in [
            format!(":path: /{seq}"),
            format!("x-id: 5-{value:016}"),
            format!("authorization: Bearer {seq}"),
            format!("content-length: {}", 6 + seq.to_string().len()),
        ] {
            assert!(shown.contains(&format!("{line}\r\n")), "{shown}");
        }
        assert!(shown.ends_with(&format!("\r\n\r\n{seq} of 12")), "{shown}");
    }
}
