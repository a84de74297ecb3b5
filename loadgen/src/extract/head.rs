//! The header fields in the bytes of a head.

/// The value of the first field called `name` in the bytes of a complete head.
pub(crate) fn header(head: &[u8], name: &str) -> Option<String> {
    headers(head, name).next()
}

/// The values of all fields called `name` in the bytes of a complete head. Where one goes on in further
/// lines, each line's end and the spaces around it are one space.
pub(crate) fn headers(head: &[u8], name: &str) -> impl Iterator<Item = String> {
    let mut lines = head.split(|byte| *byte == b'\n').skip(1).peekable();
    std::iter::from_fn(move || {
        let first = lines.find_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let is_it = line[..colon].eq_ignore_ascii_case(name.as_bytes());
            is_it.then(|| &line[colon + 1..])
        })?;
        let mut value = String::from_utf8_lossy(first).trim().to_owned();
        while let Some(line) = lines.next_if(|line| matches!(line.first(), Some(b' ' | b'\t'))) {
            value.push(' ');
            value.push_str(String::from_utf8_lossy(line).trim());
        }
        Some(value.trim().to_owned())
    })
}
