use std::fmt;
use std::rc::Rc;

use super::child::ChildFuture;
use super::exception_group::ExceptionGroup;
use super::membership::{ChildEnd, Membership, Phase};
use super::run::Run;
use crate::engine;
use crate::task::{self, AnyTask, Listener, Task, TaskError, TaskStart, Tethered};

/// Tasks that end together: asyncio's `TaskGroup`.
///
/// [`TaskGroup::run`] runs a body that makes children, and returns when the body and all children
/// have ended. At the first error or panic of one the others are cancelled, the body too; all
/// errors come back as one [`ExceptionGroup`]. A child that is cancelled has not failed.
///
/// This is the handle that the body is given. It can be cloned and moved into children, to make
/// more of them.
///
/// # Examples
///
/// ```
/// use std::io;
///
/// use polyloop::TaskGroup;
///
/// polyloop::run(async {
///     let sum = TaskGroup::<io::Error>::run(async |group| {
///         let one = group.create_task(async { Ok(1) });
///         let two = group.create_task(async { Ok(2) });
///         Ok(one.await? + two.await?)
///     });
///     assert_eq!(sum.await.unwrap(), 3);
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub struct TaskGroup<E> {
    group: Rc<Membership<E>>,
}

/// A group took no more children: it is shutting down, or over. Has the future that it refused.
pub struct GroupClosed<F> {
    future: F,
    over: bool,
}

impl<E: From<TaskError> + 'static> TaskGroup<E> {
    /// Runs a body that makes children, and waits for all of them.
    ///
    /// A failure is an `Err` of the body or a child, or a panic, which converts into the error
    /// ([`TaskError`]). At the first, everything that is left is cancelled, which drops it in its
    /// place in the ready queue, and once a child has failed the body is not polled again.
    /// Errors that come while the rest unwinds are reported, too.
    ///
    /// Children are tasks, so they own what they use; [`scope`](fn@crate::scope) is for children that
    /// borrow.
    ///
    /// # Errors
    ///
    /// All errors, in the order in which they came.
    ///
    /// # Cancel safety
    ///
    /// Dropping it ends the group there and then: first the body's future is dropped, then those of
    /// the children, in the order in which they were made, so nothing that they held is left when
    /// the owner goes on, and nobody needs to wait for their unwinding. Only a child that itself
    /// drops the group ends later, at its next await. What had failed by then is lost. To have a
    /// group survive its owner, [`shield`](crate::shield) it.
    pub async fn run<T>(
        body: impl AsyncFnOnce(TaskGroup<E>) -> Result<T, E>,
    ) -> Result<T, ExceptionGroup<E>> {
        let group = Membership::new();
        let body = body(TaskGroup { group: group.clone() });
        Run::new(body, group).await
    }

    /// Makes a child of a future. It is in the group before it is first polled.
    ///
    /// In a group that is shutting down the future is dropped and the task is cancelled from the
    /// start, with a message that says so. Awaiting a child that failed gives a cancelled
    /// [`TaskError`]: the group has the error.
    ///
    /// # Panics
    ///
    /// If the group is over: its [`TaskGroup::run`] has ended or was dropped. Panics, too, if no loop
    /// runs on this thread.
    #[track_caller]
    pub fn create_task<F, T>(&self, future: F) -> Task<T>
    where
        F: Future<Output = Result<T, E>> + 'static,
        T: 'static,
    {
        self.create(future, TaskStart::Soon)
    }

    /// Makes a child of a future and polls it at once; see
    /// [`create_eager_task`](crate::create_eager_task).
    ///
    /// # Panics
    ///
    /// As for [`TaskGroup::create_task`].
    #[track_caller]
    pub fn create_eager_task<F, T>(&self, future: F) -> Task<T>
    where
        F: Future<Output = Result<T, E>> + 'static,
        T: 'static,
    {
        self.create(future, TaskStart::Eager)
    }

    /// Makes a child of a future, or gives the future back.
    ///
    /// # Errors
    ///
    /// [`GroupClosed`] if the group is shutting down or over.
    ///
    /// # Panics
    ///
    /// If no loop runs on this thread.
    #[track_caller]
    pub fn try_create_task<F, T>(&self, future: F) -> Result<Task<T>, GroupClosed<F>>
    where
        F: Future<Output = Result<T, E>> + 'static,
        T: 'static,
    {
        self.try_create(future, TaskStart::Soon)
    }

    #[track_caller]
    fn create<F, T>(&self, future: F, start: TaskStart) -> Task<T>
    where
        F: Future<Output = Result<T, E>> + 'static,
        T: 'static,
    {
        match self.try_create(future, start) {
            Ok(task) => task,
            Err(closed) if closed.over => panic!("{closed}"),
            Err(closed) => {
                let message = Some(closed.to_string());
                let refused = async { Err(TaskError::cancelled(message)) };
                let engine = engine::expect_current();
                task::prepare(&engine, refused, None).start(&engine, TaskStart::Eager)
            }
        }
    }

    #[track_caller]
    fn try_create<F, T>(&self, future: F, start: TaskStart) -> Result<Task<T>, GroupClosed<F>>
    where
        F: Future<Output = Result<T, E>> + 'static,
        T: 'static,
    {
        let phase = self.group.phase();
        if phase != Phase::Open {
            return Err(GroupClosed { future, over: phase == Phase::Over });
        }
        let engine = engine::expect_current();
        let child = ChildFuture::new(future, self.group.clone());
        let (future, tether) = Tethered::new(child);
        let prepared = task::prepare(&engine, future, None);
        let number = self.group.add(prepared.task.info(), tether);
        let end = ChildEnd { group: self.group.clone(), number };
        prepared.task.cell().listen(Listener::Notified(self.group.bundle(), Rc::new(end)));
        Ok(prepared.start(&engine, start))
    }
}

impl<E> TaskGroup<E> {
    /// Tells whether the group still takes children.
    pub fn is_open(&self) -> bool {
        self.group.phase() == Phase::Open
    }
}

impl<E> Clone for TaskGroup<E> {
    fn clone(&self) -> TaskGroup<E> {
        TaskGroup { group: self.group.clone() }
    }
}

impl<E> fmt::Debug for TaskGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskGroup({:?})", self.group.phase())
    }
}

impl<F> GroupClosed<F> {
    /// Gives the future back.
    pub fn into_future(self) -> F {
        self.future
    }
}

impl<F> fmt::Display for GroupClosed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.over { "is over" } else { "is shutting down" };
        write!(f, "the task group {what} and takes no more tasks")
    }
}

impl<F> fmt::Debug for GroupClosed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupClosed({self})")
    }
}

impl<F> std::error::Error for GroupClosed<F> {}
