use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use crate::engine;

/// What went wrong where nobody could be told: a callback panicked, or a task panicked and
/// nobody asked for its result.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExceptionContext {
    /// What happened, in a sentence.
    pub message: String,
    /// What the panic or error said, as far as it is text; empty if there was none.
    pub panic: String,
    /// The task's name, if it was a task.
    pub task: Option<String>,
}

impl ExceptionContext {
    /// Makes one, for [`Loop::call_exception_handler`](crate::Loop::call_exception_handler).
    pub fn new(message: impl Into<String>) -> ExceptionContext {
        ExceptionContext { message: message.into(), panic: String::new(), task: None }
    }
}

/// What is called when something went wrong where nobody could be told.
pub type ExceptionHandler = Rc<dyn Fn(&ExceptionContext)>;

/// Hands exceptions to the handler that was set, or to standard error.
#[derive(Default)]
pub(crate) struct Reporter {
    handler: RefCell<Option<ExceptionHandler>>,
}

impl Reporter {
    pub(crate) fn set(&self, handler: Option<ExceptionHandler>) {
        let old = self.handler.replace(handler);
        drop(old);
    }

    pub(crate) fn handler(&self) -> Option<ExceptionHandler> {
        self.handler.borrow().clone()
    }

    /// Calls a function; if it panics, that is reported, and the loop goes on.
    pub(crate) fn guard(&self, call: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
            self.report(&ExceptionContext {
                message: "a callback panicked".to_owned(),
                panic: text_of(&*panic),
                task: None,
            });
        }
    }

    pub(crate) fn report(&self, context: &ExceptionContext) {
        match self.handler() {
            // A handler that panics itself is told of by the panic hook, and that is all.
            Some(handler) => drop(catch_unwind(AssertUnwindSafe(|| handler(context)))),
            None => print(context),
        }
    }
}

/// Calls a waker or a destructor of the user's; a panic is reported, and the rest goes on.
pub(crate) fn guard_here(call: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
        report_here("a waker or destructor panicked", &text_of(&*panic));
    }
}

/// Reports a panic to the loop that runs on this thread, or to standard error.
pub(crate) fn report_here(message: &str, panic: &str) {
    report(&ExceptionContext { panic: panic.to_owned(), ..ExceptionContext::new(message) });
}

/// Reports what went wrong to the loop that runs on this thread, or to standard error.
pub(crate) fn report(context: &ExceptionContext) {
    match engine::current() {
        Some(engine) => engine.reporter.report(context),
        None => print(context),
    }
}

/// Writes to standard error what went wrong.
pub(crate) fn print(context: &ExceptionContext) {
    let task = context.task.as_deref().map_or(String::new(), |task| format!(" [{task}]"));
    let colon = if context.panic.is_empty() { "" } else { ": " };
    eprintln!("polyloop: {}{task}{colon}{}", context.message, context.panic);
}

/// Gives what a panic said.
pub(crate) fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic that is not text".to_owned())
}
