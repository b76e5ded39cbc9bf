//! Hearing of an end that a multishot receive does not tell of.
//!
//! A multishot receive looks for more only where the socket says that more bytes wait
//! (`io_recv_finish` in `io_uring/net.c`, by the count of SO_INQ); else it waits for the next event. A
//! reset, and with Unix sockets an end in order too, is no byte: where it was there together with the
//! last bytes, one event tells of both, no other follows, and the receive stays armed for ever. Later
//! kernels look once more where several events came at once (`io_poll_check_events` in
//! `io_uring/poll.c`, "fix multishot recv missing EOF on wakeup race", March 2026). Seen on Linux 6.18.44
//! all the same: with more than the 32 receives in a row waiting and the end behind them, every time.
//!
//! So, once a stream has received ahead, a poll of the loop's own waits for the hang-up. When it comes,
//! the stream is pushed to no more: what is left is read directly, where an end cannot be missed.

use polyloop_core::Key;

use crate::linux::UringLoop;
use crate::linux::kernel::{Landed, Request};
use crate::linux::own_request::OwnRequest;
use crate::linux::resource::HangUp;

impl UringLoop {
    /// Waits for the hang-up of a stream that receives ahead, unless that is done already.
    pub(crate) fn watch_hang_up(&mut self, key: Key) {
        let is_due = self.resources.get(key).is_some_and(|resource| {
            resource.hang_up == HangUp::Unwatched && resource.ending.is_empty()
        });
        if !is_due {
            return;
        }
        let is_asked = self.ask(key, OwnRequest::HangUp, Request::HangUp);
        if let Some(resource) = self.resources.get_mut(key).filter(|_| is_asked) {
            resource.hang_up = HangUp::Watched;
        }
    }

    /// Asks the kernel to wait for the hang-up no more.
    pub(crate) fn unwatch_hang_up(&mut self, key: Key) {
        if self.resources.get(key).is_some_and(|it| it.hang_up == HangUp::Watched) {
            self.kernel.cancel(OwnRequest::HangUp.name(key));
        }
    }

    pub(crate) fn hang_up_landed(&mut self, key: Key, landed: &Landed) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        resource.hang_up = match landed.result {
            Ok(_) => HangUp::Seen,
            Err(_) => HangUp::Unwatched,
        };
        // Mostly the receive tells of the end right behind this, and need not be stopped.
        self.full.push(key);
        self.settle(key);
    }
}
