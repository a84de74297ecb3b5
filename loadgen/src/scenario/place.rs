//! Where a request goes.

use std::borrow::Cow;

use url::{Position, Url};

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// To this URL.
    Url(Url),
    /// To this path, which begins with `/`, and query on the subject, wherever that listens.
    Path(Cow<'static, str>),
}

impl Place {
    /// The same path and query, wherever the subject listens.
    #[must_use]
    pub fn anywhere(&self) -> Self {
        match self {
            Self::Url(url) => {
                Self::Path(url[Position::BeforePath..Position::AfterQuery].to_owned().into())
            }
            Self::Path(_) => self.clone(),
        }
    }

    /// Where that is if the subject listens at `base`.
    pub(crate) fn on(&self, base: &Url) -> Url {
        match self {
            Self::Url(url) => url.clone(),
            Self::Path(reference) => {
                let (path, query) = match reference.split_once('?') {
                    Some((path, query)) => (path, Some(query)),
                    None => (&**reference, None),
                };
                let mut url = base.clone();
                url.set_path(path);
                url.set_query(query);
                url.set_fragment(None);
                url
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_on_whatever_base_the_subject_has() {
        let base = Url::parse("http://127.0.0.1:4711/a?b=c#d").unwrap();
        for (reference, expected) in [
            ("/inc?name=i", "http://127.0.0.1:4711/inc?name=i"),
            ("/results?id={value}", "http://127.0.0.1:4711/results?id={value}"),
            ("/results", "http://127.0.0.1:4711/results"),
        ] {
            let path = Place::Path(reference.into());
            assert_eq!(path.on(&base).as_str(), expected);
        }
        let elsewhere = Url::parse("http://other/get").unwrap();
        assert_eq!(Place::Url(elsewhere.clone()).on(&base), elsewhere);
    }

    #[test]
    fn a_url_may_be_of_any_base() {
        let base = Url::parse("http://127.0.0.1:4711/a?b=c#d").unwrap();
        for rest in ["/", "/a%20b/%7B%7Bid%7D%7D?n=%7B%7Bn%7D%7D&after=x-", "/a?"] {
            let url = Url::parse(&format!("http://other:1{rest}")).unwrap();
            let moved = Place::Url(url).anywhere().on(&base);
            assert_eq!(moved.as_str(), format!("http://127.0.0.1:4711{rest}"));
        }
    }
}
