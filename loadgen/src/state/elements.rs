//! The elements of a list that is a state.

use check::{Tokens, Value};

use crate::extract::{Extract, Found, Heard};

/// The elements of a list: whole numbers and texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Elements {
    /// What stands for each, in their order.
    values: Vec<i64>,
    /// The texts among them, in the order in which they first come.
    tokens: Tokens,
}

impl Elements {
    /// Those that `rule` finds in the pages that were `heard`, in this order.
    pub(crate) fn found<'r>(
        rule: &Extract,
        heard: impl IntoIterator<Item = Heard<'r>>,
    ) -> Found<Self> {
        let mut tokens = Tokens::default();
        rule.elements_of(heard, &mut tokens).map(|values| Self { values, tokens })
    }

    /// What stands for each where texts are in `tokens`, into which they are put.
    pub(crate) fn put_into(&self, tokens: &mut Tokens) -> Vec<i64> {
        let translate = tokens.append(&self.tokens);
        self.values.iter().map(|value| translate(*value)).collect()
    }

    /// Each as it is shown.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Value<'_>> {
        self.values.iter().map(|value| self.tokens.value(*value))
    }
}

impl From<Vec<i64>> for Elements {
    fn from(values: Vec<i64>) -> Self {
        Self { values, tokens: Tokens::default() }
    }
}
