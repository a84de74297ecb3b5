//! A verdict on every object of a history.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::history::{History, NIL, Object};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::model::{Elements, Model, Register, Stock, Sum};
use crate::{bounded, counter, fetch_and_add, register, search, set};

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
            Some((index, judge_object(object, model, limits)))
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

/// By the model's own rule; where that does not cover the history, by search.
fn judge_object(object: &Object, model: Model, limits: &Limits<'_>) -> Judgement {
    let Object { operations, lists, .. } = object;
    let certify = limits.certify;
    match model {
        Model::Counter => {
            let initial = object.initial_or(0);
            counter::judge(initial, operations, certify)
                .unwrap_or_else(|| search::judge(&Sum { initial }, operations, limits))
        }
        Model::FetchAndAdd => {
            let initial = object.initial_or(0);
            fetch_and_add::judge(initial, operations, certify)
                .unwrap_or_else(|| search::judge(&Sum { initial }, operations, limits))
        }
        Model::Register => {
            let initial = object.initial_or(NIL);
            register::judge(initial, operations, certify)
                .unwrap_or_else(|| search::judge(&Register { initial }, operations, limits))
        }
        Model::Bounded { capacity } => {
            let initial = object.initial_or(capacity.cast_signed());
            bounded::judge(initial, operations, certify)
                .unwrap_or_else(|| search::judge(&Stock { initial }, operations, limits))
        }
        Model::Set => {
            let initial = object.initial_elements();
            set::judge(initial, lists, operations, certify)
                .unwrap_or_else(|| search::judge(&Elements { initial, lists }, operations, limits))
        }
    }
}
