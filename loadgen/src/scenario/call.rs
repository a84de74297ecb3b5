//! What a request consists of, apart from where it goes and how it is sent.

use http::{HeaderValue, Method};

use super::{Escape, Template, UnknownVariable, Variables};

/// A request as a person thinks of it: no protocol, no connection.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Header fields, spelt as they are to be sent; one given here replaces the default of that name.
    pub headers: Vec<(String, HeaderValue)>,
    /// The content; without one a length is sent only with the methods that anticipate content.
    pub body: Option<Vec<u8>>,
    /// What stands in it for something else.
    pub variables: Variables,
    /// How variables are written in the content; `None` where it is sent as it is, and braces in it are
    /// no variable's.
    pub escape: Option<Escape>,
}

impl Call {
    /// A request with this content and no fields of its own, which is sent as it is.
    #[must_use]
    pub fn new(method: Method, body: Option<Vec<u8>>) -> Self {
        let variables = Variables::default();
        Self { method, headers: Vec::new(), body, variables, escape: None }
    }

    /// What asks for the state, beside requests such as this: the same headers and so the same
    /// credentials, without those of the content, those that would make it another question, and those
    /// that have a value of each request's own.
    #[must_use]
    pub fn for_reading(&self) -> Self {
        let variables = Variables { has_value: true, ..self.variables.clone() };
        let is_constant = |value: &HeaderValue| {
            Template::of(value.as_bytes(), &variables, Escape::Header).is_constant()
        };
        let headers = self.headers.iter();
        let headers = headers.filter(|(name, value)| may_be_read_with(name) && is_constant(value));
        Self { headers: headers.cloned().collect(), ..Self::new(Method::GET, None) }
    }

    /// Whether a read that comes of requests such as this may carry the header `name` of theirs.
    pub(crate) fn may_read_with(name: &str) -> bool {
        let frames = ["Transfer-Encoding", "Trailer"];
        may_be_read_with(name) && !frames.iter().any(|frame| name.eq_ignore_ascii_case(frame))
    }

    /// Whether every variable of the headers and the content is one.
    ///
    /// # Errors
    /// Which is none.
    pub(crate) fn has_known_variables(&self) -> Result<(), UnknownVariable> {
        let values = self.headers.iter().map(|(_, value)| (value.as_bytes(), Escape::Header));
        let content = self.body.as_deref().zip(self.escape);
        for (text, escape) in values.chain(content) {
            Template::parse(text, &self.variables, escape)?;
        }
        Ok(())
    }

    /// The content, with its variables.
    pub(crate) fn content(&self) -> Template {
        let body = self.body.as_deref().unwrap_or_default();
        match self.escape {
            None => Template::literal(body, self.variables.has_value),
            Some(escape) => Template::of(body, &self.variables, escape),
        }
    }

    /// Whether a header called `name` is given.
    pub(crate) fn gives(&self, name: &str) -> bool {
        self.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name))
    }

    /// Whether a request says how long its content is: where it has some, and by its method even where
    /// there is none.
    pub(crate) fn says_length(&self) -> bool {
        self.body.is_some() || [Method::POST, Method::PUT, Method::PATCH].contains(&self.method)
    }

    /// Whether a value of the header `name`, which is a list of words, is `word`.
    #[must_use]
    pub fn says(&self, name: &str, word: &str) -> bool {
        let of_name = self.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        let mut words = of_name.flat_map(|(_, value)| value.as_bytes().split(|byte| *byte == b','));
        words.any(|found| found.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    }
}

/// Whether a read of the state carries this header of the updates.
fn may_be_read_with(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_about_content = name.starts_with("content-") || name == "expect";
    let is_condition = name.starts_with("if-") || name == "range";
    !is_about_content && !is_condition && name != "idempotency-key"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(headers: &[(&str, &str)]) -> Call {
        let header = |(name, value): &(&str, &str)| {
            ((*name).to_owned(), HeaderValue::from_str(value).unwrap())
        };
        let headers = headers.iter().map(header).collect();
        Call {
            method: Method::POST,
            headers,
            body: Some(b"x".to_vec()),
            variables: Variables { has_value: true, ..Variables::default() },
            escape: Some(Escape::None),
        }
    }

    #[test]
    fn a_read_has_the_credentials_and_nothing_that_makes_it_another_question() {
        let update = call(&[
            ("Authorization", "Bearer t"),
            ("Cookie", "a=1"),
            ("Accept", "application/json"),
            ("X-Tenant", "7"),
            ("content-type", "text/plain"),
            ("Content-Encoding", "gzip"),
            ("If-None-Match", "\"1\""),
            ("IF-MATCH", "\"1\""),
            ("Range", "bytes=0-1"),
            ("Idempotency-Key", "{value}"),
            ("Expect", "100-continue"),
        ]);
        let read = update.for_reading();
        let names: Vec<_> = read.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Authorization", "Cookie", "Accept", "X-Tenant"]);
        assert_eq!(
            (&read.method, &read.body, read.variables.has_value),
            (&Method::GET, &None, false)
        );
    }

    #[test]
    fn a_word_of_a_header_is_found_whatever_its_case() {
        let says = |value: &str| call(&[("CONNECTION", value)]).says("connection", "close");
        assert!(says("close") && says("Close") && says("te, close") && says("close , te"));
        assert!(!says("keep-alive") && !says("closed") && !says(""));
    }
}
