use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use polyloop_core::{Time, TimerId};

use crate::context::{Context, copy_context};
use crate::engine::{self, LoopId};

/// Something that a loop calls: the callback layer without closures.
///
/// [`Loop::schedule`](crate::Loop::schedule) takes an `Rc` of one and allocates nothing, so a
/// type that is called again and again can be its own handle. It runs in the context of the
/// thread that runs the loop, and may enter another ([`Context::run`]).
pub trait Callback {
    /// Is called once for each time it was scheduled. A panic goes to the exception handler.
    fn call(self: Rc<Self>);

    /// Tells where in the program it was made, for reports; nothing if that is not known.
    fn created_at(&self) -> Option<&'static Location<'static>> {
        None
    }
}

/// A closure that is called at most once, in its context, and can be cancelled before.
struct Once<F> {
    function: Cell<Option<F>>,
    cancelled: Cell<bool>,
    context: Context,
    created_at: Option<&'static Location<'static>>,
}

impl<F: FnOnce()> Callback for Once<F> {
    fn call(self: Rc<Self>) {
        if let Some(function) = self.function.take() {
            self.context.clone().run(function);
        }
    }

    fn created_at(&self) -> Option<&'static Location<'static>> {
        self.created_at
    }
}

/// What a handle can do with the callback, whatever its type.
trait Cancellable: Callback {
    fn cancel(&self);
    fn cancelled(&self) -> bool;
    fn context(&self) -> Context;
}

impl<F: FnOnce()> Cancellable for Once<F> {
    fn cancel(&self) {
        self.cancelled.set(true);
        drop(self.function.take());
    }

    fn cancelled(&self) -> bool {
        self.cancelled.get()
    }

    fn context(&self) -> Context {
        self.context.clone()
    }
}

/// Makes a callback that runs in an empty context; what needs another enters it itself.
pub(crate) fn once(function: impl FnOnce() + 'static) -> Rc<dyn Callback> {
    placed(None, function)
}

/// Makes such a callback that says where it was scheduled.
pub(crate) fn once_at(
    place: &'static Location<'static>,
    function: impl FnOnce() + 'static,
) -> Rc<dyn Callback> {
    placed(Some(place), function)
}

fn placed(
    created_at: Option<&'static Location<'static>>,
    function: impl FnOnce() + 'static,
) -> Rc<dyn Callback> {
    Rc::new(Once {
        function: Cell::new(Some(function)),
        cancelled: Cell::new(false),
        context: Context::new(),
        created_at,
    })
}

/// A scheduled callback, to cancel it. Dropping the handle does not.
#[derive(Clone)]
pub struct Handle {
    callback: Rc<dyn Cancellable>,
}

impl Handle {
    /// Makes a handle and the callback that goes to the loop, in the caller's context.
    #[track_caller]
    pub(crate) fn new(function: impl FnOnce() + 'static) -> (Handle, Rc<dyn Callback>) {
        let callback = Rc::new(Once {
            function: Cell::new(Some(function)),
            cancelled: Cell::new(false),
            context: copy_context(),
            created_at: Some(Location::caller()),
        });
        (Handle { callback: callback.clone() }, callback)
    }

    /// Drops the callback; if it has run, that changes nothing.
    pub fn cancel(&self) {
        self.callback.cancel();
    }

    /// Tells whether it was cancelled.
    pub fn cancelled(&self) -> bool {
        self.callback.cancelled()
    }

    /// Gives the context in which the callback runs: a copy of the one in which it was scheduled.
    pub fn context(&self) -> Context {
        self.callback.context()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.cancelled() { "cancelled, " } else { "" };
        match self.callback.created_at() {
            Some(place) => write!(f, "Handle({state}created at {place})"),
            None => write!(f, "Handle({state})"),
        }
    }
}

/// A callback that runs at a time, to cancel it. Dropping the handle does not.
#[derive(Clone, Debug)]
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

    /// Gives the context in which the callback runs.
    pub fn context(&self) -> Context {
        self.handle.context()
    }

    /// Gives when it runs, on its loop's clock.
    pub fn when(&self) -> Time {
        self.when
    }
}
