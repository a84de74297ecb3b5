//! What is said of a file that is wrong.

use super::*;

/// Where a file is wrong, and how.
fn wrong(text: &str) -> (u64, u64, String) {
    let wrong = planned(text).map(|_| ()).unwrap_err();
    (wrong.place.line, wrong.place.column, wrong.message)
}

/// Files that are wrong, each with the line and what is said of it.
const WRONG: &[(&str, u64, &str)] = &[
    ("steps: { a: { get: /a } }\nstesp: 1\n", 2, "there is no key `stesp`"),
    ("steps:\n  a:\n    gte: /a\n", 3, "did you mean `get`?"),
    (
        "steps: { a: { get: /a, answers: [ { status: 1, means: yes } ] } }",
        1,
        "`yes`: expected applied",
    ),
    (
        "steps:\n  a: { get: /a, answers: [ { status: x, means: refused } ] }",
        2,
        "`x`: expected STATUS",
    ),
    ("steps: { a: { get: a } }", 1, "`a`: expected a path, as in /orders"),
    ("steps: { a: { get: '/{{skus}}' } }", 1, "there is no variable {{skus}}"),
    ("steps: { a: { get: /a, post: /b } }", 1, "a: expected one method"),
    ("steps: { a: { headers: { a: b } } }", 0, "a: expected get, post"),
    ("steps: { a: { post: /a, json: 1, body: x } }", 1, "expected one of json, form and body"),
    ("target: http://h\n", 0, "there is nothing to send"),
    ("steps: { a: { get: /a } }\nflow: [ { get: /b } ]", 0, "expected either steps"),
    ("steps: { a: { get: /a, pick: { seq: 1..2 } } }", 1, "{{seq}} has a meaning already"),
    ("steps: { a: { get: /a, pick: { n: 5..2 } } }", 1, "expected a range"),
    ("steps: { a: { get: /a, pick: { n: [] } } }", 1, "nothing in the list"),
    ("steps: { a: { get: /a, keep: { t: jsn:/t } } }", 1, "did you mean `json:/t`?"),
    ("steps: { a: { get: /a, headers: { 'a b': c } } }", 1, "cannot be the name of a header"),
    ("steps: { a: { post: /a, does: { add: n } } }", 1, "nothing that is judged is called `n`"),
    (
        "steps: { a: { post: /a, does: { take: n } } }\njudge: { n: counter }",
        1,
        "`take`: expected add or read",
    ),
    (
        "steps: { a: { post: /a, does: { add: n } } }\njudge: { n: couner }",
        2,
        "did you mean `counter`?",
    ),
    (
        "steps: { a: { post: /a, does: { add: n } } }\njudge: { n: counter }",
        2,
        "nothing says what was there at first",
    ),
    (
        "steps: { a: { post: /a, does: { add: n } } }\njudge: { n: { model: counter, initial: 0 } }",
        2,
        "and nothing reads it",
    ),
    (
        "steps: { a: { post: /a, does: { issue: n } } }\njudge: { n: unique }",
        1,
        "result is missing",
    ),
    (
        "steps: { a: { post: /a, does: { once: n, result: json:/i } } }\njudge: { n: once }",
        1,
        "done once for each of what?",
    ),
    (
        "steps: { a: { post: /a, does: { take: n, of: x } } }\njudge: { n: 'bounded:3' }",
        1,
        "it is the same in each request",
    ),
    ("steps: { a: { get: /a } }\njudge: { n: 'bounded:3' }", 2, "no step changes n"),
    (
        "steps: { a: { get: /a } }\nstate: { n: { get: /n } }",
        2,
        "nothing is judged by the state `n`",
    ),
    (
        "steps: { a: { post: /a, together: 2, does: { add: n } } }\n\
         judge: { n: set }\nstate: { n: { get: /n } }",
        1,
        "all of them would add the same element",
    ),
    ("steps: { a: { get: /a, together: 1 } }", 1, "expected a whole number above 1"),
    ("steps: { a: { get: /a } }\nenv: [NO_SUCH_VARIABLE]", 2, "is not set"),
    ("steps: { a: { get: /a } }\nload: { client: 3 }", 2, "did you mean `clients`?"),
    ("a: [", 1, ""),
    ("steps: { a: { get: /a }, a: { get: /b } }", 1, "`a` is there already"),
    ("steps: { a: { get: /a } }\n---\nsteps: { a: { get: /a } }", 3, "a second document"),
];

/// Each mistake is told with its place, what was found, and what was expected.
#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, line, expected) in WRONG {
        let (found, column, message) = wrong(text);
        assert_eq!(found, *line, "{text}: {message}");
        assert!(found == 0 || column > 0, "{text}");
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn what_would_not_end_is_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        let all = vec![before; 10].join(", ");
        bomb.extend([format!("a{level}: &a{level} [{all}]\n")]);
    }
    assert!(parse(&bomb).is_err());
    let deep = format!("variables: {}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(parse(&deep).is_err());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vec![b'#'; 2 * 1024 * 1024]).unwrap();
    let error = read(file.path()).unwrap_err().to_string();
    assert!(error.contains("is longer than"), "{error}");
    let missing = read(std::path::Path::new("/no/such/file")).unwrap_err().to_string();
    assert!(missing.starts_with("/no/such/file: cannot read it"), "{missing}");
}
