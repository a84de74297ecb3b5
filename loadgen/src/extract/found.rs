//! What a rule finds in an answer.

use thiserror::Error;

/// What a rule finds in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// A value.
    Value(T),
    /// The answer says that there is no value: by a JSON null, or by leaving the member out.
    Nothing,
    /// It does not tell: whatever the value is, it is not known.
    Unreadable(Reason),
}

/// Why an answer tells no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// There is no content.
    #[error("the answer is empty")]
    Empty,
    /// There is no number where the rule looks.
    #[error("no number is there")]
    NoNumber,
    /// There is no text and no number where the rule looks.
    #[error("no text or number is there")]
    NoText,
    /// There are several, and nothing says which.
    #[error("{0} numbers are there, and nothing says which one counts")]
    Several(usize),
    /// What is there may or may not be a number.
    #[error("`{0}` may be a number or not")]
    Doubtful(Box<str>),
    /// There is part of a number.
    #[error("the rule takes only part of a number: `{0}`")]
    Partial(Box<str>),
    /// The number has more digits than 64 bits hold.
    #[error("the number has more digits than 64 bits hold")]
    OutOfRange,
    /// The number is between those that the operations can have.
    #[error("the number differs from the first state by a fraction")]
    Fraction,
    /// An element of a set is no whole number.
    #[error("an element is not a whole number")]
    NotWhole,
    /// Something in a list is no element: a number with decimals, a list, or nothing.
    #[error("{place} is {found}: expected a text or a whole number")]
    NoElement {
        /// Where it stands.
        place: Box<str>,
        /// What it is.
        found: Box<str>,
    },
    /// Two elements of a list differ in the space around them alone.
    #[error("two elements differ only in the space around them: `{0}`")]
    Alike(Box<str>),
    /// The rule names many values.
    #[error("[*] names many values, and one is wanted")]
    OneWanted,
    /// The content was to be JSON.
    #[error("the answer is not JSON")]
    NotJson,
    /// It tells of an error, and what it says beside that is not meant.
    #[error("the answer reports an error")]
    TellsError,
    /// The JSON pointer names two members.
    #[error("the answer has two members `{0}`")]
    Duplicate(Box<str>),
    /// The JSON pointer leads through something that is no object and no array with that index.
    #[error("nothing is there")]
    NoSuchPlace,
    /// The header field is missing.
    #[error("the answer has no such header")]
    NoHeader,
    /// The regular expression does not match.
    #[error("the pattern does not match")]
    NoMatch,
    /// No sample has the metric's name and labels.
    #[error("no such metric is there")]
    NoSample,
    /// There is no list of numbers and texts where the rule looks.
    #[error("no list of numbers or texts is there")]
    NoList,
    /// What stands where the next page of a list is to be is no link.
    #[error("`{0}` is not a link: NAME=RULE would make it the parameter NAME of the query")]
    NoLink(Box<str>),
    /// The list is one page of several, of which the others were not asked for.
    #[error(
        "the list is one page of several, as {0} says: `next` in a file, or --next-page, says where the \
         others are"
    )]
    GoesOn(Box<str>),
    /// There are several lists.
    #[error("{0} lists are there, and nothing says which one counts")]
    SeveralLists(usize),
    /// The content is not what its coding says.
    #[error("the answer does not decode as Content-Encoding: {0}")]
    Garbled(Box<str>),
    /// The content has a coding that nobody asked for.
    #[error("Content-Encoding: {0} cannot be read")]
    Encoding(Box<str>),
    /// The content is text of another charset.
    #[error("charset={0} cannot be read")]
    Charset(Box<str>),
    /// The content has bytes that are not of its charset.
    #[error("the answer is not legal UTF-8")]
    NotText,
    /// The content is longer than is kept.
    #[error("the answer is longer than {} MiB", .0 / (1024 * 1024))]
    TooLong(usize),
}

impl<T> Found<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Unreadable(_) => None,
        }
    }

    /// The same with what `of` makes of the value.
    pub fn map<U>(self, of: impl FnOnce(T) -> U) -> Found<U> {
        self.and_then(|value| Found::Value(of(value)))
    }

    /// What `of` finds in the value.
    pub fn and_then<U>(self, of: impl FnOnce(T) -> Found<U>) -> Found<U> {
        match self {
            Self::Value(value) => of(value),
            Self::Nothing => Found::Nothing,
            Self::Unreadable(reason) => Found::Unreadable(reason),
        }
    }
}

impl<T> From<Reason> for Found<T> {
    fn from(reason: Reason) -> Self {
        Self::Unreadable(reason)
    }
}

impl<T> From<Result<T, Reason>> for Found<T> {
    fn from(result: Result<T, Reason>) -> Self {
        result.map_or_else(Self::Unreadable, Self::Value)
    }
}
