use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::ends::{Ends, Until};
use super::joinable::{Joinable, TryJoinable};
use crate::engine;
use crate::task::{TaskCallbackId, TaskInfo, awaited};
use crate::time::Sleep;

/// When [`wait`] ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReturnWhen {
    /// When one of the tasks has ended.
    FirstCompleted,
    /// When one has failed, or all have ended. A cancelled task has not failed, as in asyncio.
    FirstException,
    /// When all have ended.
    AllCompleted,
}

/// What [`wait`] was given, by whether it has ended; each in the order in which it was given.
#[derive(Debug)]
pub struct Waited<J> {
    /// What has ended.
    pub done: Vec<J>,
    /// What has not.
    pub pending: Vec<J>,
}

/// Waits for tasks until some, or all, have ended, or a time is over; it cancels nothing.
///
/// Takes tasks, references to tasks, or their [`TaskInfo`]s, and gives them back as done and
/// pending. Failing ([`ReturnWhen::FirstException`]) is to panic; for tasks that give a `Result`
/// there is [`try_wait`]. When the time is over nothing fails: what is pending says so. With no
/// tasks it ends at once. The time counts from this call.
///
/// # Panics
///
/// If a time is given and no loop runs on this thread.
///
/// # Cancel safety
///
/// Dropping it leaves the tasks running. Handles that it was given by value go with it; give it
/// references to keep them.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use polyloop::{ReturnWhen, create_task, sleep, wait};
///
/// polyloop::run(async {
///     let tasks = [1, 50].map(|n| create_task(sleep(Duration::from_millis(n))));
///     let waited = wait(tasks, None, ReturnWhen::FirstCompleted).await;
///     assert_eq!((waited.done.len(), waited.pending.len()), (1, 1));
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn wait<J: Joinable>(
    tasks: impl IntoIterator<Item = J>,
    at_most: impl Into<Option<Duration>>,
    when: ReturnWhen,
) -> Wait<J> {
    Wait::new(tasks, at_most.into(), when, J::watch)
}

/// Waits as [`wait`] does for tasks that give a `Result`: one that gave `Err` has failed, too.
///
/// # Cancel safety
///
/// As for [`wait`].
pub fn try_wait<J: TryJoinable>(
    tasks: impl IntoIterator<Item = J>,
    at_most: impl Into<Option<Duration>>,
    when: ReturnWhen,
) -> Wait<J> {
    Wait::new(tasks, at_most.into(), when, J::try_watch)
}

/// The future of [`wait`] and [`try_wait`].
///
/// # Cancel safety
///
/// Dropping it leaves the tasks as they are, and drops the handles that it was given.
#[must_use = "waiting does nothing until it is awaited"]
pub struct Wait<J: Joinable> {
    waited: Vec<Watch<J>>,
    ends: Rc<Ends>,
    sleep: Option<Sleep>,
}

/// One task, and the done callback to take back if the wait ends first.
struct Watch<J> {
    joinable: J,
    task: TaskInfo,
    callback: TaskCallbackId,
}

impl<J: Joinable> Wait<J> {
    fn new(
        tasks: impl IntoIterator<Item = J>,
        at_most: Option<Duration>,
        when: ReturnWhen,
        watch: fn(&J, usize, &Rc<Ends>) -> TaskCallbackId,
    ) -> Wait<J> {
        let tasks: Vec<J> = tasks.into_iter().collect();
        let until = match when {
            ReturnWhen::FirstCompleted => Until::FirstEnd,
            ReturnWhen::FirstException => Until::FirstFailure,
            ReturnWhen::AllCompleted => Until::AllEnds,
        };
        let ends = Ends::new(tasks.len(), until);
        let watched = tasks.into_iter().enumerate().map(|(index, joinable)| {
            let callback = watch(&joinable, index, &ends);
            Watch { task: joinable.task(), joinable, callback }
        });
        let sleep =
            at_most.map(|at_most| Sleep::until_deadline(engine::expect_current().now() + at_most));
        Wait { waited: watched.collect(), ends, sleep }
    }

    fn stop_watching(&self) {
        for watch in &self.waited {
            watch.task.remove_done_callback(watch.callback);
        }
    }
}

impl<J: Joinable> Unpin for Wait<J> {}

impl<J: Joinable> Future for Wait<J> {
    type Output = Waited<J>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Waited<J>> {
        let this = &mut *self;
        let ended = this.ends.poll(cx).is_ready();
        let mut time_is_over = || match &mut this.sleep {
            Some(sleep) => {
                // The tasks are what is waited for; the time is only the limit.
                let tasks = awaited::noted();
                let over = Pin::new(sleep).poll(cx).is_ready();
                awaited::put_back(tasks);
                over
            }
            None => false,
        };
        if !ended && !time_is_over() {
            return Poll::Pending;
        }
        self.stop_watching();
        let (done, pending): (Vec<_>, Vec<_>) =
            self.waited.drain(..).partition(|watch| watch.task.done());
        let strip =
            |watches: Vec<Watch<J>>| watches.into_iter().map(|watch| watch.joinable).collect();
        Poll::Ready(Waited { done: strip(done), pending: strip(pending) })
    }
}

impl<J: Joinable> Drop for Wait<J> {
    fn drop(&mut self) {
        self.stop_watching();
    }
}

impl<J: Joinable> fmt::Debug for Wait<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("tasks", &self.waited.len()).finish_non_exhaustive()
    }
}
