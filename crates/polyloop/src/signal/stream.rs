use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use polyloop_core::Result;

use super::SignalKind;
use crate::engine::{self, LoopId};
use crate::task::{Awaited, awaited};

/// The signals that a stream has not given yet, a bit for each number, and who waits for one.
#[derive(Default)]
pub(super) struct Mailbox {
    arrived: Cell<u128>,
    waker: Cell<Option<Waker>>,
    is_closed: Cell<bool>,
}

impl Mailbox {
    pub(super) fn put(&self, kind: SignalKind) {
        self.arrived.set(self.arrived.get() | 1 << kind.as_raw());
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    pub(super) fn close(&self) {
        self.is_closed.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Takes the one with the lowest number; nothing once the loop is closed.
    fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Option<SignalKind>> {
        let arrived = self.arrived.get();
        if arrived != 0 {
            self.arrived.set(arrived & (arrived - 1));
            return Poll::Ready(Some(SignalKind::from_raw(arrived.trailing_zeros() as i32)));
        }
        if self.is_closed.get() {
            return Poll::Ready(None);
        }
        drop(self.waker.replace(Some(cx.waker().clone())));
        awaited::note(Awaited::Signal);
        Poll::Pending
    }
}

/// Signals as they arrive, of one or several kinds: a stream that ends with its loop.
///
/// Made by [`signals`]. One that arrives while nobody looks is kept; if it arrives again before it
/// was taken, that counts once. Dropping the stream stops asking for its signals.
#[must_use = "streams do nothing unless polled"]
pub struct Signals {
    home: LoopId,
    kinds: Vec<SignalKind>,
    mailbox: Rc<Mailbox>,
}

/// Has the running loop collect signals, from now on.
///
/// # Errors
///
/// As for [`Loop::add_signal_handler`](crate::Loop::add_signal_handler); *invalid input* if there
/// is no running loop.
///
/// # Examples
///
/// ```no_run
/// use polyloop::signal::{SignalKind, signals};
///
/// polyloop::run(async {
///     let mut ends = signals([SignalKind::TERMINATE, SignalKind::INTERRUPT])?;
///     println!("ending because of {}", ends.recv().await?);
///     Ok::<(), polyloop::Error>(())
/// })?
/// # ; Ok::<(), polyloop::Error>(())
/// ```
pub fn signals(kinds: impl IntoIterator<Item = SignalKind>) -> Result<Signals> {
    let engine = engine::current().ok_or_else(engine::not_running)?;
    let mailbox = Rc::new(Mailbox::default());
    // Dropped if a later kind fails, which takes the earlier ones back.
    let mut signals = Signals { home: engine.id, kinds: Vec::new(), mailbox };
    for kind in kinds {
        if !signals.kinds.contains(&kind) {
            let mailbox = signals.mailbox.clone();
            engine.os_events.signals.add_mailbox(kind, mailbox, &engine.shared)?;
            signals.kinds.push(kind);
        }
    }
    Ok(signals)
}

impl Signals {
    /// Waits for the next signal. Of several that have arrived, the one with the lowest number.
    ///
    /// # Errors
    ///
    /// *Loop closed*.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: what arrives meanwhile is kept for the next call.
    pub async fn recv(&mut self) -> Result<SignalKind> {
        let taken = poll_fn(|cx| self.mailbox.poll_take(cx)).await;
        taken.ok_or_else(|| {
            engine::not_here()
                .attempting(format_args!("wait for one of the signals {:?}", self.kinds))
        })
    }

    /// Gives the kinds that it collects.
    pub fn kinds(&self) -> &[SignalKind] {
        &self.kinds
    }
}

impl Stream for Signals {
    type Item = SignalKind;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<SignalKind>> {
        self.mailbox.poll_take(cx)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        // A closed loop has forgotten it already.
        if let Some(engine) = engine::find(self.home) {
            for kind in &self.kinds {
                engine.os_events.signals.remove_mailbox(*kind, &self.mailbox);
            }
        }
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signals").field(&self.kinds).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_keeps_each_kind_once_and_gives_the_lowest_number_first() {
        let mut cx = Context::from_waker(Waker::noop());
        let mailbox = Mailbox::default();
        assert!(mailbox.poll_take(&mut cx).is_pending());
        for number in [100, 12, 1, 12, 127] {
            mailbox.put(SignalKind::from_raw(number));
        }
        mailbox.close();
        for number in [1, 12, 100, 127] {
            let taken = mailbox.poll_take(&mut cx);
            assert_eq!(taken, Poll::Ready(Some(SignalKind::from_raw(number))));
        }
        assert_eq!(mailbox.poll_take(&mut cx), Poll::Ready(None));
    }
}
