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
    /// What the panic said, as far as it is text.
    pub panic: String,
    /// The task's name, if it was a task.
    pub task: Option<String>,
}

type Handler = Rc<dyn Fn(&ExceptionContext)>;

/// Hands exceptions to the handler that was set, or to standard error.
#[derive(Default)]
pub(crate) struct Reporter {
    handler: RefCell<Option<Handler>>,
}

impl Reporter {
    pub(crate) fn set(&self, handler: Option<Handler>) {
        let old = self.handler.replace(handler);
        drop(old);
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
        let handler = self.handler.borrow().clone();
        match handler {
            // A handler that panics itself is told of by the panic hook, and that is all.
            Some(handler) => drop(catch_unwind(AssertUnwindSafe(|| handler(context)))),
            None => {
                let task = context.task.as_deref().map_or(String::new(), |t| format!(" ({t})"));
                eprintln!("polyloop: {}{task}: {}", context.message, context.panic);
            }
        }
    }
}

/// Reports a panic to the loop that runs on this thread, or to standard error.
pub(crate) fn report_here(message: &str, panic: &str) {
    let context =
        ExceptionContext { message: message.to_owned(), panic: panic.to_owned(), task: None };
    match engine::current() {
        Some(engine) => engine.reporter.report(&context),
        None => Reporter::default().report(&context),
    }
}

/// Gives what a panic said.
pub(crate) fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic that is not text".to_owned())
}
