//! `unawaited`: results that are acknowledged at once and saved by a task of their own.

mod background;
pub(crate) mod modes;
