//! Attempts that begin one after the other and run beside each other; the first success wins.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use polyloop_core::{Error, Result};

use crate::task::{Awaited, awaited};
use crate::time::{Sleep, sleep};

/// One attempt, which begins at its first poll.
pub(super) type Attempt<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// The attempts that have begun. An attempt leaves `running` when it fails; `failed` is then at its
/// place among the errors. `pause` is there while the next attempt waits for its time.
struct Race<'a, T, I> {
    waiting: I,
    running: Vec<(usize, Attempt<'a, T>)>,
    failed: Vec<Option<Error>>,
    pause: Option<Sleep>,
    delay: Option<Duration>,
}

/// Runs attempts until one succeeds, and drops the others; else gives every error, in the order of
/// the attempts.
///
/// The next one begins when `delay` has passed since the last began, and at once when that
/// fails. Without a delay it begins only then.
///
/// # Cancel safety
///
/// Dropping the future drops every attempt.
pub(super) async fn race<'a, T>(
    attempts: impl Iterator<Item = Attempt<'a, T>>,
    delay: Option<Duration>,
) -> Result<T, Vec<Error>> {
    let (running, failed) = (Vec::new(), Vec::new());
    let mut race = Race { waiting: attempts, running, failed, pause: None, delay };
    race.begin_next();
    poll_fn(|cx| race.poll(cx)).await
}

impl<'a, T, I: Iterator<Item = Attempt<'a, T>>> Race<'a, T, I> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, Vec<Error>>> {
        // From the first, so that of two that have succeeded the one wins that was preferred.
        let mut position = 0;
        while let Some((number, attempt)) = self.running.get_mut(position) {
            match attempt.as_mut().poll(cx) {
                Poll::Ready(Ok(winner)) => return Poll::Ready(Ok(winner)),
                Poll::Ready(Err(error)) => {
                    let number = *number;
                    drop(self.running.remove(position));
                    self.failed[number] = Some(error);
                    if number + 1 == self.failed.len() {
                        self.begin_next();
                    }
                }
                Poll::Pending => position += 1,
            }
            if position == self.running.len() && self.is_pause_over(cx) {
                self.begin_next();
            }
        }
        if self.running.is_empty() {
            return Poll::Ready(Err(self.failed.drain(..).flatten().collect()));
        }
        awaited::note(Awaited::Op(polyloop_core::OpKind::Connect, None));
        Poll::Pending
    }

    fn is_pause_over(&mut self, cx: &mut Context<'_>) -> bool {
        let pause = self.pause.as_mut();
        pause.is_some_and(|pause| Pin::new(pause).poll(cx).is_ready())
    }

    fn begin_next(&mut self) {
        self.pause = None;
        if let Some(next) = self.waiting.next() {
            self.running.push((self.failed.len(), next));
            self.failed.push(None);
            self.pause = self.delay.map(sleep);
        }
    }
}
