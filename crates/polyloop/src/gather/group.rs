use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::member::Member;
use crate::task::{AnyTask, Outcome, Task, TaskError, TaskOnlooker, TaskRef};
use crate::waiting::{Ends, Until, gave_err};

/// Runs futures at once and gives what they gave, in their order.
///
/// Each becomes a task. Gives the first [`TaskError`] as soon as one is cancelled or panics; the
/// others then run on, as in asyncio. Dropping it cancels them all, and drops their futures there
/// and then.
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
#[track_caller]
pub fn gather<F>(futures: impl IntoIterator<Item = F>) -> Gather<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let members = spawn_all(futures);
    Gather { ends: watch(&members, gave_no_value), members }
}

/// Waits for tasks that run already and gives what they gave, in their order; see [`gather`].
///
/// # Cancel safety
///
/// As for [`gather`].
pub fn gather_tasks<T: 'static>(tasks: impl IntoIterator<Item = Task<T>>) -> Gather<T> {
    let members: Vec<Member<T>> = tasks.into_iter().map(Member::of).collect();
    Gather { ends: watch(&members, gave_no_value), members }
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
#[track_caller]
pub fn try_gather<F, T, E>(futures: impl IntoIterator<Item = F>) -> TryGather<T, E>
where
    F: Future<Output = Result<T, E>> + 'static,
    T: 'static,
    E: 'static,
{
    let members = spawn_all(futures);
    TryGather { ends: watch(&members, |task| gave_no_value(task) || gave_err(task)), members }
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
#[track_caller]
pub fn gather_results<F>(futures: impl IntoIterator<Item = F>) -> GatherResults<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let members = spawn_all(futures);
    GatherResults { ends: watch(&members, |_| false), members }
}

/// The future of [`gather`].
///
/// # Cancel safety
///
/// Dropping it cancels the tasks that have not ended.
#[derive(Debug)]
#[must_use = "the tasks run, but dropping this cancels them"]
pub struct Gather<T> {
    members: Vec<Member<T>>,
    ends: Rc<Ends>,
}

impl<T> Unpin for Gather<T> {}

impl<T> Future for Gather<T> {
    type Output = Result<Vec<T>, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(self.ends.poll(cx));
        let failed = self.ends.first_failed();
        let members = take_members(&mut self.members, failed);
        Poll::Ready(members.into_iter().map(Member::into_result).collect())
    }
}

/// The future of [`try_gather`].
///
/// # Cancel safety
///
/// Dropping it cancels the tasks that have not ended.
#[derive(Debug)]
#[must_use = "the tasks run, but dropping this cancels them"]
pub struct TryGather<T, E> {
    members: Vec<Member<Result<T, E>>>,
    ends: Rc<Ends>,
}

impl<T, E> Unpin for TryGather<T, E> {}

impl<T, E: From<TaskError>> Future for TryGather<T, E> {
    type Output = Result<Vec<T>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(self.ends.poll(cx));
        let failed = self.ends.first_failed();
        let members = take_members(&mut self.members, failed);
        Poll::Ready(members.into_iter().map(|member| member.into_result()?).collect())
    }
}

/// The future of [`gather_results`].
///
/// # Cancel safety
///
/// Dropping it cancels the tasks that have not ended.
#[derive(Debug)]
#[must_use = "the tasks run, but dropping this cancels them"]
pub struct GatherResults<T> {
    members: Vec<Member<T>>,
    ends: Rc<Ends>,
}

impl<T> Unpin for GatherResults<T> {}

impl<T> Future for GatherResults<T> {
    type Output = Vec<Result<T, TaskError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(self.ends.poll(cx));
        let members = take_members(&mut self.members, None);
        Poll::Ready(members.into_iter().map(Member::into_result).collect())
    }
}

/// Takes the members that matter: all, or the one that failed; the others then run on.
fn take_members<T>(members: &mut Vec<Member<T>>, failed: Option<usize>) -> Vec<Member<T>> {
    let mut members = std::mem::take(members);
    if let Some(failed) = failed {
        members.swap(0, failed);
        members.drain(1..).for_each(Member::release);
    }
    members
}

/// The tasks are made at the place of the caller's caller, as a closure would not let them be.
#[track_caller]
fn spawn_all<F>(futures: impl IntoIterator<Item = F>) -> Vec<Member<F::Output>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let mut members = Vec::new();
    for future in futures {
        members.push(Member::spawn(future));
    }
    members
}

/// Watches members until the first of them has failed.
fn watch<T: 'static>(members: &[Member<T>], failed: fn(&TaskOnlooker<T>) -> bool) -> Rc<Ends> {
    let ends = Ends::new(members.len(), Until::FirstFailure);
    for (index, member) in members.iter().enumerate() {
        ends.watch(index, &member.task().onlooker(), failed);
    }
    ends
}

pub(super) fn gave_no_value<K: AsRef<TaskRef>>(task: &K) -> bool {
    task.as_ref().outcome() != Some(Outcome::Finished)
}
