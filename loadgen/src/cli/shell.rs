//! Command lines that only a shell understands.

use crate::plan::ShellHint;

/// What to say of `line`, which no shell runs, where it is written as if one did.
pub(super) fn hint(line: &str) -> Option<ShellHint> {
    let words = words(line);
    let is_certain = words.iter().any(|word| is_operator(word));
    let is_likely = is_certain
        || words.first().is_some_and(|first| is_assignment(first) || BUILTINS.contains(&&**first))
        || words.iter().any(|word| is_expanded(word));
    is_likely.then(|| ShellHint {
        text: format!("--exec runs a program, not a shell: sh -c {}", quoted(line)),
        is_certain,
    })
}

/// What no file is called by that a program might be in.
const BUILTINS: [&str; 10] =
    ["cd", ".", "source", "export", "exec", "eval", "set", "ulimit", "umask", "if"];

/// The words of `line` without whatever is quoted in them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(mark), _) if letter == mark => quote = None,
            (Some('"') | None, '\\') => {
                // A quoted letter: it is passed over, and what it is does not matter.
                letters.next();
            }
            (Some(_), _) => {}
            (None, '\'' | '"') => {
                quote = Some(letter);
                // A quoted word is still a word, and no operator.
                word.push('_');
            }
            (None, _) if letter.is_whitespace() => words.push(std::mem::take(&mut word)),
            (None, _) => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether `word` stands between commands, or names where one reads and writes.
fn is_operator(word: &str) -> bool {
    let redirected = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
    matches!(word, "&&" | "||" | "|" | ";" | "&")
        || matches!(redirected, ">" | ">>" | "<" | ">&1" | ">&2")
        || matches!(word, "2>/dev/null" | ">/dev/null" | "&>/dev/null")
        || word.ends_with(';')
}

/// `PORT=1`.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

/// Whether a shell would put something else in its place.
fn is_expanded(word: &str) -> bool {
    let names =
        |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || "_{(".contains(c));
    word.starts_with('~')
        || word.contains(['*', '`'])
        || word.match_indices('$').any(|(at, _)| names(&word[at + 1..]))
}

fn quoted(line: &str) -> String {
    format!("'{}'", line.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_for_a_shell_gets_a_hint() {
        for (line, is_certain) in [
            ("cd x && y", true),
            ("./app | tee log", true),
            ("./app > log 2>&1", true),
            ("a; b", true),
            ("PORT=1 app", false),
            ("cd x", false),
            ("./app --port $PORT", false),
            ("./app *.json", false),
            ("~/bin/app", false),
        ] {
            let hint = hint(line).unwrap_or_else(|| panic!("{line}"));
            let text = format!("--exec runs a program, not a shell: sh -c '{line}'");
            assert_eq!((hint.text, hint.is_certain), (text, is_certain));
        }
        assert!(hint("cd 'a' && b").unwrap().text.ends_with(r"sh -c 'cd '\''a'\'' && b'"));
    }

    #[test]
    fn a_command_line_for_a_program_gets_none() {
        for line in [
            "./app --port 8000",
            "sh -c 'cd x && PORT=1 y > z'",
            "env PORT=1 ./app --url http://x/?a=1&b=2",
            r"./app --price 5$ --path a\*b \;",
            "./app --filter \"a | b\" --set x=1",
        ] {
            assert_eq!(hint(line), None, "{line}");
        }
    }
}
