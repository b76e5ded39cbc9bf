use std::rc::Rc;

use crate::task::{Task, TaskError, Tether, Tethered};

/// A task of a gather. Dropped before the task has ended, it cancels the task and drops its future.
#[derive(Debug)]
pub struct Member<T> {
    /// Away once the result is taken or the member released.
    task: Option<Task<T>>,
    tether: Tied,
}

/// The owner's end of the member's future; a task that ran before the gather has none.
struct Tied(Option<Rc<dyn Tether>>);

impl<T: 'static> Member<T> {
    #[track_caller]
    pub(super) fn spawn<F>(future: F) -> Member<T>
    where
        F: Future<Output = T> + 'static,
    {
        let (future, tether) = Tethered::new(future);
        Member { task: Some(crate::create_task(future)), tether: Tied(Some(tether)) }
    }

    pub(super) fn of(task: Task<T>) -> Member<T> {
        Member { task: Some(task), tether: Tied(None) }
    }
}

impl<T> Member<T> {
    pub(super) fn task(&self) -> &Task<T> {
        self.task.as_ref().expect("a member has its task until its result is taken")
    }

    /// Takes the result of a member that has ended.
    pub(super) fn into_result(mut self) -> Result<T, TaskError> {
        let mut task = self.task.take().expect("a member has its task until its result is taken");
        task.take_result()
    }

    /// Lets the task run on.
    pub(super) fn release(mut self) {
        self.task = None;
    }
}

impl<T> Drop for Member<T> {
    fn drop(&mut self) {
        let Some(task) = &self.task else { return };
        if task.cancel()
            && let Tied(Some(tether)) = &self.tether
        {
            tether.cut();
        }
    }
}

impl std::fmt::Debug for Tied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "tied" } else { "free" })
    }
}
