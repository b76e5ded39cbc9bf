use std::rc::Rc;

use super::{Task, TaskInfo};
use crate::engine::Engine;

/// When a new task is first polled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaskStart {
    /// In its place in the ready queue.
    Soon,
    /// At once, before its maker goes on; if it ends there, it never enters the queue.
    Eager,
}

/// Is shown every new task, and says when it starts.
pub(crate) type TaskHook = Rc<dyn Fn(&TaskInfo) -> TaskStart>;

impl Engine {
    pub(crate) fn set_task_hook(&self, hook: Option<TaskHook>) {
        let old = self.tasks.hook.replace(hook);
        drop(old);
    }

    /// Shows a new task to the hook; who asks for an eager start gets one whatever the hook says.
    #[inline]
    pub(super) fn hooked_start<T: 'static>(&self, asked: TaskStart, task: &Task<T>) -> TaskStart {
        match self.tasks.is_unhooked() {
            true => asked,
            false => self.ask_hook(asked, &task.info()),
        }
    }

    #[cold]
    fn ask_hook(&self, asked: TaskStart, task: &TaskInfo) -> TaskStart {
        let hook = self.tasks.hook.borrow().clone();
        let Some(hook) = hook else { return asked };
        let mut start = asked;
        self.reporter.guard(|| {
            if hook(task) == TaskStart::Eager {
                start = TaskStart::Eager;
            }
        });
        start
    }
}
