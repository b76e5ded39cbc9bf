use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::awaited::{self, Awaited};
use super::cell::TaskCell;
use super::error::TaskError;
use super::trace::TaskTrace;
use crate::exception::guard_here;

pin_project! {
    /// What a task polls: a future, and the cell that its result goes to.
    ///
    /// Both are there exactly until the task has ended: the handle, if there is one, has the cell
    /// from then on.
    pub(super) struct TaskBody<F, T> {
        #[pin]
        future: Option<F>,
        cell: Option<Rc<TaskCell<T>>>,
        trace: TaskTrace,
    }

    impl<F, T> PinnedDrop for TaskBody<F, T> {
        fn drop(this: Pin<&mut Self>) {
            // Only a loop that closes drops a task that has not ended.
            let mut this = this.project();
            if let Some(cell) = this.cell.take() {
                guard_here(|| {
                    let _ = catch_unwind(AssertUnwindSafe(|| this.future.set(None)));
                    let message = Some("the loop was closed".to_owned());
                    let result = Err(TaskError::cancelled(message));
                    this.trace.finished(&result);
                    cell.finish(result);
                    drop(cell);
                });
            }
        }
    }
}

pin_project! {
    /// A user's future, whose value is the task's result.
    pub(super) struct Plain<F> {
        #[pin]
        future: F,
    }
}

impl<F> Plain<F> {
    pub(super) fn new(future: F) -> Self {
        Plain { future }
    }
}

impl<F: Future> Future for Plain<F> {
    type Output = Result<F::Output, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().future.poll(cx).map(Ok)
    }
}

impl<F, T: 'static> TaskBody<F, T> {
    pub(super) fn new(future: F, cell: Rc<TaskCell<T>>) -> Self {
        let trace = TaskTrace::spawned(&*cell);
        TaskBody { future: Some(future), cell: Some(cell), trace }
    }
}

impl<F, T> Future for TaskBody<F, T>
where
    F: Future<Output = Result<T, TaskError>>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let cell = this.cell.as_ref().expect("a task is not polled after its end");
        let context = cell.enter_context();
        let entered = this.trace.enter();
        // A task that starts another eagerly goes on with its own note.
        let outer = awaited::exchange(Awaited::Unknown);
        let polled = match cell.take_cancel() {
            Some(message) => Ok(Poll::Ready(Err(TaskError::cancelled(message)))),
            None => catch_unwind(AssertUnwindSafe(|| {
                let future = this.future.as_mut().as_pin_mut();
                future.expect("a task is not polled after its end").poll(cx)
            })),
        };
        let awaited = awaited::exchange(outer);
        let result = match polled {
            Ok(Poll::Pending) => {
                cell.set_awaited(awaited);
                return Poll::Pending;
            }
            Ok(Poll::Ready(result)) => result,
            Err(panic) => Err(TaskError::panicked(panic)),
        };
        let cell = Rc::clone(cell);
        let context = context.held_by(&cell);
        drop(this.cell.take());
        // async-task would abort the process at a panic in some of these places.
        guard_here(|| {
            // The future's destructor is part of the task: a panic in it is the task's too.
            let dropped = catch_unwind(AssertUnwindSafe(|| this.future.set(None)));
            drop(entered);
            let result = match dropped {
                Ok(()) => result,
                Err(panic) => Err(TaskError::panicked(panic)),
            };
            this.trace.finished(&result);
            cell.finish(result);
            drop(context);
        });
        // Without a handle the result goes here, and its destructor is the user's too.
        guard_here(|| drop(cell));
        Poll::Ready(())
    }
}
