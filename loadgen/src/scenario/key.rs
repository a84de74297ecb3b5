//! Which of many objects a request is about.

use thiserror::Error;

use super::escape::Escape;
use super::template::{Template, UnknownVariable};
use super::values::Values;
use super::variables::Variables;

/// What an object is called, with what varies from one request to the next.
#[derive(Debug, Clone)]
pub struct Key(Template);

/// The text names no object.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ParseKeyError {
    /// A variable is none.
    #[error("{0}")]
    Unknown(UnknownVariable),
    /// A variable is another one wherever it stands.
    #[error(
        "{{{{rand}}}} and {{{{uuid}}}} are drawn again at each place, so the request would be about \
         another object: expected a name of --pick, as in --pick sku=1..100 --object '{{{{sku}}}}'"
    )]
    Drawn,
    /// It is the same in each request.
    #[error("it is the same in each request: expected a name of --pick, as in '{{{{sku}}}}'")]
    Constant,
}

impl Key {
    /// The key that `text` is, with its variables.
    ///
    /// # Errors
    /// When a variable is none, or is another one wherever it stands, or there is none.
    pub fn parse(text: &str, variables: &Variables) -> Result<Self, ParseKeyError> {
        let template = Template::parse(text.as_bytes(), variables, Escape::None)
            .map_err(ParseKeyError::Unknown)?;
        match () {
            () if !template.is_one() => Err(ParseKeyError::Drawn),
            () if template.is_constant() => Err(ParseKeyError::Constant),
            () => Ok(Self(template)),
        }
    }

    /// What it is in the request that `values` are of.
    pub(crate) fn fill(&self, into: &mut Vec<u8>, values: &mut Values) {
        into.clear();
        self.0.fill(into, values);
    }
}
