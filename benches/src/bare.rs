use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Pending, pending};
use std::task::Poll;
use std::time::Duration;

use async_task::{Runnable, Task};

use crate::peer::Peer;

/// Tasks of `async-task` and a queue, polled in a loop: what tasks cost at the least. It has no timers, so a
/// sleep of its never ends, and nothing from other threads wakes it; a panic ends the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bare;

thread_local! {
    static QUEUE: RefCell<VecDeque<Runnable>> = const { RefCell::new(VecDeque::new()) };
}

impl Bare {
    fn task<F: Future + 'static>(future: F) -> Task<F::Output>
    where
        F::Output: 'static,
    {
        let schedule = |runnable| QUEUE.with_borrow_mut(|queue| queue.push_back(runnable));
        let (runnable, task) = async_task::spawn_local(future, schedule);
        runnable.schedule();
        task
    }
}

impl Peer for Bare {
    type Sleep = Pending<()>;

    fn name(&self) -> &'static str {
        "bare"
    }

    fn block_on<F: Future + 'static>(&self, future: F) -> F::Output {
        let (mut output, noted) = (None, std::rc::Rc::new(std::cell::Cell::new(None)));
        let noting = noted.clone();
        Bare::task(async move { noting.set(Some(future.await)) }).detach();
        while output.is_none() {
            let next = QUEUE.with_borrow_mut(VecDeque::pop_front);
            next.expect("something is ready until the end").run();
            output = noted.take();
        }
        output.expect("the loop above has ended")
    }

    fn spawn<F>(&self, future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Bare::task(future)
    }

    fn spawn_detached(&self, future: impl Future<Output = ()> + 'static) {
        Bare::task(future).detach();
    }

    fn sleep(&self, _: Duration) -> Pending<()> {
        pending()
    }

    async fn yield_now(&self) {
        let mut has_yielded = false;
        std::future::poll_fn(|cx| {
            if std::mem::replace(&mut has_yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
