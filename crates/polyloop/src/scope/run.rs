use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::children::{BODY, Children};
use super::wakes::MemberWake;
use crate::task::{Awaited, awaited};

pin_project! {
    /// A scope's body and its children, polled as one future: each that was woken, in the order of
    /// the wakes. What they wake or make meanwhile is polled in the next iteration.
    ///
    /// The body is there until it has ended; `value` from then on.
    pub(super) struct Run<'env, B, T> {
        #[pin]
        body: Option<B>,
        value: Option<T>,
        wake: MemberWake,
        children: Rc<Children<'env>>,
        spare: Vec<u64>,
    }

    impl<'env, B, T> PinnedDrop for Run<'env, B, T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // Whatever the body's destructor does, the children end: one that holds the scope
            // would else keep itself.
            let closed = Closed(this.children);
            this.body.set(None);
            drop(closed);
        }
    }
}

/// Closes a scope when it is dropped, even by a panic.
struct Closed<'a, 'env>(&'a Children<'env>);

impl Drop for Closed<'_, '_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl<'env, B, T> Run<'env, B, T> {
    pub(super) fn new(body: B, children: Rc<Children<'env>>) -> Self {
        let wake = MemberWake::new(&children.wakes, BODY);
        Run { body: Some(body), value: None, wake, children, spare: Vec::new() }
    }
}

impl<B: Future<Output = T>, T> Future for Run<'_, B, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut this = self.project();
        let wakes = &this.children.wakes;
        wakes.set_parent(cx.waker());
        let woken = wakes.take(std::mem::take(this.spare));
        for number in &woken {
            if *number != BODY {
                this.children.poll(*number);
                continue;
            }
            this.wake.begin_poll();
            if let Some(body) = this.body.as_mut().as_pin_mut()
                && let Poll::Ready(value) = body.poll(&mut Context::from_waker(&this.wake.waker))
            {
                *this.value = Some(value);
                this.body.set(None);
            }
        }
        *this.spare = woken;
        let children = this.children.len();
        if children > 0 {
            awaited::note(Awaited::Children(children));
        }
        if this.body.is_some() || children > 0 {
            return Poll::Pending;
        }
        this.children.close();
        Poll::Ready(this.value.take().expect("a scope is not polled after its end"))
    }
}
