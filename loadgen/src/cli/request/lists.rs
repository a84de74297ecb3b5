//! Requests out of files, a line for each.

use std::path::Path;

use http::Method;
use url::Url;

use super::files::of_file;
use crate::cli::values;

/// A line of `--urls`: where a request goes, and its method where that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) method: Option<Method>,
    pub(super) url: Url,
}

/// The requests of a file of `URL` or `METHOD URL` lines; a path is one on the host of `base`. Empty
/// lines, and those that begin with `#`, are none.
pub(super) fn urls(path: &Path, base: Option<&Url>) -> Result<Vec<Listed>, String> {
    let text = text_of(path)?;
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let mut listed: Vec<Listed> = Vec::new();
    for (index, line) in lines {
        let wrong = |why: String| format!("--urls {}, line {}: {why}", path.display(), index + 1);
        let first = base.or(listed.first().map(|first| &first.url));
        let one = one(line, first).map_err(wrong)?;
        if let Some(first) = first.filter(|first| first.origin() != one.url.origin()) {
            return Err(wrong(format!(
                "expected a URL of {}",
                first.origin().ascii_serialization()
            )));
        }
        listed.push(one);
    }
    if listed.is_empty() {
        return Err(format!("--urls {}: there is no URL in it", path.display()));
    }
    Ok(listed)
}

fn one(line: &str, base: Option<&Url>) -> Result<Listed, String> {
    let (method, place) = match line.split_once(char::is_whitespace) {
        Some((method, place)) => {
            let known = method.parse().ok().filter(|_| is_method(method));
            let method =
                known.ok_or_else(|| format!("`{method}` is not a method: expected METHOD URL"))?;
            (Some(method), place.trim())
        }
        None => (None, line),
    };
    let url = match base {
        Some(base) if place.starts_with('/') => {
            base.join(place).map_err(|error| error.to_string())?
        }
        None if place.starts_with('/') => {
            return Err("a path needs the URL of the command line, but there is none".to_owned());
        }
        _ => values::url(place)?,
    };
    Ok(Listed { method, url })
}

/// What is written as a method; anything else with a space behind it is a URL that has one in it.
fn is_method(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
}

/// The contents of a file, a line for each; empty lines are none.
pub(super) fn bodies(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    let content = of_file(path)?;
    let lines = content.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let bodies: Vec<_> = lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect();
    if bodies.is_empty() {
        return Err(format!("--body-lines {}: there is no line in it", path.display()));
    }
    Ok(bodies)
}

fn text_of(path: &Path) -> Result<String, String> {
    let text = String::from_utf8(of_file(path)?);
    text.map_err(|_| format!("{}: expected text in UTF-8", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn a_line_is_a_url_and_a_method_where_it_says_one() {
        let file = file("# all of them\n\nhttp://h:1/a?b={{seq}}\n  DELETE h:1/c  \r\n/d\n");
        let listed = urls(file.path(), None).unwrap();
        let shown: Vec<_> = listed
            .iter()
            .map(|one| (one.method.as_ref().map(Method::as_str), one.url.as_str()))
            .collect();
        let expected = [
            (None, "http://h:1/a?b={{seq}}"),
            (Some("DELETE"), "http://h:1/c"),
            (None, "http://h:1/d"),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, base, expected) in [
            ("", None, "there is no URL in it"),
            ("# none\n", None, "there is no URL in it"),
            ("/a\n", None, "line 1: a path needs the URL of the command line"),
            ("http://h/\nhttp://other/\n", None, "line 2: expected a URL of http://h"),
            ("http://other/", Some("http://h/"), "line 1: expected a URL of http://h"),
            ("get http://h/", None, "`get` is not a method"),
            ("GET ftp://h/", None, "line 1: "),
        ] {
            let base = base.map(|base| base.parse().unwrap());
            let error = urls(file(text).path(), base.as_ref()).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        assert!(urls("/no/such/file".as_ref(), None).unwrap_err().contains("cannot read"));
    }

    #[test]
    fn a_content_is_a_line_without_its_end() {
        let read = bodies(file("a b\r\n\n{\"c\":1}").path()).unwrap();
        assert_eq!(read, [b"a b".to_vec(), b"{\"c\":1}".to_vec()]);
        assert!(bodies(file("\n").path()).unwrap_err().contains("no line"));
    }
}
