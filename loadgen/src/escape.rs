//! What came from outside, made harmless for whatever shows it.
//!
//! Bodies, headers, the output of servers, names of files and keys, and error texts that quote them
//! may hold characters that a terminal obeys, that reorder a line, or that cannot be seen.

use std::fmt::Write as _;

/// One line for a terminal: line breaks and tabs are escaped, too.
///
/// Escaping twice is the same as escaping once.
#[must_use]
pub fn line(text: &str) -> String {
    escaped(text, |_| false)
}

/// Several lines for a terminal: line breaks are ours and stay. `\r\n` becomes `\n`.
#[must_use]
pub fn lines(text: &str) -> String {
    escaped(&text.replace("\r\n", "\n"), |c| c == '\n')
}

/// Bytes as text: those that are no UTF-8 are shown as `\xff`.
#[must_use]
pub fn bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("a string takes all text");
        }
    }
    text
}

/// For a page: controls are shown as their pictures, as in `␀`, all else as in `\u{202e}`.
///
/// Markup is another matter: this leaves `<` and `&` as they are.
#[must_use]
pub fn marks(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    for c in text.chars() {
        mark(c, &mut marked);
    }
    marked
}

/// The mark of one character.
pub(crate) fn mark(c: char, marked: &mut String) {
    match c {
        '\0'..='\x1f' => marked.extend(char::from_u32(0x2400 + u32::from(c))),
        '\x7f' => marked.push('\u{2421}'),
        c if is_unsafe(c) => marked.extend(c.escape_unicode()),
        c => marked.push(c),
    }
}

/// For a line of Markdown, or a cell of its tables: what it would take for markup is an entity, which
/// every dialect shows as the character and none takes for structure.
///
/// What is put behind it has to begin with something of ours: at the beginning of a line, `-` and `1.`
/// are markup, too.
#[must_use]
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let mut escaped = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_markup = match c {
            '&' | '<' | '>' | '`' | '*' | '_' | '[' | ']' | '\\' | '|' | '~' | '#' | '!' | '$'
            | '@' => true,
            // Of a URL, or of the name of a symbol.
            ':' => chars.peek().is_some_and(|next| *next != ' '),
            _ => false,
        };
        if is_markup {
            write!(escaped, "&#{};", u32::from(c)).expect("a string takes all text");
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Several lines as a block of code in Markdown: its fence is longer than any in the text.
#[must_use]
pub fn fenced(text: &str) -> String {
    let text = lines(text);
    let runs = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(runs.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// JSON text in which such characters, which it has in strings alone, are escaped. `\n` between the
/// values is ours.
#[must_use]
pub fn json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}").expect("a string takes all text");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn escaped(text: &str, stays: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) && !stays(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// C0, DEL and C1; what sets the direction of text; what cannot be seen.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_seen_instead() {
        for (text, expected) in [
            ("plain → é 漢 🙂", "plain → é 漢 🙂"),
            ("\x1b[31mred\x07", "\\u{1b}[31mred\\u{7}"),
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("\u{9b}2J\x7f", "\\u{9b}2J\\u{7f}"),
            ("abc\u{202e}cba\u{2066}\u{2069}\u{61c}", "abc\\u{202e}cba\\u{2066}\\u{2069}\\u{61c}"),
            ("\u{200e}\u{200f}\u{2028}\u{feff}", "\\u{200e}\\u{200f}\\u{2028}\\u{feff}"),
        ] {
            assert_eq!(line(text), expected);
        }
        assert_eq!(lines("a\r\nb\n\x1b\r"), "a\nb\n\\u{1b}\\r");
        assert_eq!(bytes(b"a\xff\xc3\xa9\xc3"), "a\\xffé\\xc3");
        assert_eq!(marks("\0a\x1b<\n\x7f\u{85}\u{202e}"), "␀a␛<␊␡\\u{85}\\u{202e}");
        assert_eq!(
            json("{\"a\":\"\u{7f}\u{202e}\u{e0001}\"}\n"),
            "{\"a\":\"\\u007f\\u202e\\udb40\\udc01\"}\n"
        );
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left(text in any::<String>()) {
            let safe = line(&text);
            prop_assert!(!safe.contains(is_unsafe));
            prop_assert_eq!(line(&safe), safe);
            prop_assert!(!lines(&text).contains(|c| c != '\n' && is_unsafe(c)));
            prop_assert!(!marks(&text).contains(is_unsafe));
            let value = serde_json::json!({ "text": text });
            let shown = json(&serde_json::to_string_pretty(&value).unwrap());
            prop_assert!(!shown.contains(|c| c != '\n' && is_unsafe(c)));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
        }
    }
}
