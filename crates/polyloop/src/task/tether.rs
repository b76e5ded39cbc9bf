use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::exception::{self, text_of};

/// A task's future, which the task's owner can drop from outside.
///
/// So what owns tasks (a gather, a group) leaves nothing behind when it is dropped: what its tasks
/// held is released by then. The future is there until it has ended or was cut.
pub(crate) struct Tethered<F> {
    slot: Rc<Slot<F>>,
}

struct Slot<F>(RefCell<Option<Pin<Box<F>>>>);

/// The owner's end.
pub(crate) trait Tether {
    /// Drops the future, unless it is being polled further up the stack: then only the cancel
    /// that was asked for ends it. A panic of its destructor goes to the exception handler.
    fn cut(&self);
}

impl<F: Future + 'static> Tethered<F> {
    pub(crate) fn new(future: F) -> (Tethered<F>, Rc<dyn Tether>) {
        let slot = Rc::new(Slot(RefCell::new(Some(Box::pin(future)))));
        (Tethered { slot: slot.clone() }, slot)
    }
}

impl<F> Tether for Slot<F> {
    fn cut(&self) {
        let Ok(mut slot) = self.0.try_borrow_mut() else { return };
        let future = slot.take();
        drop(slot);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(future))) {
            exception::report_here("a task panicked while its owner dropped it", &text_of(&*panic));
        }
    }
}

impl<F: Future> Future for Tethered<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // Who cuts asks for a cancel first, so a future that is gone is about to be dropped.
        match &mut *self.slot.0.borrow_mut() {
            Some(future) => future.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

/// The future ends with its task, however long the owner's end is kept.
impl<F> Drop for Tethered<F> {
    fn drop(&mut self) {
        let future = self.slot.0.try_borrow_mut().ok().and_then(|mut slot| slot.take());
        drop(future);
    }
}
