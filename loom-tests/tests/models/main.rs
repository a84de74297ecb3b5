//! A line per mode: what is claimed of it, checked in every scenario of its workload.

macro_rules! models {
    ($workload:literal, $($mode:ident: $claim:ident $(within $preemptions:literal preemptions)?
        [$($test:ident = $scenario:expr),* $(,)?],)*) => {
        pub(crate) const MODELS: &[loom_tests::Model] = &[$(loom_tests::Model {
            workload: $workload,
            mode: stringify!($mode),
            claim: loom_tests::Claim::$claim,
            preemptions: [$(Some($preemptions),)? None][0],
        }),*];

        $(mod $mode {
            use super::*;

            $(#[test]
            #[cfg_attr(not(store_loom), ignore = "needs loom: run scripts/loom")]
            fn $test() {
                let path = concat!(module_path!(), "::", stringify!($test));
                let (_, test) = path.split_once("::").expect("the crate comes first");
                let model = MODELS.iter().find(|model| model.mode == stringify!($mode));
                model.expect("a line above").check(&$scenario, test);
            })*
        })*
    };
}

mod booking;
mod counter;
mod jobs;
mod mistakes;
mod refusals;
mod results;
mod unawaited;

#[test]
fn every_mode_has_a_model_that_claims_what_the_catalogue_says() {
    let models = [
        counter::MODELS,
        booking::MODELS,
        jobs::MODELS,
        results::MODELS,
        unawaited::MODELS,
        mistakes::MODELS,
    ];
    assert_eq!(models.len(), store::WORKLOADS.len());
    for (models, workload) in models.into_iter().zip(store::WORKLOADS) {
        let claimed: Vec<_> = models.iter().map(|m| (m.workload, m.catalogued().name)).collect();
        let expected: Vec<_> =
            workload.modes.iter().map(|mode| (workload.name, mode.name)).collect();
        assert_eq!(claimed, expected);
        for model in models {
            let mode = model.catalogued();
            assert!(model.claim.agrees_with(mode), "{model:?} is not what {mode:?} says");
        }
    }
}
