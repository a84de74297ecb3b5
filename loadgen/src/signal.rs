//! An event that happens once, with a value that says which.

use tokio::sync::watch;

/// Shared by everyone who may raise the event or waits for it; only the first value counts.
#[derive(Debug, Clone)]
pub struct Signal<T>(watch::Sender<Option<T>>);

impl<T: Clone> Signal<T> {
    /// An event that has not happened.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Raises the event; false if it was raised before, and `value` is dropped.
    pub fn raise(&self, value: T) -> bool {
        self.0.send_if_modified(|raised| {
            let first = raised.is_none();
            raised.get_or_insert(value);
            first
        })
    }

    /// The value it was raised with, if it was.
    #[must_use]
    pub fn raised(&self) -> Option<T> {
        self.0.borrow().clone()
    }

    /// Waits until the event is raised.
    ///
    /// # Panics
    /// Never: this value is itself a sender, so that the channel stays open.
    pub async fn wait(&self) -> T {
        let mut events = self.0.subscribe();
        let raised = events.wait_for(Option::is_some).await;
        raised.ok().and_then(|value| value.clone()).expect("self keeps the channel open")
    }
}

impl<T: Clone> Default for Signal<T> {
    fn default() -> Self {
        Self::new()
    }
}
