use std::pin::Pin;
use std::task::{Context, Poll};

use polyloop_core::Time;

use super::as_completed::{AsCompleted, NextCompleted};
use crate::task::TaskError;
use crate::time::{Sleep, TimedOut, Timeout, timeout_at};

/// [`AsCompleted`] with a deadline, made by [`AsCompleted::within`].
///
/// As an iterator it gives a future for every result, each of which gives up at the deadline. As a
/// stream it gives [`TimedOut`] once, and ends.
#[derive(Debug)]
#[must_use = "the tasks run, but their results come out of this"]
pub struct AsCompletedBy<T> {
    completed: AsCompleted<T>,
    deadline: Time,
    sleep: Sleep,
    timed_out: bool,
}

impl<T> AsCompletedBy<T> {
    pub(super) fn new(completed: AsCompleted<T>, deadline: Time) -> AsCompletedBy<T> {
        AsCompletedBy {
            completed,
            deadline,
            sleep: Sleep::until_deadline(deadline),
            timed_out: false,
        }
    }

    /// Waits for the next result; none when all were given, or the time was over before.
    ///
    /// # Errors
    ///
    /// [`TimedOut`], once.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future that this gives loses no result.
    pub async fn next(&mut self) -> Option<Result<Result<T, TaskError>, TimedOut>> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Gives what is left, without the deadline.
    pub fn into_inner(self) -> AsCompleted<T> {
        self.completed
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Result<T, TaskError>, TimedOut>>> {
        if self.timed_out {
            return Poll::Ready(None);
        }
        if let Poll::Ready(next) = self.completed.poll_next(cx) {
            return Poll::Ready(next.map(Ok));
        }
        Pin::new(&mut self.sleep).poll(cx).map(|()| {
            self.timed_out = true;
            Some(Err(TimedOut))
        })
    }
}

impl<T> Iterator for AsCompletedBy<T> {
    type Item = Timeout<NextCompleted<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        Iterator::next(&mut self.completed).map(|next| timeout_at(self.deadline, next))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        Iterator::size_hint(&self.completed)
    }
}

impl<T> futures_core::Stream for AsCompletedBy<T> {
    type Item = Result<Result<T, TaskError>, TimedOut>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        AsCompletedBy::poll_next(&mut self, cx)
    }
}
