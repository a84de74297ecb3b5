//! Panics that a model is there to provoke.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

/// Part of the message of the panics that are not printed at the moment.
static EXPECTED: Mutex<Option<&str>> = Mutex::new(None);

/// Runs `action`, with panics kept off stderr whose message contains `expected`.
///
/// Other panics are printed as ever, and any that leaves `action` is handed back. What is expected
/// is the whole process's: one call at a time.
pub(crate) fn about<R>(
    expected: Option<&'static str>,
    action: impl FnOnce() -> R,
) -> thread::Result<R> {
    static HOOK: Once = Once::new();
    HOOK.call_once(install_hook);
    expect(expected);
    let result = panic::catch_unwind(AssertUnwindSafe(action));
    expect(None);
    result
}

/// Never removed: loom's coroutines put a hook of their own around it, which would go as well.
fn install_hook() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let expected = *EXPECTED.lock().unwrap_or_else(PoisonError::into_inner);
        let message = message(panic.payload());
        if !expected.zip(message).is_some_and(|(expected, message)| message.contains(expected)) {
            print(panic);
        }
    }));
}

fn expect(expected: Option<&'static str>) {
    *EXPECTED.lock().unwrap_or_else(PoisonError::into_inner) = expected;
}

/// What a panic says, if it is text.
pub(crate) fn message(panic: &(dyn Any + Send)) -> Option<&str> {
    let string = panic.downcast_ref::<String>().map(String::as_str);
    string.or_else(|| panic.downcast_ref::<&str>().copied())
}
