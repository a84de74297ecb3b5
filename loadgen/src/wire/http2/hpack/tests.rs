use proptest::prelude::*;

use super::*;

fn decoded(decoder: &mut Decoder, block: &[u8]) -> Result<Vec<(String, String)>, Breach> {
    let mut fields = Vec::new();
    decoder
        .decode(block, |name, value| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            fields.push((text(name), text(value)));
            Ok(())
        })?
        .unwrap();
    Ok(fields)
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

/// RFC 7541, appendix C.5: three answers, with a table of 256 bytes of which fields are dropped.
#[test]
fn the_answers_of_the_rfc_decode_with_what_was_kept_before() {
    let mut decoder = Decoder::new();
    decoder.table.resize(256).unwrap();
    let first = bytes(
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a \
         3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
    );
    let [date, location] =
        [("date", "Mon, 21 Oct 2013 20:13:21 GMT"), ("location", "https://www.example.com")];
    let fields = |status, date: (&'static str, &'static str)| {
        let all = [(":status", status), ("cache-control", "private"), date, location];
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    };
    assert_eq!(decoded(&mut decoder, &first).unwrap(), fields("302", date));
    assert_eq!((decoder.table.bytes(), decoder.generation()), (222, 4));
    // The status that was kept is evicted.
    assert_eq!(decoded(&mut decoder, &bytes("4803 3330 37c1 c0bf")).unwrap(), fields("307", date));
    assert_eq!(decoder.table.bytes(), 222);
    let third = bytes(
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 \
         677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 \
         553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
    );
    let mut expected = fields("200", ("date", "Mon, 21 Oct 2013 20:13:22 GMT"));
    for (name, value) in [
        ("content-encoding", "gzip"),
        ("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"),
    ] {
        expected.push((name.to_owned(), value.to_owned()));
    }
    assert_eq!(decoded(&mut decoder, &third).unwrap(), expected);
    assert_eq!(decoder.table.bytes(), 215);
}

#[test]
fn what_is_no_block_is_refused() {
    for (block, why) in [
        (&b"\x80"[..], "number 0"),
        (b"\xbe", "a number of the table that nothing is kept under"),
        (b"\xff\xff\xff\xff\xff\xff\x00", "a number without end"),
        (b"\x00\x05abc", "a string that is cut off"),
        (b"\x40", "a field that is cut off"),
        (b"\x88\x20", "the size of the table behind a field"),
        (b"\x3f\xe2\x1f", "a table of more than 4,096 bytes"),
        (b"\x00\x81\x00\x00", "a name whose code is none"),
    ] {
        assert_eq!(decoded(&mut Decoder::new(), block), Err(Breach::Compression), "{why}");
    }
}

/// A few octets may stand for megabytes.
#[test]
fn a_block_of_references_to_a_long_field_ends_at_its_bound() {
    let mut decoder = Decoder::new();
    let mut block = b"\x40\x01a\x7f\xa1\x1e".to_vec();
    block.extend_from_slice(&[b'v'; 4000]);
    block.resize(block.len() + 15, 0xbe);
    assert_eq!(decoded(&mut decoder, &block).unwrap().len(), 16);
    assert_eq!(decoded(&mut decoder, &[0xbe; 17]), Err(Breach::BlockTooLong));
}

/// The table goes on as the other side has it, whatever is thought of a field.
#[test]
fn a_field_that_is_refused_is_kept_all_the_same() {
    let mut decoder = Decoder::new();
    let said = decoder.decode(b"\x40\x01A\x01b\x88", |_, _| Err(Breach::Head)).unwrap();
    assert_eq!(said, Err(Breach::Head));
    assert_eq!(decoded(&mut decoder, b"\xbe").unwrap(), [("A".to_owned(), "b".to_owned())]);
}

#[test]
fn secrets_are_never_to_be_kept_on_the_way() {
    let mut block = Vec::new();
    encode(&mut block, "authorization", b"Bearer x");
    encode(&mut block, "accept", b"*/*");
    assert_eq!(block, b"\x1f\x08\x08Bearer x\x0f\x04\x03*/*");
}

proptest! {
    #[test]
    fn what_is_encoded_decodes(
        fields in prop::collection::vec(("[a-z-]{1,20}|:path|:method|cookie", "[ -~]{0,300}|GET|/"), 0..20)
    ) {
        let mut block = Vec::new();
        for (name, value) in &fields {
            encode(&mut block, name, value.as_bytes());
        }
        prop_assert_eq!(decoded(&mut Decoder::new(), &block).unwrap(), fields);
    }

    #[test]
    fn no_bytes_make_it_panic_or_keep_more_than_it_may(
        blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..5)
    ) {
        let mut decoder = Decoder::new();
        for block in blocks {
            let _ = decoder.decode(&block, |_, _| Ok(()));
            prop_assert!(decoder.table.bytes() <= 4096);
        }
    }
}
