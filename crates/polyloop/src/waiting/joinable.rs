use std::rc::Rc;

use super::ends::Ends;
use crate::task::{AnyTask, Outcome, Task, TaskCallbackId, TaskInfo, TaskOnlooker, TaskRef};

/// What [`wait`](crate::wait) can wait for: a task, a reference to one, or its [`TaskInfo`].
///
/// Nothing else can implement it.
pub trait Joinable: sealed::Watched {
    /// Gives a view of the task.
    fn task(&self) -> TaskInfo;
}

/// What [`try_wait`](crate::try_wait) can wait for: tasks whose futures give a `Result`.
///
/// Nothing else can implement it.
pub trait TryJoinable: Joinable + sealed::TryWatched {}

/// The part that only this crate can name. A panicked task has failed everywhere; one that gave
/// `Err` where its type is known.
pub(super) mod sealed {
    use std::rc::Rc;

    use super::super::ends::Ends;
    use crate::task::TaskCallbackId;

    pub trait Watched {
        #[doc(hidden)]
        fn watch(&self, index: usize, ends: &Rc<Ends>) -> TaskCallbackId;
    }

    pub trait TryWatched {
        #[doc(hidden)]
        fn try_watch(&self, index: usize, ends: &Rc<Ends>) -> TaskCallbackId;
    }
}

impl<T: 'static> Joinable for Task<T> {
    fn task(&self) -> TaskInfo {
        self.info()
    }
}

impl<T: 'static> sealed::Watched for Task<T> {
    fn watch(&self, index: usize, ends: &Rc<Ends>) -> TaskCallbackId {
        ends.watch(index, &**self.cell(), has_panicked)
    }
}

impl<T: 'static, E: 'static> TryJoinable for Task<Result<T, E>> {}

impl<T: 'static, E: 'static> sealed::TryWatched for Task<Result<T, E>> {
    fn try_watch(&self, index: usize, ends: &Rc<Ends>) -> TaskCallbackId {
        ends.watch(index, &self.onlooker(), |task| has_panicked(task) || gave_err(task))
    }
}

impl Joinable for TaskInfo {
    fn task(&self) -> TaskInfo {
        self.clone()
    }
}

impl sealed::Watched for TaskInfo {
    fn watch(&self, index: usize, ends: &Rc<Ends>) -> TaskCallbackId {
        ends.watch(index, self.as_any(), has_panicked)
    }
}

impl<J: Joinable> Joinable for &J {
    fn task(&self) -> TaskInfo {
        (**self).task()
    }
}

impl<J: sealed::Watched> sealed::Watched for &J {
    fn watch(&self, index: usize, ends: &Rc<Ends>) -> TaskCallbackId {
        (**self).watch(index, ends)
    }
}

impl<J: TryJoinable> TryJoinable for &J {}

impl<J: sealed::TryWatched> sealed::TryWatched for &J {
    fn try_watch(&self, index: usize, ends: &Rc<Ends>) -> TaskCallbackId {
        (**self).try_watch(index, ends)
    }
}

fn has_panicked<K: AsRef<TaskRef>>(task: &K) -> bool {
    task.as_ref().outcome() == Some(Outcome::Panicked)
}

/// Tells whether a task's future gave `Err`. Looking does not count as asking for the result.
pub(crate) fn gave_err<T, E>(task: &TaskOnlooker<Result<T, E>>) -> bool {
    task.look(|result| matches!(result, Ok(Err(_)))).unwrap_or(false)
}
