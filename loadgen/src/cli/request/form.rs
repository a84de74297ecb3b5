//! A form of several parts (`multipart/form-data`, RFC 7578), as curl's `-F` describes it.

use std::ffi::OsStr;
use std::iter::repeat_with;
use std::path::Path;

use super::files::of_file;

/// A part of a form.
struct Part {
    name: String,
    content: Vec<u8>,
    /// What the file is called that it is.
    filename: Option<String>,
    content_type: Option<String>,
}

/// The form of these parts, and its type.
pub(super) fn form(parts: &[String]) -> Result<(Vec<u8>, String), String> {
    let parts = parts.iter().map(|part| self::part(part)).collect::<Result<Vec<_>, _>>()?;
    let boundary = boundary(&parts);
    let mut bytes = Vec::new();
    for part in &parts {
        bytes.extend_from_slice(part.head(&boundary).as_bytes());
        bytes.extend_from_slice(&part.content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((bytes, format!("multipart/form-data; boundary={boundary}")))
}

/// What stands between parts, and in none of them.
fn boundary(parts: &[Part]) -> String {
    let made = || {
        let random: String = repeat_with(fastrand::alphanumeric).take(22).collect();
        format!("{:-<24}{random}", "")
    };
    let is_in = |boundary: &str, part: &Part| {
        part.content.windows(boundary.len()).any(|piece| piece == boundary.as_bytes())
    };
    repeat_with(made)
        .find(|boundary| !parts.iter().any(|part| is_in(boundary, part)))
        .expect("there are more of them than places in the parts")
}

/// `name=value`, `name=@FILE` or `name=<FILE`, with `;type=TYPE` and `;filename=NAME`.
fn part(text: &str) -> Result<Part, String> {
    let expected = || format!("--form {text}: expected name=value, name=@FILE or name=<FILE");
    let (name, value) =
        text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(expected)?;
    let (value, content_type, filename) = options(value);
    let name = name.to_owned();
    if let Some(path) = value.strip_prefix('@').map(Path::new) {
        let called = || path.file_name().map(|name| name.to_string_lossy().into_owned());
        let content_type = content_type.unwrap_or_else(|| type_of(path).to_owned());
        return Ok(Part {
            name,
            content: of_file(path)?,
            filename: filename.or_else(called),
            content_type: Some(content_type),
        });
    }
    let content = match value.strip_prefix('<') {
        Some(path) => of_file(path.as_ref())?,
        None => value.as_bytes().to_vec(),
    };
    Ok(Part { name, content, filename, content_type })
}

/// A value without the options behind it: its type, and what its file is called.
fn options(value: &str) -> (&str, Option<String>, Option<String>) {
    let (mut value, mut content_type, mut filename) = (value, None, None);
    while let Some((rest, option)) = value.rsplit_once(';') {
        match option.trim().split_once('=') {
            Some(("type", given)) => content_type = Some(given.to_owned()),
            Some(("filename", given)) => filename = Some(given.trim_matches('"').to_owned()),
            _ => break,
        }
        value = rest;
    }
    (value, content_type, filename)
}

/// The types that curl knows by their files' names.
fn type_of(path: &Path) -> &'static str {
    let extension = path.extension().map(OsStr::to_ascii_lowercase);
    match extension.as_ref().and_then(|extension| extension.to_str()) {
        Some("gif") => "image/gif",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain",
        Some("htm" | "html") => "text/html",
        Some("pdf") => "application/pdf",
        Some("xml") => "application/xml",
        _ => "application/octet-stream",
    }
}

impl Part {
    fn head(&self, boundary: &str) -> String {
        let quoted =
            |text: &str| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&self.name)
        );
        if let Some(filename) = &self.filename {
            head = format!("{head}; filename=\"{}\"", quoted(filename));
        }
        if let Some(content_type) = &self.content_type {
            head = format!("{head}\r\nContent-Type: {content_type}");
        }
        head + "\r\n\r\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_written_as_curl_writes_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, b"\x89PNG\0").unwrap();
        let path = path.display();
        let parts = [
            "n=a; b;c=d".to_owned(),
            "j={\"a\":1};type=application/json".to_owned(),
            format!("f\"=@{path}"),
            format!("g=@{path};filename=\"b.bin\";type=x/y"),
            format!("h=<{path}"),
        ];
        let (bytes, content_type) = form(&parts).unwrap();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let text = String::from_utf8_lossy(&bytes).replace(boundary, "B");
        let expected = [
            "--B\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\na; b;c=d\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"j\"\r\n\
             Content-Type: application/json\r\n\r\n{\"a\":1}\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"f%22\"; filename=\"a.png\"\r\n\
             Content-Type: image/png\r\n\r\n\u{fffd}PNG\0\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"g\"; filename=\"b.bin\"\r\n\
             Content-Type: x/y\r\n\r\n\u{fffd}PNG\0\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"h\"\r\n\r\n\u{fffd}PNG\0\r\n",
            "--B--\r\n",
        ];
        assert_eq!(text, expected.concat());
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["", "a", "=a"] {
            assert!(
                form(&[text.to_owned()]).unwrap_err().contains("expected name=value"),
                "{text}"
            );
        }
        let missing = form(&["a=@/no/such/file".to_owned()]).unwrap_err();
        assert!(missing.contains("cannot read /no/such/file"), "{missing}");
    }
}
