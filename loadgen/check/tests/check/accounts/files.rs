//! Histories of accounts in files.

use loadgen_check::{Model, Verdict, files};

use super::judged;

const TEXT: &str = r#"{"schema":"loadgen/history/2","model":"accounts:0","initial":{"bank":{"a":100,"7":50}}}
{"client":0,"call":0,"return":10,"op":"move","key":"bank","arg":[30,"a",7],"result":true,"outcome":"ok"}
{"client":1,"call":5,"return":9,"op":"read","key":"bank","arg":null,"result":{"a":70,"7":80},"outcome":"ok"}
{"client":1,"call":20,"return":25,"op":"read","key":"bank","arg":null,"result":{"7":80},"outcome":"ok"}
{"client":1,"call":30,"return":35,"op":"read","key":"bank","arg":null,"result":{},"outcome":"ok"}
{"client":2,"call":40,"return":45,"op":"read","key":"bank","arg":null,"result":null,"outcome":"ok"}
{"client":2,"call":50,"return":55,"op":"move","key":"bank","arg":[71,"a","b c"],"result":false,"outcome":"ok"}
{"client":3,"call":60,"return":null,"op":"move","key":"bank","arg":[5,"b c","a"],"result":null,"outcome":"unknown"}
"#;

#[test]
fn accounts_may_be_texts_and_a_file_says_the_same_again() {
    let (model, history) = files::read(TEXT.as_bytes(), None).unwrap();
    assert_eq!(model, Model::Accounts { floor: Some(0) });
    assert_eq!(judged(&history.objects[0], model).verdict, Verdict::Valid);
    let mut written = Vec::new();
    files::write(&mut written, model, &history).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), TEXT);
    let wrong = TEXT.replace(r#""result":{"7":80}"#, r#""result":{"7":50}"#);
    let (model, history) = files::read(wrong.as_bytes(), None).unwrap();
    assert_eq!(judged(&history.objects[0], model).verdict, Verdict::Invalid);
}

#[test]
fn a_line_that_is_none_of_accounts_is_refused() {
    for (from, to, expected) in [
        (r#"[30,"a",7]"#, r#"[30,"a"]"#, "\"arg\" is a list of 2: expected [amount, from, to]"),
        (
            r#"[30,"a",7]"#,
            r#"[0,"a",7]"#,
            "expected [amount, from, to], with an amount of 1 or more",
        ),
        (r#"[30,"a",7]"#, r#"["30.5","a",7]"#, "expected [amount, from, to]"),
        (r#"[30,"a",7]"#, "[30,null,7]", "expected [amount, from, to]"),
        (r#"[30,"a",7]"#, "null", "expected [amount, from, to]"),
        (r#"{"7":80}"#, r#"{"7":80,"7":80}"#, "\"result\" is an object: expected accounts"),
        (r#"{"7":80}"#, r#"{"7":80.5}"#, "expected an integer"),
        (r#"{"7":80}"#, "80", "\"result\" is 80: expected accounts with their balances"),
        (r#"{"7":80}"#, r#"{"7":80"#, "expected an integer"),
        (r#""read""#, r#""take""#, "which an accounts:0 does not have"),
        (r#"{"a":100,"7":50}"#, "[1]", "expected accounts with their balances"),
    ] {
        let text = TEXT.replacen(from, to, 1);
        assert_ne!(text, TEXT, "{from}");
        let error = files::read(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
    let line = r#"{"client":0,"call":0,"return":10,"op":"read","key":"i","arg":null,"result":{},"outcome":"ok"}"#;
    let text = format!("{{\"schema\":\"loadgen/history/2\",\"model\":\"counter\"}}\n{line}\n");
    let error = files::read(text.as_bytes(), None).unwrap_err().to_string();
    assert!(error.contains("\"result\" is an object: expected an integer or null"), "{error}");
}
