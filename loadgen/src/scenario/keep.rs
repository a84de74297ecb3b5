//! What a client keeps of an answer, for the requests that follow.

use crate::extract::{Extract, Found, Heard};

use super::Values;

/// What a client keeps of an answer.
#[derive(Debug, Clone)]
pub struct Keep {
    /// The place of the name that it is kept as.
    pub slot: usize,
    /// What it is kept as.
    pub name: String,
    /// Where it stands in the answer.
    pub extract: Extract,
}

impl Keep {
    /// Keeps what an answer has of it; whether there was any.
    pub(crate) fn keep(&self, heard: &Heard<'_>, values: &mut Values) -> bool {
        let field = self.extract.field_in(heard.head);
        match self.extract.text(&Heard { field: field.as_deref(), ..*heard }) {
            Found::Value(text) => {
                values.set(self.slot, text.as_bytes());
                true
            }
            Found::Nothing | Found::Unreadable(_) => false,
        }
    }
}
