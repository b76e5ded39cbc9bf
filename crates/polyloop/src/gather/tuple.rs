use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::group::gave_no_value;
use super::member::Member;
use crate::task::TaskError;
use crate::waiting::{Ends, Until};

/// A tuple of futures, as [`gather!`](crate::gather!) makes one.
pub trait Gatherable {
    /// The members, as tasks.
    type Members;

    /// Makes a task of each.
    #[track_caller]
    fn gather(self) -> GatherTuple<Self::Members>;
}

/// The future of [`gather!`](crate::gather!).
///
/// # Cancel safety
///
/// Dropping it cancels the tasks that have not ended.
#[must_use = "the tasks run, but dropping this cancels them"]
#[derive(Debug)]
pub struct GatherTuple<M> {
    /// Away once the gather has ended.
    members: Option<M>,
    ends: Rc<Ends>,
}

impl<M> Unpin for GatherTuple<M> {}

macro_rules! gatherable {
    ($($future:ident $member:ident),+) => {
        impl<$($future),+> Gatherable for ($($future,)+)
        where
            $($future: Future + 'static, $future::Output: 'static,)+
        {
            type Members = ($(Member<$future::Output>,)+);

            #[track_caller]
            fn gather(self) -> GatherTuple<Self::Members> {
                let ($($member,)+) = self;
                $(let $member = Member::spawn($member);)+
                let tasks = [$($member.task().info()),+];
                let ends = Ends::new(tasks.len(), Until::FirstFailure);
                for (index, task) in tasks.iter().enumerate() {
                    ends.watch(index, task.as_any(), |task| gave_no_value(task));
                }
                GatherTuple { members: Some(($($member,)+)), ends }
            }
        }

        impl<$($future),+> Future for GatherTuple<($(Member<$future>,)+)> {
            type Output = Result<($($future,)+), TaskError>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                ready!(self.ends.poll(cx));
                let members = self.members.take();
                let ($($member,)+) = members.expect("a gather is not polled after its end");
                let Some(failed) = self.ends.first_failed() else {
                    return Poll::Ready(Ok(($($member.into_result()?,)+)));
                };
                let mut index = 0;
                let mut error = None;
                $(
                    if index == failed {
                        error = $member.into_result().err();
                    } else {
                        $member.release();
                    }
                    index += 1;
                )+
                debug_assert!(index > failed, "a member of this gather failed");
                Poll::Ready(Err(error.expect("the member that failed gave an error")))
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
