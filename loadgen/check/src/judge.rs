//! A verdict on every object of a history.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::history::History;
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::models::Model;

/// The verdict on each object of `history`, in their order. Objects are judged on all cores.
///
/// # Panics
/// When a checker does, which is a defect of it.
#[must_use]
pub fn judge(history: &History, model: Model, limits: &Limits<'_>) -> Vec<Judgement> {
    let objects = &history.objects;
    let next = AtomicUsize::new(0);
    let judge_some = || {
        let mine = std::iter::from_fn(|| {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let object = objects.get(index)?;
            Some((index, model.judge(object, limits)))
        });
        mine.collect::<Vec<_>>()
    };
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut judged: Vec<_> = thread::scope(|scope| {
        let helpers: Vec<_> =
            (1..cores.min(objects.len())).map(|_| scope.spawn(judge_some)).collect();
        let mut judged = judge_some();
        for helper in helpers {
            judged.extend(helper.join().expect("no checker panics"));
        }
        judged
    });
    judged.sort_by_key(|(index, _)| *index);
    judged.into_iter().map(|(_, judgement)| judgement).collect()
}
