use std::cell::Cell;
use std::rc::Rc;

use polyloop_core::{Time, TimerId};

use crate::engine::{self, LoopId};

/// Something that a loop calls: the callback layer without closures.
///
/// [`Loop::schedule`](crate::Loop::schedule) takes an `Rc` of one and allocates nothing, so a
/// type that is called again and again can be its own handle.
pub trait Callback {
    /// Is called once for each time it was scheduled. A panic goes to the exception handler.
    fn call(self: Rc<Self>);
}

/// A closure that is called at most once, and can be cancelled before.
struct Once<F>(Cell<Option<F>>);

impl<F: FnOnce()> Callback for Once<F> {
    fn call(self: Rc<Self>) {
        if let Some(function) = self.0.take() {
            function();
        }
    }
}

trait Cancellable: Callback {
    fn cancel(&self);
}

impl<F: FnOnce()> Cancellable for Once<F> {
    fn cancel(&self) {
        drop(self.0.take());
    }
}

pub(crate) fn once(function: impl FnOnce() + 'static) -> Rc<dyn Callback> {
    Rc::new(Once(Cell::new(Some(function))))
}

/// A scheduled callback, to cancel it. Dropping the handle does not.
#[derive(Clone)]
pub struct Handle {
    callback: Rc<dyn Cancellable>,
    cancelled: Rc<Cell<bool>>,
}

impl Handle {
    /// Makes a handle and the callback that goes to the loop.
    pub(crate) fn new(function: impl FnOnce() + 'static) -> (Handle, Rc<dyn Callback>) {
        let callback = Rc::new(Once(Cell::new(Some(function))));
        let handle = Handle { callback: callback.clone(), cancelled: Rc::default() };
        (handle, callback)
    }

    /// Drops the callback; if it has run, that changes nothing.
    pub fn cancel(&self) {
        self.cancelled.set(true);
        self.callback.cancel();
    }

    /// Tells whether it was cancelled.
    pub fn cancelled(&self) -> bool {
        self.cancelled.get()
    }
}

/// A callback that runs at a time, to cancel it. Dropping the handle does not.
#[derive(Clone)]
pub struct TimerHandle {
    handle: Handle,
    home: LoopId,
    timer: TimerId,
    when: Time,
}

impl TimerHandle {
    pub(crate) fn new(handle: Handle, home: LoopId, timer: TimerId, when: Time) -> TimerHandle {
        TimerHandle { handle, home, timer, when }
    }

    /// Drops the callback and its timer; if it has run, that changes nothing.
    pub fn cancel(&self) {
        self.handle.cancel();
        if let Some(engine) = engine::find(self.home) {
            engine.disarm(self.timer);
        }
    }

    /// Tells whether it was cancelled.
    pub fn cancelled(&self) -> bool {
        self.handle.cancelled()
    }

    /// Gives when it runs, on its loop's clock.
    pub fn when(&self) -> Time {
        self.when
    }
}
