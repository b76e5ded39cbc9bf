use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::deadline::AsCompletedBy;
use super::ends::{Ends, Until};
use crate::task::{Task, TaskError};

/// Runs futures at once and gives what they gave, the first to end first.
///
/// Each becomes a task. Use it as an iterator of futures, each of which gives the next result, or
/// as a [`Stream`](futures_core::Stream), or call [`AsCompleted::next`]. Dropping it cancels
/// nothing: the tasks run on, as in asyncio.
///
/// # Panics
///
/// If it is called outside a running loop.
///
/// # Cancel safety
///
/// Dropping a future that this gave loses no result: the next one takes it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// polyloop::run(async {
///     let futures = [3, 1, 2].map(|n| async move {
///         polyloop::sleep(Duration::from_millis(n * 10)).await;
///         n
///     });
///     let mut order = Vec::new();
///     for next in polyloop::as_completed(futures) {
///         order.push(next.await.unwrap());
///     }
///     assert_eq!(order, [1, 2, 3]);
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[track_caller]
pub fn as_completed<F>(futures: impl IntoIterator<Item = F>) -> AsCompleted<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let mut tasks = Vec::new();
    for future in futures {
        tasks.push(crate::create_task(future));
    }
    as_completed_tasks(tasks)
}

/// Gives what tasks gave, the first to end first; see [`as_completed`].
///
/// # Cancel safety
///
/// As for [`as_completed`].
pub fn as_completed_tasks<T: 'static>(tasks: impl IntoIterator<Item = Task<T>>) -> AsCompleted<T> {
    let tasks: Vec<Option<Task<T>>> = tasks.into_iter().map(Some).collect();
    let ends = Ends::new(tasks.len(), Until::EachEnd);
    for (index, task) in tasks.iter().flatten().enumerate() {
        ends.watch(index, &**task.cell(), |_| false);
    }
    let left = tasks.len();
    AsCompleted { completed: Rc::new(Completed { tasks: RefCell::new(tasks), ends }), left }
}

/// What [`as_completed`] gives: results, in the order of the ends.
#[derive(Debug)]
#[must_use = "the tasks run, but their results come out of this"]
pub struct AsCompleted<T> {
    completed: Rc<Completed<T>>,
    /// How many results are not given out or promised.
    left: usize,
}

/// The future of one result, whichever is next.
///
/// # Cancel safety
///
/// Dropping it leaves the result to the next that asks.
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct NextCompleted<T> {
    completed: Rc<Completed<T>>,
}

/// The tasks, each until its result is taken.
struct Completed<T> {
    tasks: RefCell<Vec<Option<Task<T>>>>,
    ends: Rc<Ends>,
}

impl<T> Completed<T> {
    fn poll_next(&self, cx: &Context<'_>) -> Poll<Result<T, TaskError>> {
        self.ends.poll_next(cx).map(|index| {
            let task = self.tasks.borrow_mut()[index].take();
            task.expect("a task ends once").take_result()
        })
    }
}

impl<T> std::fmt::Debug for Completed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.tasks.borrow().iter().flatten()).finish()
    }
}

impl<T> AsCompleted<T> {
    /// Waits for the next result; none when all were given.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future that this gives loses no result.
    pub async fn next(&mut self) -> Option<Result<T, TaskError>> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Gives up when a time is over: what is given then is [`TimedOut`](crate::TimedOut).
    ///
    /// The tasks run on. A result that is ready at the deadline is kept.
    ///
    /// # Panics
    ///
    /// If no loop runs on this thread.
    pub fn within(self, at_most: Duration) -> AsCompletedBy<T> {
        AsCompletedBy::new(self, crate::time() + at_most)
    }

    pub(super) fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Result<T, TaskError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let polled = self.completed.poll_next(cx);
        if polled.is_ready() {
            self.left -= 1;
        }
        polled.map(Some)
    }
}

impl<T> Iterator for AsCompleted<T> {
    type Item = NextCompleted<T>;

    fn next(&mut self) -> Option<NextCompleted<T>> {
        self.left = self.left.checked_sub(1)?;
        Some(NextCompleted { completed: self.completed.clone() })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for AsCompleted<T> {}

impl<T> futures_core::Stream for AsCompleted<T> {
    type Item = Result<T, TaskError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        AsCompleted::poll_next(&mut self, cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> Future for NextCompleted<T> {
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.completed.poll_next(cx)
    }
}
