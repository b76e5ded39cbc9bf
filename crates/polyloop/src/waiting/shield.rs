use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::ends::{Ends, Until};
use crate::task::{Task, TaskError};

/// Runs a future as a task of its own, which goes on when this is dropped.
///
/// So what must not be cut short, cleaning up above all, survives the cancellation of who awaits
/// it. The loop's end cancels it all the same. A task that exists needs no shield: awaiting it
/// by reference, or dropping its handle, cancels nothing.
///
/// # Panics
///
/// If no loop runs on this thread.
///
/// # Cancel safety
///
/// Dropping it leaves the task running; what it gives is lost, and a panic of it goes to the
/// loop's exception handler.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// polyloop::run(async {
///     let saved = std::rc::Rc::new(std::cell::Cell::new(false));
///     let flag = saved.clone();
///     let save = polyloop::shield(async move {
///         polyloop::sleep(Duration::from_millis(5)).await;
///         flag.set(true);
///     });
///     assert!(polyloop::timeout(Duration::from_millis(1), save).await.is_err());
///     polyloop::sleep(Duration::from_millis(20)).await;
///     assert!(saved.get());
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[track_caller]
pub fn shield<F>(future: F) -> Shield<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let task = crate::create_task(future);
    let ends = Ends::new(1, Until::AllEnds);
    ends.watch(0, &**task.cell(), |_| false);
    Shield { task, ends }
}

/// The future of [`shield`].
///
/// # Cancel safety
///
/// Dropping it lets the task run on; its result is lost.
#[derive(Debug)]
#[must_use = "the task runs, but its result comes out of this"]
pub struct Shield<T> {
    task: Task<T>,
    ends: Rc<Ends>,
}

impl<T> Future for Shield<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.ends.poll(cx).map(|()| self.task.take_result())
    }
}
