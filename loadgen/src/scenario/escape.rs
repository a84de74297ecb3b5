//! How a value is written where it stands in a request.

/// What a value stands in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Escape {
    /// Text that means nothing but itself.
    #[default]
    None,
    /// The path or query of a URL: percent-encoded (RFC 3986, section 2.3).
    Url,
    /// A form, which is encoded likewise.
    Form,
    /// The value of a header field, which has no control characters.
    Header,
    /// A string of JSON.
    Json,
}

impl Escape {
    /// `text` as it is written there: what a user writes into a URL or a header is meant as it is.
    pub(crate) fn constant(self, text: &str) -> Vec<u8> {
        let mut written = Vec::new();
        let escape = if matches!(self, Self::Form | Self::Json) { self } else { Self::None };
        escape.append(text.as_bytes(), &mut written);
        written
    }

    /// Appends `value` as it is written there.
    pub(crate) fn append(self, value: &[u8], into: &mut Vec<u8>) {
        if value.iter().all(|byte| means_itself(*byte)) {
            return into.extend_from_slice(value);
        }
        match self {
            Self::None => into.extend_from_slice(value),
            Self::Url | Self::Form => value.iter().for_each(|byte| percent(*byte, into)),
            Self::Header => {
                let is_allowed = |byte: &&u8| **byte >= b' ' && **byte != 0x7f || **byte == b'\t';
                into.extend(value.iter().filter(is_allowed));
            }
            Self::Json => {
                let text = String::from_utf8_lossy(value);
                let quoted = serde_json::to_string(&text).expect("a text is JSON");
                into.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
            }
        }
    }
}

/// Whether a byte is itself wherever it stands.
fn means_itself(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~@:!$*'()".contains(&byte)
}

fn percent(byte: u8, into: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if means_itself(byte) {
        return into.push(byte);
    }
    into.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(escape: Escape, value: &str) -> String {
        let mut into = Vec::new();
        escape.append(value.as_bytes(), &mut into);
        String::from_utf8(into).unwrap()
    }

    #[test]
    fn a_value_cannot_become_anything_else_where_it_stands() {
        let hostile = "a \"b\"\r\n\\ä&=/?#%+{";
        for (escape, expected) in [
            (Escape::None, hostile),
            (Escape::Url, "a%20%22b%22%0D%0A%5C%C3%A4%26%3D%2F%3F%23%25%2B%7B"),
            (Escape::Header, "a \"b\"\\ä&=/?#%+{"),
            (Escape::Json, "a \\\"b\\\"\\r\\n\\\\ä&=/?#%+{"),
        ] {
            assert_eq!(written(escape, hostile), expected, "{escape:?}");
            assert_eq!(written(escape, "plain-1.2_~"), "plain-1.2_~");
        }
    }
}
