//! What operations refer to.

use crate::balances::Balances;
use crate::history::Operation;
use crate::lists::Lists;
use crate::tokens::Tokens;

/// What operations refer to: a list or a row of balances by its index, a text by its token, two accounts
/// by their numbers. No model has lists and balances.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    /// The lists that reads returned.
    pub lists: Lists,
    /// The accounts, and the balances that reads returned.
    pub balances: Balances,
    /// The values that are no integers.
    pub tokens: Tokens,
}

impl Pool {
    /// About how much memory it holds, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.lists.heap_bytes() + self.balances.heap_bytes() + self.tokens.heap_bytes()
    }

    /// Adds `others` behind what is here, and makes `operations`, which referred to these, refer to
    /// what they are here.
    ///
    /// # Panics
    /// When there are 2³² different elements, accounts or texts.
    pub fn append<'o>(
        &mut self,
        others: &Self,
        operations: impl Iterator<Item = &'o mut Operation>,
    ) {
        let count = |length: usize| i64::try_from(length).expect("a count of lists fits");
        let (lists, rows) = (count(self.lists.len()), count(self.balances.len()));
        let translate = self.tokens.append(&others.tokens);
        let accounts = self.balances.append(&others.balances, &translate);
        if !others.is_empty() {
            for operation in operations {
                let refers_to_list = operation.list(&others.lists).is_some();
                let refers_to_row = operation.row(&others.balances).is_some();
                operation.result = match operation.result {
                    index if refers_to_list => lists + index,
                    index if refers_to_row => rows + index,
                    value => translate(value),
                };
                operation.new = match others.balances.between(operation) {
                    Some(ends) => Balances::pair_of(ends.map(|end| accounts[end as usize])),
                    None => translate(operation.new),
                };
                operation.arg = translate(operation.arg);
            }
        }
        self.lists.append(&others.lists, translate);
    }

    fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.balances.is_empty() && self.tokens.is_empty()
    }
}
