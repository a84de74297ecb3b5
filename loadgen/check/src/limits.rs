//! What a verdict may cost.

/// How much may be spent on a verdict, and what it is to come with.
pub struct Limits<'l> {
    /// Whether a valid verdict is to carry the order that explains it.
    pub certify: bool,
    /// How much memory a search may use for each object, in bytes.
    pub memory_bytes: usize,
    /// Asked now and then: whether a search is to give up.
    pub expired: &'l (dyn Fn() -> bool + Sync),
}
