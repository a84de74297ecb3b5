//! Where a request goes.

use url::Url;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// To this URL.
    Url(Url),
    /// To this path, which begins with `/`, and query on the subject, wherever that listens.
    Path(&'static str),
}

impl Place {
    /// Where that is if the subject listens at `base`.
    pub(crate) fn on(&self, base: &Url) -> Url {
        match self {
            Self::Url(url) => url.clone(),
            Self::Path(reference) => {
                let (path, query) = match reference.split_once('?') {
                    Some((path, query)) => (path, Some(query)),
                    None => (*reference, None),
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
            assert_eq!(Place::Path(reference).on(&base).as_str(), expected);
        }
        let elsewhere = Url::parse("http://other/get").unwrap();
        assert_eq!(Place::Url(elsewhere.clone()).on(&base), elsewhere);
    }
}
