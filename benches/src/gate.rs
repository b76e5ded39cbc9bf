use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

/// Lets the tasks of a thread wait for each other by plain wakers.
///
/// Yielding until something has happened does not do: monoio runs a task that wakes itself again before the
/// others, which then never do what is waited for.
#[derive(Debug, Default)]
pub struct Gate {
    open: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

impl Gate {
    /// Makes one that is closed.
    pub const fn new() -> Gate {
        Gate { open: Cell::new(false), waiting: RefCell::new(Vec::new()) }
    }

    /// Lets everybody pass from now on.
    pub fn open(&self) {
        self.open.set(true);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Lets nobody pass any more.
    pub fn close(&self) {
        self.open.set(false);
    }

    /// Waits until it is open.
    pub async fn pass(&self) {
        poll_fn(|cx| self.poll_pass(cx)).await;
    }

    /// Waits until it is open, for who polls.
    pub fn poll_pass(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.open.get() {
            return Poll::Ready(());
        }
        self.waiting.borrow_mut().push(cx.waker().clone());
        Poll::Pending
    }
}
