use std::pin::Pin;
use std::task::{Context, Poll};

use crate::task::{Task, TaskError};

/// Runs futures at once and gives what they gave, in their order.
///
/// Each becomes a task. Gives the first [`TaskError`] as soon as one is cancelled or panics; the
/// others then run on, as in asyncio. Dropping it cancels them all.
///
/// # Panics
///
/// If it is called outside a running loop.
///
/// # Cancel safety
///
/// Dropping it cancels the tasks; what those that had ended gave is lost.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let squares = polyloop::gather((1..4).map(|n| async move { n * n })).await.unwrap();
///     assert_eq!(squares, [1, 4, 9]);
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub fn gather<F>(futures: impl IntoIterator<Item = F>) -> Gather<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    Gather { members: spawn_all(futures) }
}

/// Runs futures that can fail at once, and gives what they gave, in their order, or the first
/// failure as soon as there is one; the others then run on.
///
/// Failing is giving `Err`. A member that is cancelled or panics fails too: its [`TaskError`]
/// converts into the error.
///
/// # Panics
///
/// If it is called outside a running loop.
///
/// # Cancel safety
///
/// As for [`gather`].
pub fn try_gather<F, T, E>(futures: impl IntoIterator<Item = F>) -> TryGather<T, E>
where
    F: Future<Output = Result<T, E>> + 'static,
    T: 'static,
    E: 'static,
{
    TryGather { members: spawn_all(futures) }
}

/// Runs futures at once and gives how each ended, in their order: asyncio's
/// `return_exceptions=True`.
///
/// # Panics
///
/// If it is called outside a running loop.
///
/// # Cancel safety
///
/// As for [`gather`].
pub fn gather_results<F>(futures: impl IntoIterator<Item = F>) -> GatherResults<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    GatherResults { members: spawn_all(futures) }
}

/// A task, and what it gave once it has ended. Dropped before that, it cancels the task.
#[derive(Debug)]
pub struct Member<T> {
    task: Option<Task<T>>,
    result: Option<Result<T, TaskError>>,
}

impl<T> Member<T> {
    pub(super) fn new<F>(future: F) -> Member<T>
    where
        F: Future<Output = T> + 'static,
        T: 'static,
    {
        Member { task: Some(crate::create_task(future)), result: None }
    }

    /// Tells whether the task has ended; its result is kept.
    pub(super) fn poll_done(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(task) = &mut self.task else { return true };
        let Poll::Ready(result) = Pin::new(task).poll(cx) else { return false };
        self.task = None;
        self.result = Some(result);
        true
    }

    /// Tells whether the task was cancelled or panicked.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.result, Some(Err(_)))
    }

    pub(super) fn take(&mut self) -> Result<T, TaskError> {
        self.result.take().expect("a result is taken once, after the task has ended")
    }

    /// Lets the task run on.
    pub(super) fn release(&mut self) {
        self.task = None;
    }
}

impl<T> Drop for Member<T> {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.cancel();
        }
    }
}

fn spawn_all<F>(futures: impl IntoIterator<Item = F>) -> Vec<Member<F::Output>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    futures.into_iter().map(Member::new).collect()
}

/// Polls every member: an ended one for which `stops` holds, else whether all have ended.
fn poll_members<T>(
    members: &mut [Member<T>],
    cx: &mut Context<'_>,
    stops: impl Fn(&Member<T>) -> bool,
) -> Poll<Option<usize>> {
    let mut all_done = true;
    for (index, member) in members.iter_mut().enumerate() {
        let done = member.poll_done(cx);
        if done && stops(member) {
            return Poll::Ready(Some(index));
        }
        all_done &= done;
    }
    if all_done { Poll::Ready(None) } else { Poll::Pending }
}

/// The future of [`gather`].
#[derive(Debug)]
#[must_use = "the tasks run, but dropping this cancels them"]
pub struct Gather<T> {
    members: Vec<Member<T>>,
}

impl<T> Unpin for Gather<T> {}

impl<T> Future for Gather<T> {
    type Output = Result<Vec<T>, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let members = &mut self.members;
        match poll_members(members, cx, Member::has_failed) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(members.iter_mut().map(Member::take).collect()),
            Poll::Ready(Some(failed)) => {
                members.iter_mut().for_each(Member::release);
                Poll::Ready(Err(members[failed].take().err().expect("it has failed")))
            }
        }
    }
}

/// The future of [`try_gather`].
#[derive(Debug)]
#[must_use = "the tasks run, but dropping this cancels them"]
pub struct TryGather<T, E> {
    members: Vec<Member<Result<T, E>>>,
}

impl<T, E> Unpin for TryGather<T, E> {}

impl<T, E: From<TaskError>> Future for TryGather<T, E> {
    type Output = Result<Vec<T>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let members = &mut self.members;
        let failed =
            |member: &Member<Result<T, E>>| matches!(member.result, Some(Err(_) | Ok(Err(_))));
        match poll_members(members, cx, failed) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => {}
            Poll::Ready(Some(index)) => {
                members.iter_mut().for_each(Member::release);
                members.swap(0, index);
                members.truncate(1);
            }
        }
        Poll::Ready(members.iter_mut().map(|member| member.take()?).collect())
    }
}

/// The future of [`gather_results`].
#[derive(Debug)]
#[must_use = "the tasks run, but dropping this cancels them"]
pub struct GatherResults<T> {
    members: Vec<Member<T>>,
}

impl<T> Unpin for GatherResults<T> {}

impl<T> Future for GatherResults<T> {
    type Output = Vec<Result<T, TaskError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let members = &mut self.members;
        poll_members(members, cx, |_| false).map(|_| members.iter_mut().map(Member::take).collect())
    }
}
