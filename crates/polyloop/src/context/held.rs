use std::cell::Cell;

use super::map::{Context, copy_context, is_current_empty, swap_context};

/// A context that belongs to something whose methods run in it, one after the other: what one sets
/// the next sees.
///
/// It is away, and this empty, while one runs.
pub(crate) struct HeldContext {
    context: Cell<Context>,
}

impl HeldContext {
    /// Holds a copy of the context in which this is called.
    pub(crate) fn copied() -> HeldContext {
        HeldContext { context: Cell::new(copy_context()) }
    }

    /// Calls a function in the context, which comes back also after a panic.
    pub(crate) fn run<R>(&self, function: impl FnOnce() -> R) -> R {
        let held = self.context.take();
        // Nothing set on either side, as is usual: nothing to change.
        let outer = match held.is_empty() && is_current_empty() {
            true => Context::new(),
            false => swap_context(held),
        };
        let _running = Running { held: &self.context, outer };
        function()
    }
}

struct Running<'a> {
    held: &'a Cell<Context>,
    outer: Context,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.outer.is_empty() || !is_current_empty() {
            self.held.set(swap_context(std::mem::take(&mut self.outer)));
        }
    }
}
