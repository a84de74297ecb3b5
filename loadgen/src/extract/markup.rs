//! What of HTML and XML a reader sees: everything else is blanked out, so that what is left stands
//! where it stood.

/// Stands for a tag within a line of text: what is on both sides of it touches.
pub(super) const JOINT: char = '\u{1}';

/// Stands for a character that was written by its number or name.
pub(super) const ENTITY: char = '\u{2}';

/// What a year may follow.
pub(super) const COPYRIGHT: char = '©';

/// Elements that do not part what is before them from what is behind them.
const INLINE: [&str; 24] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "em", "font", "i", "ins", "kbd",
    "mark", "s", "small", "span", "strong", "sub", "sup", "time", "u", "var",
];

/// Elements whose content nobody sees.
const HIDDEN: [&str; 4] = ["script", "style", "template", "noscript"];

/// A text of markup, as it is seen.
#[derive(Debug, Default)]
pub(super) struct Visible {
    /// As long as the text in bytes.
    pub(super) text: String,
    /// Where attributes hold numbers: a value that is meant for a program, not for a reader.
    pub(super) attributes: Vec<std::ops::Range<usize>>,
}

/// What is seen of `text`, which is HTML, or else XML.
pub(super) fn visible(text: &str, is_html: bool) -> Visible {
    let mut visible = Visible { text: String::with_capacity(text.len()), ..Visible::default() };
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = match rest.as_bytes()[0] {
            b'<' => visible.take_markup(text, at, is_html),
            b'&' => visible.take_entity(rest),
            _ => {
                let end = rest.find(['<', '&']).unwrap_or(rest.len());
                visible.text.push_str(&rest[..end]);
                end
            }
        };
        at += length;
    }
    visible
}

impl Visible {
    fn blank(&mut self, length: usize) -> usize {
        self.fill(length, ' ')
    }

    /// Puts `with` and blanks, as long as what they stand for.
    fn fill(&mut self, length: usize, with: char) -> usize {
        self.text.extend(std::iter::repeat_n(with, length));
        length
    }

    /// Takes what begins with `<`, and returns how long it is.
    fn take_markup(&mut self, text: &str, at: usize, is_html: bool) -> usize {
        let rest = &text[at..];
        let until = |end: &str| rest.find(end).map_or(rest.len(), |found| found + end.len());
        if rest.starts_with("<!--") {
            // React parts texts of one line by comments.
            return self.fill(until("-->"), JOINT);
        }
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let end = data.find("]]>").unwrap_or(data.len());
            self.blank("<![CDATA[".len());
            self.text.push_str(&data[..end]);
            let closing = rest.len().min("<![CDATA[".len() + end + 3) - "<![CDATA[".len() - end;
            self.blank(closing);
            return "<![CDATA[".len() + end + closing;
        }
        if rest.starts_with("<?") {
            return self.blank(until("?>"));
        }
        let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!_:".contains(c));
        if !is_tag {
            // A sign: `5 < 6`.
            self.text.push('<');
            return 1;
        }
        let length = tag_length(rest);
        let tag = &rest[..length];
        let name = tag_name(tag);
        self.note_attributes(tag, at, is_html);
        let is_inline = is_html && INLINE.iter().any(|inline| name.eq_ignore_ascii_case(inline));
        self.fill(length, if is_inline { JOINT } else { ' ' });
        let is_opening = !tag.starts_with("</") && !tag.ends_with("/>");
        let is_hidden = is_html && HIDDEN.iter().any(|hidden| name.eq_ignore_ascii_case(hidden));
        if is_hidden && is_opening {
            let content = &rest[length..];
            return length + self.blank(closing(content, name));
        }
        length
    }

    fn take_entity(&mut self, rest: &str) -> usize {
        let end = rest.find(|c: char| c != '&' && c != '#' && !c.is_ascii_alphanumeric());
        let Some(end) = end.filter(|end| rest[*end..].starts_with(';') && *end > 1) else {
            self.text.push('&');
            return 1;
        };
        let length = end + 1;
        match &rest[1..end] {
            "nbsp" | "ensp" | "emsp" | "#160" | "#xA0" | "#xa0" => self.blank(length),
            "lt" | "gt" | "quot" | "middot" | "bull" | "mdash" | "hellip" | "laquo" | "raquo"
            | "rarr" | "larr" => self.fill(length, '|'),
            "copy" | "#169" => {
                self.text.push(COPYRIGHT);
                self.blank(length - COPYRIGHT.len_utf8());
                length
            }
            _ => self.fill(length, ENTITY),
        }
    }

    /// Notes the attributes whose whole value is a number of which nobody can say what it means.
    fn note_attributes(&mut self, tag: &str, at: usize, is_html: bool) {
        let mut position = 0;
        while let Some(found) = tag[position..].find(['"', '\'']) {
            let start = position + found + 1;
            let quote = char::from(tag.as_bytes()[start - 1]);
            let Some(length) = tag[start..].find(quote) else { return };
            let end = start + length;
            let name = attribute_name(&tag[..start - 1]);
            let counts = if is_html {
                name == "value" || name == "aria-valuenow" || name.starts_with("data-")
            } else {
                name != "version" && !name.starts_with("xmlns")
            };
            let value = tag[start..end].trim();
            if counts && value.bytes().any(|b| b.is_ascii_digit()) && is_numeric(value) {
                self.attributes.push(at + start..at + end);
            }
            position = end + 1;
        }
    }
}

fn is_numeric(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit() || b"+-., eE".contains(&byte))
}

/// The name before the equals sign that `text` ends with.
fn attribute_name(text: &str) -> String {
    let text = text.trim_end().strip_suffix('=').unwrap_or_default().trim_end();
    let start = text.rfind([' ', '\t', '\n', '\r', '/', '"', '\'']).map_or(0, |at| at + 1);
    text[start..].to_ascii_lowercase()
}

/// How long the tag is that `text` begins with: a `>` in quotes does not end it.
fn tag_length(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            // Only a value is in quotes: an apostrophe may stand anywhere else.
            (None, b'"' | b'\'') if text[..at].trim_end().ends_with('=') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn tag_name(tag: &str) -> &str {
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(name.len());
    &name[..end]
}

/// How much of `content` is before the tag that closes `name`.
fn closing(content: &str, name: &str) -> usize {
    let is_closing = |at: &usize| {
        let rest = &content[*at..];
        rest.strip_prefix("</")
            .and_then(|rest| rest.get(..name.len()))
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    let starts = content.match_indices("</").map(|(at, _)| at);
    starts.into_iter().find(is_closing).unwrap_or(content.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(text: &str) -> String {
        let visible = visible(text, true).text.replace([JOINT, ENTITY], "~");
        visible.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tags_scripts_and_comments_are_not_seen() {
        for (text, expected) in [
            ("<h1>Counter: 41</h1>", "Counter: 41"),
            ("<!DOCTYPE html><p title='7 > 6'>a<br/>b", "a b"),
            ("<script>let n = 7;</script><STYLE>p{margin:4px}</style >x", "x"),
            ("<p>a < 5 & b &lt; 6 &nbsp; c</p>", "a < 5 & b |||| 6 c"),
            ("<p>it's</p><a href=\"x?n=5\">y", "it's ~~~~~~~~~~~~~~~~y"),
            ("n<!-- -->5", "n~~~~~~~~5"),
            ("<![CDATA[ 5 < 6 ]]>", "5 < 6"),
            ("&copy; 2026 &#49;", "© 2026 ~~~~~"),
            ("<unclosed", ""),
            ("<script>never closed 5", ""),
        ] {
            assert_eq!(seen(text), expected, "{text}");
        }
    }

    #[test]
    fn attributes_that_may_hold_the_number_are_noted() {
        let noted = |text: &str, is_html| {
            let visible = visible(text, is_html);
            visible.attributes.iter().map(|at| text[at.clone()].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(noted("<input name=\"n\" value=\"41\">", true), ["41"]);
        assert_eq!(noted("<b data-count='1,010' width=\"7\">", true), ["1,010"]);
        assert_eq!(noted("<count version=\"1.0\" n=\"41\" s=\"a 5\"/>", false), ["41"]);
    }

    proptest! {
        /// Whatever is left stands where it stood.
        #[test]
        fn nothing_moves(
            pieces in proptest::collection::vec(prop_oneof![
                Just("<p>"), Just("<b"), Just(">"), Just("&nbsp;"), Just("&"), Just(";"), Just("é"),
                Just("<![CDATA["), Just("]]>"), Just("<!--"), Just("-->"), Just("<script>"),
                Just("</script>"), Just("\""), Just("="), Just("41"), Just("<?"), Just("&copy;"),
            ], 0..12),
            is_html: bool,
        ) {
            let text = pieces.concat();
            prop_assert_eq!(visible(&text, is_html).text.len(), text.len(), "{}", text);
        }
    }
}
