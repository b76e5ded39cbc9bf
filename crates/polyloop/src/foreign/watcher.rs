use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;

use polyloop_core::{Error, Interest, Result};

use super::duplicate::Duplicate;
use crate::callback::Callback;
use crate::context::{Context, copy_context};
use crate::engine::{self, Begun, Engine, OnCompletion, Ready, WaitId};
use crate::exception::{ExceptionContext, guard_here};

/// A function that is called in each iteration in which a descriptor is ready.
///
/// While it is watched exactly one thing stands for the next call: `wait` names a poll in flight, or
/// the watcher itself is in the ready queue, or the function runs. `function` is away while it
/// runs, and for good once watching has stopped.
pub(super) struct Watcher {
    duplicate: Duplicate,
    interest: Interest,
    function: RefCell<Option<Box<dyn FnMut()>>>,
    wait: Cell<Option<WaitId>>,
    stopped: Cell<bool>,
    context: Context,
    created_at: &'static Location<'static>,
}

impl Watcher {
    /// Begins to watch.
    #[track_caller]
    pub(super) fn start(
        engine: &Rc<Engine>,
        duplicate: Duplicate,
        interest: Interest,
        function: Box<dyn FnMut()>,
    ) -> Result<Rc<Watcher>> {
        let watcher = Rc::new(Watcher {
            duplicate,
            interest,
            function: RefCell::new(Some(function)),
            wait: Cell::new(None),
            stopped: Cell::new(false),
            context: copy_context(),
            created_at: Location::caller(),
        });
        watcher.arm(engine)?;
        Ok(watcher)
    }

    /// Ends watching; a call that is queued is not made any more.
    pub(super) fn stop(&self, engine: &Engine) {
        self.stopped.set(true);
        if let Some(wait) = self.wait.take() {
            engine.abandon(wait);
        }
        let function = self.function.take();
        guard_here(|| drop(function));
    }

    /// Polls again, which makes it level-triggered: what is ready still is called for in the next
    /// iteration.
    fn arm(self: &Rc<Self>, engine: &Rc<Engine>) -> Result<()> {
        match engine.begin(self.duplicate.poll(self.interest)) {
            Begun::Waiting(wait) => {
                self.wait.set(Some(wait));
                engine.call_on(wait, self.clone());
            }
            Begun::Done(completion) => {
                completion.result?;
                engine.push_ready(Ready::Callback(self.clone()));
            }
        }
        Ok(())
    }

    /// Calls the function, and polls again unless that has stopped it. A panic is reported, and
    /// watching goes on, as in asyncio.
    fn run(self: &Rc<Self>, engine: &Rc<Engine>) {
        let Some(mut function) = self.function.take() else { return };
        engine.reporter.guard(|| self.context.clone().run(&mut function));
        if self.stopped.get() {
            return guard_here(|| drop(function));
        }
        *self.function.borrow_mut() = Some(function);
        if let Err(error) = self.arm(engine) {
            self.fail(engine, &error);
        }
    }

    /// Gives up what cannot be polled any more, instead of trying for ever.
    fn fail(&self, engine: &Rc<Engine>, error: &Error) {
        self.stop(engine);
        engine.reporter.report(&ExceptionContext {
            message: "watching a descriptor failed, so its callback is called no more".to_owned(),
            panic: error.to_string(),
            task: None,
        });
    }
}

/// A poll has ended.
impl OnCompletion for Watcher {
    fn on_completion(self: Rc<Self>, engine: &Rc<Engine>, id: WaitId) {
        let Some(completion) = engine.take_completed(id) else { return };
        self.wait.set(None);
        match completion.result {
            Ok(_) => self.run(engine),
            Err(error) => self.fail(engine, &error),
        }
    }
}

/// It was ready when it was polled.
impl Callback for Watcher {
    fn call(self: Rc<Self>) {
        if let Some(engine) = engine::find(self.duplicate.home()) {
            self.run(&engine);
        }
    }

    fn created_at(&self) -> Option<&'static Location<'static>> {
        Some(self.created_at)
    }
}
