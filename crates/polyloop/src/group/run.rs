use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::child::keep_panic;
use super::exception_group::ExceptionGroup;
use super::membership::{Membership, Phase};
use crate::task::{Awaited, TaskError, awaited};

pin_project! {
    /// A group's body and the wait for its children.
    ///
    /// The body is there until it has ended or the group shuts down; `value` from when it has
    /// ended well. Dropped before the end, it cancels everything, the body first.
    pub(super) struct Run<B, T, E> {
        #[pin]
        body: Option<B>,
        value: Option<T>,
        group: Rc<Membership<E>>,
    }

    impl<B, T, E> PinnedDrop for Run<B, T, E> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // Whatever the body's destructor does, the children end.
            let abandoned = Abandoned(this.group);
            this.body.set(None);
            drop(abandoned);
        }
    }
}

/// Abandons a group when it is dropped, even by a panic.
struct Abandoned<'a, E>(&'a Membership<E>);

impl<E> Drop for Abandoned<'_, E> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl<B, T, E> Run<B, T, E> {
    pub(super) fn new(body: B, group: Rc<Membership<E>>) -> Self {
        Run { body: Some(body), value: None, group }
    }
}

impl<B, T, E> Future for Run<B, T, E>
where
    B: Future<Output = Result<T, E>>,
    E: From<TaskError>,
{
    type Output = Result<T, ExceptionGroup<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        this.group.set_owner(cx);
        if this.body.is_some() {
            match poll_body(this.body.as_mut(), this.group, cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(value) => *this.value = value,
            }
        }
        if !this.group.is_empty() {
            awaited::note(Awaited::Bundle(this.group.bundle()));
            return Poll::Pending;
        }
        let errors = this.group.finish();
        Poll::Ready(match ExceptionGroup::new(errors) {
            Some(errors) => Err(errors),
            None => Ok(this.value.take().expect("a body that gave no value has left an error")),
        })
    }
}

/// Polls the body, or drops it if the group is shutting down; its value, if it gave one.
fn poll_body<B, T, E>(
    mut body: Pin<&mut Option<B>>,
    group: &Membership<E>,
    cx: &mut Context<'_>,
) -> Poll<Option<T>>
where
    B: Future<Output = Result<T, E>>,
    E: From<TaskError>,
{
    let mut value = None;
    if group.phase() == Phase::Open {
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let body = body.as_mut().as_pin_mut();
            body.expect("a body is not polled after its end").poll(cx)
        }));
        let failed = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(given))) => {
                value = Some(given);
                false
            }
            Ok(Poll::Ready(Err(error))) => {
                assert!(group.keep_error(error).is_ok(), "a group whose body runs is not over");
                true
            }
            Err(panic) => {
                keep_panic(group, panic);
                true
            }
        };
        if failed {
            group.shut_down();
        }
    }
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body.set(None))) {
        keep_panic(group, panic);
        group.shut_down();
    }
    Poll::Ready(value)
}
