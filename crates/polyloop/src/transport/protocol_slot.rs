use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::context::HeldContext;
use crate::exception;

/// The place of a protocol: away while one of its methods runs, so none is ever entered twice and
/// nothing is borrowed meanwhile.
///
/// `next` is what was put here while it was away; `ended` lets nothing in any more. Methods run in
/// `context`, which is a copy of the one in which the place was made.
pub(crate) struct ProtocolSlot<P: ?Sized> {
    here: Cell<Option<Box<P>>>,
    /// In a box of its own, because there is hardly ever one.
    next: Cell<Option<Box<Box<P>>>>,
    ended: Cell<bool>,
    context: HeldContext,
}

/// What came of a call.
pub(crate) enum Called<R> {
    Returned(R),
    /// It panicked, which was reported.
    Panicked,
    /// No protocol is there, or one of its methods runs.
    Away,
}

impl<P: ?Sized> ProtocolSlot<P> {
    pub(crate) fn new(protocol: Box<P>) -> ProtocolSlot<P> {
        ProtocolSlot {
            here: Cell::new(Some(protocol)),
            next: Cell::new(None),
            ended: Cell::new(false),
            context: HeldContext::copied(),
        }
    }

    /// Lets somebody look at the protocol; nothing if it is away.
    pub(super) fn visit<R>(&self, look: impl FnOnce(&mut P) -> R) -> Option<R> {
        let mut visit = Visit { slot: self, protocol: self.here.take() };
        visit.protocol.as_deref_mut().map(look)
    }

    /// Calls a method in the protocol's context; its name is for the report if it panics.
    pub(crate) fn call<R>(&self, name: &str, call: impl FnOnce(&mut P) -> R) -> Called<R> {
        match catch_unwind(AssertUnwindSafe(|| {
            self.visit(|protocol| self.context.run(|| call(protocol)))
        })) {
            Ok(Some(result)) => Called::Returned(result),
            Ok(None) => Called::Away,
            Err(panic) => {
                let text = exception::text_of(&*panic);
                exception::report_here(&format!("a protocol panicked in {name}"), &text);
                Called::Panicked
            }
        }
    }

    /// Puts another protocol in the place, from the next call on.
    pub(super) fn replace(&self, protocol: Box<P>) {
        if self.ended.get() {
            return exception::guard_here(|| drop(protocol));
        }
        match self.here.take() {
            Some(old) => {
                self.here.set(Some(protocol));
                exception::guard_here(|| drop(old));
            }
            None => exception::guard_here(|| drop(self.next.replace(Some(Box::new(protocol))))),
        }
    }

    /// Drops the protocol, now or when its method returns.
    pub(crate) fn end(&self) {
        self.ended.set(true);
        let protocols = (self.here.take(), self.next.take());
        exception::guard_here(|| drop(protocols));
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.get()
    }
}

/// A protocol that is away; dropping this puts it back, also by a panic.
struct Visit<'a, P: ?Sized> {
    slot: &'a ProtocolSlot<P>,
    protocol: Option<Box<P>>,
}

impl<P: ?Sized> Drop for Visit<'_, P> {
    fn drop(&mut self) {
        let Some(protocol) = self.protocol.take() else { return };
        if self.slot.ended.get() {
            return exception::guard_here(|| drop(protocol));
        }
        match self.slot.next.take() {
            None => self.slot.here.set(Some(protocol)),
            Some(next) => {
                self.slot.here.set(Some(*next));
                exception::guard_here(|| drop(protocol));
            }
        }
    }
}
