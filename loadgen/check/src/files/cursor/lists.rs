//! Lists and objects, of which most are of integers.

use super::{Cursor, Json, Problem};
use crate::history::NIL;

const END_OF_LIST: &str = "a comma or the end of the list";

impl Cursor<'_> {
    /// An object, of which each field is an integer.
    pub(super) fn amounts(&mut self) -> Result<Json, Problem> {
        let mut amounts = Vec::new();
        self.object(|name, cursor| {
            cursor.peek();
            let amount = cursor.integer().ok_or_else(|| cursor.unexpected("an integer"))?;
            amounts.push((name.to_owned(), amount));
            Ok(())
        })?;
        Ok(Json::Amounts(amounts))
    }

    /// A list, most often of integers.
    pub(super) fn list(&mut self) -> Result<Json, Problem> {
        if self.take(b']') {
            return Ok(Json::List(Vec::new()));
        }
        let Some(first) = self.element() else { return self.values(&[]) };
        if self.take(b']') {
            return Ok(Json::List(vec![first]));
        }
        self.expect(b',', END_OF_LIST)?;
        let Some(second) = self.element() else { return self.values(&[first]) };
        let pair = [first, second];
        if self.take(b']') {
            return Ok(Json::Pair(pair));
        }
        let mut list = pair.to_vec();
        loop {
            self.expect(b',', END_OF_LIST)?;
            let Some(next) = self.element() else { return self.values(&list) };
            list.push(next);
            if self.take(b']') {
                return Ok(Json::List(list));
            }
        }
    }

    /// An integer, or [`NIL`] for null; where there is none the place stays.
    fn element(&mut self) -> Option<i64> {
        self.peek();
        if self.word("null") { Some(NIL) } else { self.integer() }
    }

    /// The rest of a list that begins with these `integers`, of which not all are.
    fn values(&mut self, integers: &[i64]) -> Result<Json, Problem> {
        let value = |integer| if integer == NIL { Json::Null } else { Json::Integer(integer) };
        let mut values: Vec<_> = integers.iter().copied().map(value).collect();
        loop {
            values.push(self.value("a number, a string or null")?);
            if self.take(b']') {
                return Ok(Json::Values(values));
            }
            self.expect(b',', END_OF_LIST)?;
        }
    }
}
