//! The list of what there is.

use std::collections::HashSet;

use loadgen_store::{Detection, Detector, Expectation, WORKLOADS, Workload};

#[test]
fn a_workload_and_its_modes_are_found_by_their_names() {
    for workload in WORKLOADS {
        assert!(std::ptr::eq(Workload::named(workload.name).unwrap(), workload));
        for mode in workload.modes {
            let found = workload.specimen(mode.name).unwrap();
            assert!(std::ptr::eq(found.mode, mode));
            assert_eq!(found.to_string(), format!("{} {}", workload.name, mode.name));
        }
    }
}

#[test]
fn no_two_have_the_same_name() {
    let workloads: HashSet<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
    assert_eq!(workloads.len(), WORKLOADS.len());
    for workload in WORKLOADS {
        let modes: HashSet<_> = workload.modes.iter().map(|mode| mode.name).collect();
        assert_eq!(modes.len(), workload.modes.len(), "{}", workload.name);
    }
}

#[test]
fn an_unknown_name_is_told_the_others() {
    let error = Workload::named("bookings").unwrap_err().to_string();
    assert!(error.contains("`bookings` is not a workload"), "{error}");
    assert!(WORKLOADS.iter().all(|workload| error.contains(workload.name)), "{error}");
    for workload in WORKLOADS {
        let error = workload.specimen("Mutex").unwrap_err().to_string();
        assert!(error.contains(&format!("`Mutex` is not a mode of {}", workload.name)), "{error}");
        assert!(workload.modes.iter().all(|mode| error.contains(mode.name)), "{error}");
    }
}

#[test]
fn a_mode_has_a_bug_unless_it_is_correct() {
    for mode in WORKLOADS.iter().flat_map(|workload| workload.modes) {
        assert_eq!(mode.bug.is_none(), mode.expectation == Expectation::Correct, "{}", mode.name);
    }
}

#[test]
fn every_bug_is_caught_by_some_detector() {
    for bug in WORKLOADS.iter().flat_map(|workload| workload.modes).filter_map(|mode| mode.bug) {
        let catches = |detector: &Detector| bug.expected(*detector) == Detection::Caught;
        assert!(Detector::ALL.iter().any(catches), "{bug}");
    }
}
