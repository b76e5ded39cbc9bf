//! Being told of what goes wrong: the exception handler and debug mode.

use std::rc::Rc;
use std::time::Duration;

use crate::exception::{ExceptionContext, ExceptionHandler, print};
use crate::loop_object::Loop;

impl Loop {
    /// Has what goes wrong where nobody is told handed to a function instead of standard error.
    ///
    /// # Examples
    ///
    /// ```
    /// polyloop::run(async {
    ///     let events = polyloop::Loop::current()?;
    ///     let fallback = events.clone();
    ///     events.set_exception_handler(move |context| {
    ///         if !context.message.contains("kept the loop busy") {
    ///             fallback.default_exception_handler(context);
    ///         }
    ///     });
    ///     Ok::<(), polyloop::Error>(())
    /// })?
    /// # ; Ok::<(), polyloop::Error>(())
    /// ```
    pub fn set_exception_handler(&self, handler: impl Fn(&ExceptionContext) + 'static) {
        self.engine().reporter.set(Some(Rc::new(handler)));
    }

    /// Has the default handler used again.
    pub fn clear_exception_handler(&self) {
        self.engine().reporter.set(None);
    }

    /// Gives the handler that was set, for one that adds to it.
    pub fn exception_handler(&self) -> Option<ExceptionHandler> {
        self.engine().reporter.handler()
    }

    /// Writes to standard error, as is done while no handler is set.
    pub fn default_exception_handler(&self, context: &ExceptionContext) {
        print(context);
    }

    /// Hands something that went wrong to the handler that was set, or to the default one. If the
    /// handler panics, the panic hook has told of that, and the loop goes on.
    pub fn call_exception_handler(&self, context: &ExceptionContext) {
        self.engine().reporter.report(context);
    }

    /// Tells whether debug mode is on.
    pub fn is_debug(&self) -> bool {
        self.engine().is_debug()
    }

    /// Turns debug mode on or off.
    ///
    /// It reports tasks and callbacks that keep the loop busy for longer than
    /// [`Loop::slow_callback_duration`] to the exception handler, with the place where they were
    /// made. It is on from the start if the environment variable `POLYLOOP_DEBUG` is set, and is
    /// neither empty nor `0`, or if the builder says so ([`RunnerBuilder::debug`]). Off, it costs one
    /// branch a callback.
    ///
    /// What else asyncio's debug mode finds is found always: calls on a closed loop panic, tasks
    /// that are destroyed while pending and panics that nobody asks for are reported, and a loop
    /// cannot be used from another thread.
    ///
    /// [`RunnerBuilder::debug`]: crate::RunnerBuilder::debug
    pub fn set_debug(&self, on: bool) {
        self.engine().set_debug(on);
    }

    /// Tells how long a task or callback may run in debug mode before it is reported.
    pub fn slow_callback_duration(&self) -> Duration {
        self.engine().slow_callback_duration()
    }

    /// Sets how long a task or callback may run in debug mode before it is reported: 100 ms if
    /// this is not called. Zero reports all.
    pub fn set_slow_callback_duration(&self, duration: Duration) {
        self.engine().set_slow_callback_duration(duration);
    }
}
