//! Reports of runs, as they are read to be compared.

use crate::compare::{Direction, Run, compare};
use crate::report::{ComparedReports, Screen};

/// Reads a report: nothing of it is worse than itself, and its text has nothing that a terminal obeys.
///
/// # Panics
/// When any of that does not hold.
pub fn report(bytes: &[u8]) {
    let Ok(run) = Run::new("a report".to_owned(), bytes) else { return };
    let side = vec![run; 5];
    let changes = compare(&side, &side, false).expect("it was asked for the same as itself");
    assert!(changes.correctness.is_none_or(|direction| direction == Direction::Same));
    for change in &changes.figures {
        assert!(change.percent() == 0.0, "{}: {}", change.figure.name, change.percent());
        assert!(change.tested.is_none_or(|tested| tested.direction == Direction::Same));
    }
    assert!(changes.regressions(0.0).is_empty());
    let shown = ComparedReports::new(changes, Some(0.0));
    let obeyed = |c: char| c != '\n' && c.is_control();
    assert!(!shown.text(Screen::default()).contains(obeyed));
    serde_json::to_string(&shown).expect("its numbers are finite, or null");
}
