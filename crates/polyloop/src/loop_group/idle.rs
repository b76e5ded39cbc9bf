//! Ending connections whose handlers have nothing to do for long.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::time::Duration;

use crate::functions::{create_task, current_task};
use crate::task::TaskInfo;
use crate::time::sleep;

/// How many times in a timeout the connections are looked at: one is ended after the timeout and at most
/// that part of it more.
const LOOKS: u32 = 4;

/// Looks at the handlers of a server's connections on one loop, while there are any.
pub(super) struct IdleWatch {
    timeout: Duration,
    handlers: RefCell<Vec<Weak<Handler>>>,
    looking: Cell<bool>,
}

/// A task that handles a connection.
struct Handler {
    task: TaskInfo,
    /// Whether it was polled since the last look.
    ran: Cell<bool>,
    /// Looks since it was.
    quiet: Cell<u32>,
}

impl IdleWatch {
    pub(super) fn new(timeout: Duration) -> Rc<IdleWatch> {
        let (handlers, looking) = (RefCell::default(), Cell::new(false));
        Rc::new(IdleWatch { timeout, handlers, looking })
    }

    /// Runs the running task's handler; the task is cancelled if that is not polled for the timeout.
    pub(super) async fn guard(self: Rc<Self>, handling: impl Future<Output = ()>) {
        let task = current_task().expect("a handler runs in a task");
        let handler = Rc::new(Handler { task, ran: Cell::new(true), quiet: Cell::new(0) });
        self.handlers.borrow_mut().push(Rc::downgrade(&handler));
        self.start_looking();
        let mut handling = pin!(handling);
        poll_fn(|cx| {
            handler.ran.set(true);
            handling.as_mut().poll(cx)
        })
        .await;
    }

    fn start_looking(self: &Rc<Self>) {
        if self.looking.replace(true) {
            return;
        }
        let watch = self.clone();
        let looking = async move {
            while watch.look() {
                sleep(watch.timeout / LOOKS).await;
            }
            watch.looking.set(false);
        };
        create_task(looking).detach();
    }

    /// Cancels who was quiet for too long; tells whether anybody is left.
    fn look(&self) -> bool {
        self.handlers.borrow_mut().retain(|handler| handler.strong_count() > 0);
        let handlers: Vec<_> = self.handlers.borrow().iter().filter_map(Weak::upgrade).collect();
        for handler in &handlers {
            let quiet = if handler.ran.replace(false) { 0 } else { handler.quiet.get() + 1 };
            handler.quiet.set(quiet);
            if quiet >= LOOKS {
                handler.task.cancel();
            }
        }
        !handlers.is_empty()
    }
}
