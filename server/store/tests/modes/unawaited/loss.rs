//! That what was acknowledged is lost with the process, unless it is waited for.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use loadgen_store::Journal;

use super::open;
use crate::threads::tried_until_seen;
use crate::{child, mode};

const SAVES: i64 = 20;

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn unawaited_loses_what_was_still_to_be_saved() {
    const TEST: &str = "unawaited::loss::unawaited_loses_what_was_still_to_be_saved";
    tried_until_seen("unawaited loses a result", || {
        let saved = saved_by_child(TEST, "unawaited");
        assert!((0..SAVES).collect::<Vec<_>>().starts_with(&saved), "{saved:?}");
        saved.len() < 20
    });
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn awaited_loses_nothing() {
    const TEST: &str = "unawaited::loss::awaited_loses_nothing";
    let saved = saved_by_child(TEST, "awaited");
    assert!(saved.into_iter().eq(0..SAVES));
}

/// What is in the journal of a store in this mode after its process has ended.
fn saved_by_child(test: &str, name: &str) -> Vec<i64> {
    if let Some(path) = child::told() {
        save_and_end(name, Path::new(&path));
    }
    let path = scratch_file(name);
    let child = child::run(test, path.to_str().unwrap());
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    let saved = Journal::in_file(&path).unwrap().read().unwrap();
    fs::remove_file(&path).unwrap();
    saved
}

fn save_and_end(name: &str, path: &Path) -> ! {
    let journal = Journal::in_file(path).unwrap();
    let results = open(mode("unawaited", name), Duration::from_millis(1), Some(journal));
    (0..SAVES).for_each(|id| assert_eq!(results.save(id), Ok(())));
    results.finish();
    process::exit(0);
}

fn scratch_file(name: &str) -> PathBuf {
    let path = env::temp_dir().join(format!("store-{name}-{}", process::id()));
    // There may be one of a process of the same number that did not come to its end.
    let _ = fs::remove_file(&path);
    path
}
