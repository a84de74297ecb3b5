//! The balances that reads of accounts returned.
//!
//! Reads name the same accounts again and again: each account is kept once, and has a number, and the
//! accounts that reads were of are kept once, too. A row is which accounts these are, and how much is in
//! each.

use indexmap::IndexSet;

use crate::history::{Op, Operation};
use crate::lists::Numbers;

/// Accounts, and rows of balances.
#[derive(Debug, Clone, Default)]
pub struct Balances {
    accounts: Numbers,
    /// The accounts that rows are of, by their numbers.
    headings: IndexSet<Box<[u32]>>,
    /// How long all headings are.
    heading_bytes: usize,
    /// Of each row its heading, and where its balances end.
    rows: Vec<(usize, usize)>,
    /// The balances of all rows, one behind the other.
    amounts: Vec<i64>,
}

/// One of several rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'b> {
    accounts: &'b [u32],
    balances: &'b [i64],
}

impl Balances {
    /// What stands for a move between these accounts, as an operation's `new`.
    ///
    /// # Panics
    /// When there are 2³² different accounts.
    pub fn pair(&mut self, from: i64, to: i64) -> i64 {
        Self::pair_of([from, to].map(|account| self.number(account)))
    }

    /// The number of this account, behind those of all others where it is new.
    ///
    /// # Panics
    /// When there are 2³² different accounts.
    pub fn number(&mut self, account: i64) -> u32 {
        self.accounts.of(account)
    }

    /// What stands for a move between the accounts with these numbers.
    pub(crate) fn pair_of(ends: [u32; 2]) -> i64 {
        let [from, to] = ends.map(u64::from);
        (from << u32::BITS | to).cast_signed()
    }

    /// The numbers of the accounts that a move goes from and to; `None` of what is no move between any.
    #[must_use]
    pub fn between(&self, operation: &Operation) -> Option<[u32; 2]> {
        let pair = operation.new.cast_unsigned();
        let [from, to] = [pair >> u32::BITS, pair & u64::from(u32::MAX)];
        let number = |number: u64| {
            let number = u32::try_from(number).ok()?;
            ((number as usize) < self.accounts().len()).then_some(number)
        };
        (operation.op == Op::Move).then_some([number(from)?, number(to)?])
    }

    /// The account with this number.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn account(&self, number: u32) -> i64 {
        self.accounts()[number as usize]
    }

    /// All accounts that operations name, in the order of their numbers.
    #[must_use]
    pub fn accounts(&self) -> &[i64] {
        self.accounts.values()
    }

    /// Adds a row: accounts, each once, with their balances. Returns its index, which is the result of
    /// a read that returned it.
    ///
    /// # Panics
    /// When there are 2³² different accounts.
    pub fn push(&mut self, row: &[(i64, i64)]) -> i64 {
        let heading: Box<[u32]> =
            row.iter().map(|(account, _)| self.accounts.of(*account)).collect();
        let bytes = size_of_val::<[u32]>(&heading);
        let (heading, is_new) = self.headings.insert_full(heading);
        self.heading_bytes += if is_new { bytes } else { 0 };
        self.amounts.extend(row.iter().map(|(_, balance)| *balance));
        self.rows.push((heading, self.amounts.len()));
        i64::try_from(self.rows.len() - 1).expect("a count of rows fits")
    }

    /// Adds the rows of `others` behind these, with each account as `translate` has it. Returns the
    /// number here of each account there.
    ///
    /// # Panics
    /// When there are 2³² different accounts.
    pub fn append(&mut self, others: &Self, translate: impl Fn(i64) -> i64) -> Vec<u32> {
        let accounts = others.accounts().iter();
        let here: Vec<_> = accounts.map(|account| self.accounts.of(translate(*account))).collect();
        for row in (0..others.len()).filter_map(|index| others.row(index)) {
            let row: Vec<_> = row
                .iter()
                .map(|(number, balance)| (self.account(here[number as usize]), balance))
                .collect();
            self.push(&row);
        }
        here
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row, and no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.accounts().is_empty()
    }

    /// The row with this index.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        let (heading, end) = *self.rows.get(index)?;
        let start = if index == 0 { 0 } else { self.rows[index - 1].1 };
        Some(Row { accounts: &self.headings[heading], balances: &self.amounts[start..end] })
    }

    /// How much memory they hold, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        // Of each heading its place, its hash and its number; tables are half empty at worst.
        let entries = 2 * self.headings.len() * (size_of::<Box<[u32]>>() + 2 * size_of::<usize>());
        let rows = size_of_val::<[_]>(&self.rows) + size_of_val::<[_]>(&self.amounts);
        self.accounts.heap_bytes() + entries + self.heading_bytes + rows
    }
}

/// The same rows, of accounts that first came in the same order.
impl PartialEq for Balances {
    fn eq(&self, other: &Self) -> bool {
        self.accounts() == other.accounts()
            && self.len() == other.len()
            && (0..self.len()).all(|index| self.row(index) == other.row(index))
    }
}

impl Eq for Balances {}

impl<'b> Row<'b> {
    /// The accounts, by their numbers, with their balances.
    pub fn iter(self) -> impl Iterator<Item = (u32, i64)> + 'b {
        self.accounts.iter().copied().zip(self.balances.iter().copied())
    }

    /// The accounts, which are of `balances`, with their balances.
    pub fn of(self, balances: &'b Balances) -> impl Iterator<Item = (i64, i64)> + 'b {
        self.iter().map(|(account, balance)| (balances.account(account), balance))
    }

    /// Whether it is of no account.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.accounts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{NEVER, NIL, Outcome};

    fn a_move(new: i64) -> Operation {
        let (op, outcome) = (Op::Move, Outcome::Unknown);
        Operation { call_ns: 0, return_ns: NEVER, arg: 1, new, result: NIL, client: 0, op, outcome }
    }

    #[test]
    fn rows_are_what_they_were() {
        let mut balances = Balances::default();
        let rows: [&[(i64, i64)]; 5] = [
            &[(7, 0), (-9, -1), (8, 1)],
            &[],
            &[(8, i64::MAX), (7, i64::MIN + 1)],
            &[(7, 63), (-9, 64), (8, -65)],
            &[(1, 127)],
        ];
        for (index, row) in (0..).zip(rows) {
            assert_eq!(balances.push(row), index);
        }
        for (index, row) in rows.into_iter().enumerate() {
            let kept = balances.row(index).unwrap();
            assert_eq!(kept.of(&balances).collect::<Vec<_>>(), row);
            assert_eq!(kept.is_empty(), row.is_empty());
        }
        assert!(balances.row(5).is_none());
        assert_eq!(balances.headings.len(), 4, "the first and the fourth are of the same");
        assert_eq!(balances.heading_bytes, 6 * 4);
    }

    #[test]
    fn those_that_came_in_another_order_are_others() {
        let [mut one, mut other] = [Balances::default(), Balances::default()];
        one.push(&[(1, 10), (2, 20)]);
        other.push(&[(1, 10), (2, 20)]);
        assert_eq!(one, other);
        one.pair(3, 4);
        other.pair(4, 3);
        assert_ne!(one, other);
        let mut third = Balances::default();
        third.push(&[(1, 10), (2, 21)]);
        other = Balances::default();
        other.push(&[(1, 10), (2, 20)]);
        assert_ne!(third, other);
    }

    #[test]
    fn rows_of_others_come_behind_with_their_accounts_as_they_are_here() {
        let [mut ours, mut theirs] = [Balances::default(), Balances::default()];
        ours.push(&[(1, 10), (2, 20)]);
        let pair = theirs.pair(5, 2);
        theirs.push(&[(2, 21), (5, 50)]);
        theirs.push(&[]);
        let here = ours.append(&theirs, |account| if account == 5 { 50 } else { account });
        let row = |index| ours.row(index).unwrap().of(&ours).collect::<Vec<_>>();
        assert_eq!(
            [row(0), row(1), row(2)],
            [vec![(1, 10), (2, 20)], vec![(2, 21), (50, 50)], vec![]]
        );
        let ends = theirs.between(&a_move(pair)).unwrap();
        assert_eq!(ends.map(|end| ours.account(here[end as usize])), [50, 2]);
        assert_eq!(ours.len(), 3);
    }

    #[test]
    fn a_move_is_between_two_accounts() {
        let mut balances = Balances::default();
        let pair = balances.pair(70, 80);
        assert_eq!(balances.between(&a_move(pair)), Some([0, 1]));
        let back = balances.pair(80, 70);
        let ends = balances.between(&a_move(back)).unwrap();
        assert_eq!(ends.map(|end| balances.account(end)), [80, 70]);
        for new in [NIL, -1, 2, 2 << 32, i64::MAX] {
            assert_eq!(balances.between(&a_move(new)), None);
        }
        let read = Operation { op: Op::Read, ..a_move(pair) };
        assert_eq!(balances.between(&read), None);
    }
}
