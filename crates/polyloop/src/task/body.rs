use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use polyloop_task::Body;

use super::awaited::{self, Awaited};
use super::error::TaskError;
use super::marks::{self, Marks};
use super::record::{self, TaskRecord};
use super::trace::TaskTrace;
use super::{Outcome, TaskRef};
use crate::engine::{self, LoopId};
use crate::exception::{ExceptionContext, Reporter, guard_here};

pin_project! {
    /// What a task polls: a future, which is there exactly until the task has ended.
    pub(super) struct TaskBody<F> {
        #[pin]
        future: Option<F>,
        trace: TaskTrace,
    }

    impl<F> PinnedDrop for TaskBody<F> {
        fn drop(this: Pin<&mut Self>) {
            // Only a thread that ends drops a task that has not ended.
            let mut this = this.project();
            if this.future.is_some() {
                guard_here(|| this.future.set(None));
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

impl<F> TaskBody<F> {
    pub(super) fn new(future: F, trace: TaskTrace) -> Self {
        TaskBody { future: Some(future), trace }
    }
}

/// Notes how a task ended.
#[inline]
fn mark<T>(task: &TaskRef, result: &Result<T, TaskError>) {
    Marks::of(task).set_outcome(match result {
        Ok(_) => Outcome::Finished,
        Err(error) if error.is_cancelled() => Outcome::Cancelled,
        Err(_) => Outcome::Panicked,
    });
}

impl<F, T> Body<TaskRecord> for TaskBody<F>
where
    F: Future<Output = Result<T, TaskError>> + 'static,
    T: 'static,
{
    type Output = Result<T, TaskError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &TaskRef, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let outer = record::enter_context(task);
        let entered = this.trace.enter();
        awaited::note(Awaited::Unknown);
        let polled = match Marks::of(task).take_cancel() {
            true => Ok(Poll::Ready(Err(TaskError::cancelled(task.take_cancel_message())))),
            false => catch_unwind(AssertUnwindSafe(|| {
                let future = this.future.as_mut().as_pin_mut();
                future.expect("a task is not polled after its end").poll(cx)
            })),
        };
        let mut result = match polled {
            Ok(Poll::Pending) => {
                task.set_note(awaited::noted());
                drop(entered);
                record::leave_context(task, outer);
                return Poll::Pending;
            }
            Ok(Poll::Ready(result)) => result,
            Err(panic) => Err(TaskError::panicked(panic)),
        };
        // The future's destructor is part of the task: a panic in it is the task's too.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| this.future.set(None))) {
            let dropped = std::mem::replace(&mut result, Err(TaskError::panicked(panic)));
            guard_here(|| drop(dropped));
        }
        drop(entered);
        this.trace.finished(&result);
        record::leave_context(task, outer);
        mark(task, &result);
        Poll::Ready(result)
    }

    /// Only a loop that closes ends a task so.
    fn abandon(self: Pin<&mut Self>, task: &TaskRef) -> Self::Output {
        let mut this = self.project();
        drop(catch_unwind(AssertUnwindSafe(|| this.future.set(None))));
        let message = Some("the loop was closed".to_owned());
        let result = Err(TaskError::cancelled(message));
        this.trace.finished(&result);
        mark(task, &result);
        result
    }

    /// A panic that nobody asked for is reported, as asyncio does.
    fn last_look(result: Self::Output, record: &TaskRecord, home: LoopId, marks: u16) {
        match &result {
            Err(error) if error.is_panic() && !marks::say_looked_at(marks) => {
                report_unasked(error, record, home);
            }
            _ => {}
        }
        // Nobody took it, and its destructor is the user's.
        guard_here(|| drop(result));
    }
}

#[cold]
fn report_unasked(error: &TaskError, record: &TaskRecord, home: LoopId) {
    let context = ExceptionContext {
        message: format!(
            "a task panicked and nobody asked for its result (created at {})",
            record.created_at()
        ),
        panic: error.message().unwrap_or_default(),
        task: Some(record.name()),
    };
    match engine::find(home) {
        Some(engine) => engine.reporter.report(&context),
        None => Reporter::default().report(&context),
    }
}
