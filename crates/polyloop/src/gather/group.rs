use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::member::{Member, Progress};
use crate::task::TaskError;

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
    Gather { group: Group::spawn(futures, Result::is_err) }
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
    TryGather { group: Group::spawn(futures, |result| matches!(result, Err(_) | Ok(Err(_)))) }
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
    GatherResults { group: Group::spawn(futures, |_| false) }
}

/// The members of a gather, as tasks, and how far they have come.
#[derive(Debug)]
struct Group<T> {
    progress: Rc<Progress>,
    members: Vec<Member<T>>,
}

impl<T: 'static> Group<T> {
    fn spawn<F>(
        futures: impl IntoIterator<Item = F>,
        is_failure: fn(&Result<T, TaskError>) -> bool,
    ) -> Group<T>
    where
        F: Future<Output = T> + 'static,
    {
        let progress = Rc::default();
        let member = |future| Member::new(&progress, future, is_failure);
        let members = futures.into_iter().map(member).collect();
        Group { progress, members }
    }
}

impl<T> Group<T> {
    /// Gives, once it is decided, all members, or only the one that failed first.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<&[Member<T>]> {
        let Poll::Ready(failed) = self.progress.poll(cx) else { return Poll::Pending };
        if let Some(failed) = failed {
            self.members.iter().for_each(Member::release);
            self.members.swap(0, failed);
            self.members.truncate(1);
        }
        Poll::Ready(&self.members)
    }
}

/// The future of [`gather`].
#[derive(Debug)]
#[must_use = "the tasks run, but dropping this cancels them"]
pub struct Gather<T> {
    group: Group<T>,
}

impl<T> Unpin for Gather<T> {}

impl<T> Future for Gather<T> {
    type Output = Result<Vec<T>, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.group.poll(cx).map(|members| members.iter().map(Member::take).collect())
    }
}

/// The future of [`try_gather`].
#[derive(Debug)]
#[must_use = "the tasks run, but dropping this cancels them"]
pub struct TryGather<T, E> {
    group: Group<Result<T, E>>,
}

impl<T, E> Unpin for TryGather<T, E> {}

impl<T, E: From<TaskError>> Future for TryGather<T, E> {
    type Output = Result<Vec<T>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.group.poll(cx).map(|members| members.iter().map(|member| member.take()?).collect())
    }
}

/// The future of [`gather_results`].
#[derive(Debug)]
#[must_use = "the tasks run, but dropping this cancels them"]
pub struct GatherResults<T> {
    group: Group<T>,
}

impl<T> Unpin for GatherResults<T> {}

impl<T> Future for GatherResults<T> {
    type Output = Vec<Result<T, TaskError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.group.poll(cx).map(|members| members.iter().map(Member::take).collect())
    }
}
