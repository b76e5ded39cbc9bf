use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::membership::Membership;
use crate::exception::{self, text_of};
use crate::task::TaskError;

pin_project! {
    /// A child's future: its error, or its panic wherever that happens, goes to the group.
    ///
    /// The user's future is there until it has ended.
    pub(super) struct ChildFuture<F, E: From<TaskError>> {
        #[pin]
        future: Option<F>,
        group: Rc<Membership<E>>,
    }

    impl<F, E: From<TaskError>> PinnedDrop for ChildFuture<F, E> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| this.future.set(None))) {
                keep_panic(this.group, panic);
            }
        }
    }
}

impl<F, E: From<TaskError>> ChildFuture<F, E> {
    pub(super) fn new(future: F, group: Rc<Membership<E>>) -> Self {
        ChildFuture { future: Some(future), group }
    }
}

impl<F, T, E> Future for ChildFuture<F, E>
where
    F: Future<Output = Result<T, E>>,
    E: From<TaskError>,
{
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let future = this.future.as_mut().as_pin_mut();
            future.expect("a child is not polled after its end").poll(cx)
        }));
        let error = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(value))) => return Poll::Ready(Ok(value)),
            Ok(Poll::Ready(Err(error))) => {
                // A group that is over has been dropped: nobody is there to be told.
                drop(this.group.keep_error(error));
                "it failed, and its group has the error"
            }
            Err(panic) => {
                keep_panic(this.group, panic);
                "it panicked, and its group has the panic"
            }
        };
        Poll::Ready(Err(TaskError::cancelled(Some(error.to_owned()))))
    }
}

/// Gives a panic to the group as an error; if that is over, to the exception handler.
pub(super) fn keep_panic<E: From<TaskError>>(group: &Membership<E>, panic: Box<dyn Any + Send>) {
    let text = text_of(&*panic);
    let kept = catch_unwind(AssertUnwindSafe(|| {
        group.keep_error(E::from(TaskError::panicked(panic))).is_ok()
    }));
    if !kept.unwrap_or(false) {
        exception::report_here("a task panicked after its group was dropped", &text);
    }
}
