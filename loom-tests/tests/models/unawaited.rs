//! `unawaited`: what was acknowledged is in the journal at the end, or it need not be.

use loom_tests::subjects::results;

macro_rules! in_every_scenario {
    ($workload:literal, $($mode:ident: $claim:ident $(within $preemptions:literal preemptions)?,)*) => {
        models! {
            $workload,
            $($mode: $claim $(within $preemptions preemptions)? [
                one_save = results::ONE_SAVE,
                two_saves = results::TWO_SAVES,
                two_saves_where_one_fits = results::TWO_SAVES_WHERE_ONE_FITS,
            ],)*
        }
    };
}

in_every_scenario! {
    "unawaited",
    unawaited: LosesUpdates,
    awaited: Holds,
}
