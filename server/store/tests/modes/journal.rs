//! A list of numbers that outlives the process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, io, process};

use loadgen_store::{Journal, RaceWindow, Settings};

use crate::mode;
use crate::results::open_with;
use crate::results::stress::{each_is_there_once_and_in_order, save_on_threads};

/// A directory of a test's own, that goes with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let path = env::temp_dir().join(format!("store-journal-{test}-{}", process::id()));
        // There may be one of a process of the same number that did not come to its end.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("journal")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left of it is in the way of nothing.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Saves through the only door there is, a store that uses the journal, and waits for it.
fn save(journal: &Arc<Journal>, save: impl FnOnce(&dyn loadgen_store::Results)) {
    let settings = Settings {
        race_window: RaceWindow::None,
        capacity: usize::MAX,
        service_time: Duration::ZERO,
        journal: Some(Arc::clone(journal)),
    };
    let results = open_with(mode("unawaited", "awaited"), &settings);
    save(&*results);
    results.finish();
}

fn save_all(journal: &Arc<Journal>, ids: &[i64]) {
    save(journal, |results| ids.iter().for_each(|id| assert_eq!(results.save(*id), Ok(()))));
}

fn reopened(path: &Path) -> Arc<Journal> {
    Arc::new(Journal::in_file(path).unwrap())
}

#[test]
fn in_memory_it_holds_what_was_saved_by_one_store_after_the_other() {
    let journal = Arc::new(Journal::in_memory());
    assert_eq!(journal.read().unwrap(), []);
    save_all(&journal, &[3, 1]);
    save_all(&journal, &[2]);
    assert_eq!(journal.read().unwrap(), [3, 1, 2]);
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no files of its own")]
fn in_a_file_it_survives_being_opened_again() {
    let scratch = Scratch::new("reopened");
    assert_eq!(reopened(&scratch.file()).read().unwrap(), []);
    save_all(&reopened(&scratch.file()), &[3, 1]);
    save_all(&reopened(&scratch.file()), &[i64::MAX]);
    assert_eq!(reopened(&scratch.file()).read().unwrap(), [3, 1, i64::MAX]);
    assert_eq!(fs::read_to_string(scratch.file()).unwrap(), format!("3\n1\n{}\n", i64::MAX));
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no files of its own")]
fn a_file_that_holds_anything_but_numbers_is_refused_and_left_as_it_is() {
    let scratch = Scratch::new("garbage");
    for (garbage, line) in [
        ("1\ntwo\n3\n", "line 2: `two`"),
        ("1\n\n", "line 2: ``"),
        ("1.5\n", "line 1: `1.5`"),
        ("9223372036854775808\n", "9223372036854775808"),
        ("1\n23", "line 2: `23` is the last"),
    ] {
        fs::write(scratch.file(), garbage).unwrap();
        let error = Journal::in_file(&scratch.file()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let message = error.to_string();
        assert!(message.contains(line), "{message}");
        assert_eq!(fs::read_to_string(scratch.file()).unwrap(), garbage);
    }
    fs::write(scratch.file(), [0xff, b'\n']).unwrap();
    assert!(Journal::in_file(&scratch.file()).is_err());
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no files of its own")]
fn a_file_that_cannot_be_made_is_an_error() {
    let scratch = Scratch::new("missing");
    let path = scratch.0.join("no such directory").join("journal");
    assert_eq!(Journal::in_file(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no files of its own")]
fn a_file_that_is_read_while_it_grows_holds_whole_numbers_in_their_order() {
    let scratch = Scratch::new("growing");
    let journal = reopened(&scratch.file());
    save(&journal, |results| {
        let mut before = 0;
        for id in 100_000..104_000 {
            results.save(id).unwrap();
            let list = results.list();
            assert!(list.iter().copied().eq((100_000..).take(list.len())), "{list:?}");
            assert!(list.len() >= before, "{} numbers after {before}", list.len());
            before = list.len();
        }
    });
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no files of its own")]
fn what_threads_save_in_a_file_is_there_once() {
    let scratch = Scratch::new("threads");
    save(&reopened(&scratch.file()), save_on_threads);
    each_is_there_once_and_in_order(&reopened(&scratch.file()).read().unwrap());
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no files of its own")]
fn a_file_that_has_no_end_or_no_lines_is_refused_before_it_fills_the_memory() {
    for endless in ["/dev/full", "/dev/zero", "/dev/null"] {
        let error = Journal::in_file(Path::new(endless)).unwrap_err().to_string();
        assert!(error.contains("not a regular file"), "{endless}: {error}");
    }
    let scratch = Scratch::new("bounds");
    // Sparse: it takes no room on the disk.
    let large = fs::File::create(scratch.file()).unwrap();
    large.set_len(1 << 40).unwrap();
    let error = Journal::in_file(&scratch.file()).unwrap_err().to_string();
    assert!(error.contains("larger than 256 MiB"), "{error}");
    large.set_len(1 << 20).unwrap();
    let error = Journal::in_file(&scratch.file()).unwrap_err().to_string();
    assert!(error.contains("line 1: longer than 21 bytes"), "{error}");
    fs::write(scratch.file(), format!("{}\n", i64::MIN)).unwrap();
    assert_eq!(reopened(&scratch.file()).read().unwrap(), [i64::MIN]);
}
