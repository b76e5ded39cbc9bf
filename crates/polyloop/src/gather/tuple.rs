use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::member::{Member, Progress};
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
    progress: Rc<Progress>,
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
                let progress = Rc::default();
                let members = ($(Member::new(&progress, $member, Result::is_err),)+);
                GatherTuple { progress, members }
            }
        }

        impl<$($future),+> Future for GatherTuple<($(Member<$future>,)+)> {
            type Output = Result<($($future,)+), TaskError>;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let Poll::Ready(failed) = self.progress.poll(cx) else { return Poll::Pending };
                let ($($member,)+) = &self.members;
                if let Some(failed) = failed {
                    $($member.release();)+
                    $(
                        if $member.is(failed) {
                            return Poll::Ready(Err($member.take().err().expect("it has failed")));
                        }
                    )+
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
