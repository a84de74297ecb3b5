//! The ready scenarios of `docs/scenarios`, against a real service over `PostgreSQL` that has each thing in
//! a correct and in a broken form.

mod faults;
mod guide;
mod shop;
mod usage;

use shop::Shop;

use crate::program::until_seen;

/// A scenario, by the name of its file.
struct Ready {
    name: &'static str,
    /// What its broken form is found out by: an anomaly of one of these kinds, or an invariant.
    kinds: &'static [&'static str],
}

const fn ready(name: &'static str, kinds: &'static [&'static str]) -> Ready {
    Ready { name, kinds }
}

/// All that are in the folder.
const ALL: [Ready; 11] = [
    ready("checkout", &["oversell"]),
    ready("coupon", &["oversell"]),
    ready("document", &["lost-update"]),
    ready("jobs", &["double-handout"]),
    ready("likes", &["lost-update", "not-linearizable"]),
    ready("orders", &["duplicate-value"]),
    ready("payment", &["double-effect"]),
    ready("seats", &["oversell"]),
    ready("signup", &["oversell"]),
    ready("stock", &["oversell"]),
    ready("transfer", &["broken-total", "overspending", "wrong-balance"]),
];

/// So many runs of a broken form show at the latest that it is.
const TRIES: usize = 20;

#[test]
fn every_file_of_the_folder_is_tested() {
    let mut names = Vec::new();
    for file in std::fs::read_dir(shop::folder()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            names.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    names.sort();
    assert_eq!(names, ALL.map(|one| one.name));
}

/// And the tables have all that was acknowledged, and nothing that is wrong.
#[test]
fn what_is_correct_is_valid_in_every_run() {
    let Some(shop) = Shop::open() else { return };
    for Ready { name, .. } in ALL {
        for _ in 0..3 {
            let (report, truth) = shop.run(name, "correct");
            report.says("valid", 0);
            assert_eq!(truth.wrong, 0, "{name}");
            assert_eq!(truth.done, report.count("/correctness/acknowledged"), "{name}");
        }
    }
}

/// What is found is in the tables, too, and what is wrong there is found.
#[test]
fn what_is_broken_is_found_out_and_the_tables_bear_it_out() {
    let Some(shop) = Shop::open() else { return };
    for Ready { name, kinds } in ALL {
        let broken = || {
            let (report, truth) = shop.run(name, "broken");
            let is_invalid = report.at("/correctness/verdict") == "invalid";
            assert!(is_invalid || truth.wrong == 0, "{name}: not found: {truth:?}");
            (report, truth)
        };
        let is_found = |(report, truth): &(crate::report::Report, shop::Truth)| {
            let found = report.at("/correctness/anomalies").as_array().unwrap();
            let is_of_a_kind =
                found.iter().any(|one| kinds.contains(&one["kind"].as_str().unwrap()));
            let by_invariant = kinds.is_empty() && report.ended.code() == 1;
            (is_of_a_kind || by_invariant) && truth.wrong > 0
        };
        let what = format!("{name}: {kinds:?}");
        let (report, _) = until_seen(TRIES, broken, is_found, what);
        report.says("invalid", 1);
    }
}
