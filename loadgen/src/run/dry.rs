//! A run that is not made.

use tokio::runtime::Builder;

use super::dialer;
use crate::plan::{Client, Load, Plan};
use crate::report::{Screen, dry_run_text};
use crate::scenario::{Step, Values};
use crate::wire::Driver;
use crate::wire::http1::Http1;
use crate::wire::http2::Http2;
use crate::wire::reqwest::Reqwest;
use crate::worker::Task;

/// What a run of `plan` would do, with its first requests as they would be sent, their secrets masked.
/// Nothing is sent, started or looked up.
///
/// # Panics
/// When the system has no means for a runtime.
#[must_use]
pub fn dry_run(plan: &Plan, screen: Screen) -> String {
    // The timers that connections would be made with are a runtime's.
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a process may have a thread that waits");
    let _inside = runtime.enter();
    let Load { keep_alive, ref connecting, .. } = plan.load;
    let requests = match plan.load.client {
        Client::Http1 => requests(plan, &Http1::new(keep_alive, dialer(connecting))),
        Client::Http2 { streams } => {
            requests(plan, &Http2::new(streams, keep_alive, dialer(connecting)))
        }
        Client::Reqwest => {
            requests(plan, &Reqwest::new(keep_alive, &plan.subject.url(), connecting))
        }
    };
    dry_run_text(plan, &requests, screen)
}

/// The first request of each step, as `driver` sends it.
fn requests<D: Driver>(plan: &Plan, driver: &D) -> Vec<(Step, String)> {
    let base = plan.subject.url();
    let mut steps = plan.scenario.opening.clone();
    steps.extend_from_slice(&plan.scenario.steps);
    if let (1, [read]) = (steps.len(), plan.reads.as_slice()) {
        steps.push(read.on(&base).step(plan));
    }
    let mut values = Values::of_client(0, plan.scenario.seed, &plan.scenario.variables);
    values.next(0, plan.scenario.first_value);
    // What answers will have is not known yet: its name stands for it.
    for keep in steps.iter().flat_map(|step| &step.keeps) {
        values.set(keep.slot, format!("{{{{{}}}}}", keep.name).as_bytes());
    }
    let show = |step: Step| {
        values.draw(&step.draws);
        let mut task = Task::new(driver, step.clone(), &base);
        driver.fill(&mut task.messages[0], &mut values);
        (step, driver.show(&task.messages[0]))
    };
    steps.into_iter().map(show).collect()
}
