//! The `Date` of responses, written once a second.

use std::cell::{Cell, RefCell};
use std::time::{Duration, SystemTime};

use polyloop::Time;

/// What the clock on the wall says, as HTTP writes it. `text` holds until `stale`.
#[derive(Default)]
pub(crate) struct Clock {
    text: RefCell<String>,
    stale: Cell<Time>,
}

impl Clock {
    /// Shows the date to `use_it`.
    pub(crate) fn with_date<R>(&self, use_it: impl FnOnce(&str) -> R) -> R {
        let now = polyloop::time();
        if now >= self.stale.get() {
            *self.text.borrow_mut() = httpdate::fmt_http_date(SystemTime::now());
            self.stale.set(now + Duration::from_millis(500));
        }
        use_it(&self.text.borrow())
    }
}
