//! What operations refer to.

use crate::history::Operation;
use crate::lists::Lists;
use crate::tokens::Tokens;

/// What operations refer to: a list by its index, a text by its token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    /// The lists that reads returned.
    pub lists: Lists,
    /// The values that are no integers.
    pub tokens: Tokens,
}

impl Pool {
    /// About how much memory it holds, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.lists.heap_bytes() + self.tokens.heap_bytes()
    }

    /// Adds `others` behind what is here, and makes `operations`, which referred to these, refer to
    /// what they are here.
    ///
    /// # Panics
    /// When there are 2³² different elements or texts.
    pub fn append<'o>(
        &mut self,
        others: &Self,
        operations: impl Iterator<Item = &'o mut Operation>,
    ) {
        let first = i64::try_from(self.lists.len()).expect("a count of lists fits");
        let translate = self.tokens.append(&others.tokens);
        if !others.lists.is_empty() || !others.tokens.is_empty() {
            for operation in operations {
                operation.result = match operation.list(&others.lists) {
                    Some(_) => first + operation.result,
                    None => translate(operation.result),
                };
                operation.arg = translate(operation.arg);
                operation.new = translate(operation.new);
            }
        }
        self.lists.append(&others.lists, translate);
    }
}
