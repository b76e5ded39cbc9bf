use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;

use polyloop_core::Result;

use super::SignalKind;
use crate::callback::Callback;
use crate::context::{Context, copy_context};
use crate::loop_object::Loop;

/// What a loop calls when a signal arrives, in the context in which it was added.
pub(super) struct Handler {
    function: RefCell<Box<dyn FnMut()>>,
    context: Context,
    removed: Cell<bool>,
    created_at: &'static Location<'static>,
}

impl Handler {
    pub(super) fn remove(&self) {
        self.removed.set(true);
    }
}

impl Callback for Handler {
    fn call(self: Rc<Self>) {
        if self.removed.get() {
            return;
        }
        // A loop calls nothing from within a callback of its own, so it is not borrowed.
        if let Ok(mut function) = self.function.try_borrow_mut() {
            self.context.clone().run(&mut **function);
        }
    }

    fn created_at(&self) -> Option<&'static Location<'static>> {
        Some(self.created_at)
    }
}

impl Loop {
    /// Has a function called whenever a signal arrives: asyncio's `add_signal_handler`.
    ///
    /// It is called like any callback, in its place in the ready queue, so it may do whatever a
    /// callback may. A loop has one for each signal: another takes the place of the first.
    /// While a loop handles [`SignalKind::INTERRUPT`] itself, Ctrl-C does not end its
    /// [`Runner::run`](crate::Runner::run). Closing the loop removes its handlers. More is said in
    /// [`polyloop::signal`](crate::signal).
    ///
    /// # Errors
    ///
    /// *Invalid input* for a signal that cannot be handled (SIGKILL, SIGSTOP), that must not be
    /// (SIGSEGV, SIGFPE, SIGILL: the instruction that raised it would do so again for ever), or that
    /// does not exist; *loop closed*; the operating system's, if the process can have no thread or
    /// socket for signals.
    ///
    /// # Examples
    ///
    /// ```
    /// use polyloop::Loop;
    /// use polyloop::signal::SignalKind;
    ///
    /// polyloop::run(async {
    ///     let events = Loop::current()?;
    ///     events.add_signal_handler(SignalKind::HANGUP, || println!("reading it again"))?;
    ///     assert!(events.remove_signal_handler(SignalKind::HANGUP));
    ///     Ok::<(), polyloop::Error>(())
    /// })?
    /// # ; Ok::<(), polyloop::Error>(())
    /// ```
    #[track_caller]
    pub fn add_signal_handler(
        &self,
        kind: SignalKind,
        function: impl FnMut() + 'static,
    ) -> Result<()> {
        let engine = self.engine();
        engine.check_open()?;
        let handler = Rc::new(Handler {
            function: RefCell::new(Box::new(function)),
            context: copy_context(),
            removed: Cell::new(false),
            created_at: Location::caller(),
        });
        engine.os_events.signals.set_handler(kind, handler, &engine.shared)
    }

    /// Removes the function that a signal calls, and tells whether there was one: asyncio's
    /// `remove_signal_handler`. It is not called any more, even if the signal has arrived.
    pub fn remove_signal_handler(&self, kind: SignalKind) -> bool {
        self.engine().os_events.signals.remove_handler(kind)
    }
}
