//! A run on the whole of a terminal, while it goes on.
//!
//! The control thread tells a `Model` what it observes, which costs it a lock and, once a second,
//! some sums. A thread of its own draws that a few times a second, and waits for keys.

mod histogram;
mod model;
mod terminal;
#[cfg(test)]
mod tests;
mod units;
mod view;

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read as _, stderr};
use std::os::fd::AsFd as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::plan::Plan;
use crate::run::Observed;
use crate::tell;
use model::Model;
use terminal::Canvas;
pub use terminal::{Unfit, give_back};
use view::{Theme, View};

/// The view of one run after the other, on the terminal that standard error is.
///
/// It has the terminal until it is dropped. What is told meanwhile is shown, and told again then.
#[derive(Debug)]
pub struct Live {
    /// The run that is shown; `None` before the first.
    shown: Arc<Mutex<Option<Model>>>,
    began: Instant,
    /// Closed when the view is to end.
    lifeline: Option<PipeWriter>,
    drawing: Option<JoinHandle<()>>,
}

/// How often it is drawn where nobody presses a key.
const PERIOD: Duration = Duration::from_millis(250);

impl Live {
    /// Takes the terminal; `quit` is called for each `q` that is typed there.
    ///
    /// # Errors
    /// When standard error is no terminal that can show it.
    pub fn begin(has_colors: bool, quit: impl Fn() + Send + 'static) -> Result<Self, Unfit> {
        let unfit = |error: io::Error| Unfit(error.to_string());
        let fd = stderr().as_fd().try_clone_to_owned().map_err(unfit)?;
        let (tty, keys) = (File::from(fd.try_clone().map_err(unfit)?), File::from(fd));
        let (reader, lifeline) = io::pipe().map_err(unfit)?;
        terminal::take(tty.try_clone().map_err(unfit)?)?;
        tell::hold();
        let (shown, began) = (Arc::default(), Instant::now());
        let window = Window {
            shown: Arc::clone(&shown),
            began,
            canvas: Canvas::new(tty, has_colors),
            theme: Theme { has_colors },
            keys: terminal::is_readable(&keys).then_some(keys),
            lifeline: reader,
        };
        let drawing = thread::Builder::new().name("live".to_owned());
        let drawing = match drawing.spawn(move || window.show(&quit)) {
            Ok(drawing) => drawing,
            Err(error) => {
                give_back();
                return Err(unfit(error));
            }
        };
        Ok(Self { shown, began, lifeline: Some(lifeline), drawing: Some(drawing) })
    }

    /// From now on the run of `plan` is shown, which is one of several where it has a `name`.
    pub(crate) fn watch(&self, plan: &Plan, name: &str) {
        *lock(&self.shown) = Some(Model::new(plan, name));
    }

    /// Shows what was observed of the run.
    pub(crate) fn show(&self, observed: Observed<'_>) {
        if let Some(model) = &mut *lock(&self.shown) {
            model.observe(observed, self.began.elapsed());
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.lifeline = None;
        // One that panicked has given the terminal back.
        let _ = self.drawing.take().map(JoinHandle::join);
        give_back();
    }
}

/// What the drawing thread has.
struct Window {
    shown: Arc<Mutex<Option<Model>>>,
    began: Instant,
    canvas: Canvas,
    theme: Theme,
    /// Where keys come from; `None` where they do not.
    keys: Option<File>,
    lifeline: PipeReader,
}

/// What ended a wait.
enum Woken {
    Time,
    Key,
    End,
}

impl Window {
    /// Draws until the view ends.
    fn show(mut self, quit: &dyn Fn()) {
        loop {
            self.draw();
            match self.wait() {
                Woken::Time => {}
                Woken::Key => {
                    if self.is_q_typed() {
                        quit();
                    }
                }
                Woken::End => return,
            }
        }
    }

    fn draw(&mut self) {
        let model = lock(&self.shown).clone();
        let Some(model) = model else { return };
        let view = View {
            model: &model,
            now: self.began.elapsed(),
            messages: tell::last_held(view::MOST_MESSAGES),
            takes_keys: self.keys.is_some(),
            theme: self.theme,
        };
        self.canvas.draw(&view);
    }

    fn wait(&self) -> Woken {
        let mut fds = vec![PollFd::new(self.lifeline.as_fd(), PollFlags::POLLIN)];
        fds.extend(self.keys.as_ref().map(|keys| PollFd::new(keys.as_fd(), PollFlags::POLLIN)));
        let period = PollTimeout::try_from(PERIOD).unwrap_or(PollTimeout::ZERO);
        if poll(&mut fds, period).is_err() {
            // A signal came.
            return Woken::Time;
        }
        let mut is_ready = fds.iter().map(|fd| fd.any().unwrap_or(false));
        match (is_ready.next(), is_ready.next()) {
            (Some(true), _) => Woken::End,
            (_, Some(true)) => Woken::Key,
            _ => Woken::Time,
        }
    }

    fn is_q_typed(&mut self) -> bool {
        let mut typed = [0; 64];
        if let Some(Ok(count @ 1..)) = self.keys.as_mut().map(|keys| keys.read(&mut typed)) {
            return asks_to_end(&typed[..count]);
        }
        // The terminal is gone.
        self.keys = None;
        false
    }
}

/// Whether one of the keys that were `typed` is `q`. What a key of another kind sends begins with an
/// escape, and may well have that letter in it.
fn asks_to_end(typed: &[u8]) -> bool {
    !typed.starts_with(b"\x1b") && typed.iter().any(|byte| matches!(byte, b'q' | b'Q'))
}

fn lock(shown: &Mutex<Option<Model>>) -> MutexGuard<'_, Option<Model>> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}
