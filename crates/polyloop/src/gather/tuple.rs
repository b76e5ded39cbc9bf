use std::pin::Pin;
use std::task::{Context, Poll};

use super::group::Member;
use crate::task::TaskError;

/// A tuple of futures, as [`gather!`](crate::gather!) makes one.
pub trait Gatherable {
    /// The members, as tasks.
    type Members;

    /// Makes a task of each.
    fn gather(self) -> GatherTuple<Self::Members>;
}

/// The future of [`gather!`](crate::gather!).
#[must_use = "the tasks run, but dropping this cancels them"]
#[derive(Debug)]
pub struct GatherTuple<M> {
    members: M,
}

impl<M> Unpin for GatherTuple<M> {}

macro_rules! gatherable {
    ($($future:ident $member:ident),+) => {
        impl<$($future),+> Gatherable for ($($future,)+)
        where
            $($future: Future + 'static, $future::Output: 'static,)+
        {
            type Members = ($(Member<$future::Output>,)+);

            fn gather(self) -> GatherTuple<Self::Members> {
                let ($($member,)+) = self;
                GatherTuple { members: ($(Member::new($member),)+) }
            }
        }

        impl<$($future),+> Future for GatherTuple<($(Member<$future>,)+)> {
            type Output = Result<($($future,)+), TaskError>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let ($($member,)+) = &mut self.members;
                let mut all_done = true;
                let mut failed = false;
                $(
                    all_done &= $member.poll_done(cx);
                    failed |= $member.has_failed();
                )+
                if failed {
                    $($member.release();)+
                    $(
                        if $member.has_failed() {
                            return Poll::Ready(Err($member.take().err().expect("it has failed")));
                        }
                    )+
                }
                if !all_done {
                    return Poll::Pending;
                }
                Poll::Ready((|| Ok(($($member.take()?,)+)))())
            }
        }
    };
}

gatherable!(A a);
gatherable!(A a, B b);
gatherable!(A a, B b, C c);
gatherable!(A a, B b, C c, D d);
gatherable!(A a, B b, C c, D d, E e);
gatherable!(A a, B b, C c, D d, E e, F f);
gatherable!(A a, B b, C c, D d, E e, F f, G g);
gatherable!(A a, B b, C c, D d, E e, F f, G g, H h);
gatherable!(A a, B b, C c, D d, E e, F f, G g, H h, I i);
gatherable!(A a, B b, C c, D d, E e, F f, G g, H h, I i, J j);
gatherable!(A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k);
gatherable!(A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k, L l);
