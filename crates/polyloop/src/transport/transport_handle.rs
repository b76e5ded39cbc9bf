use std::fmt;
use std::rc::Rc;

use super::any_protocol::{Buffered, Given};
use super::core::TransportCore;
use super::{BufferedProtocol, Protocol};
use crate::streams::ExtraInfo;
use crate::wire::{Marks, Wire};

/// A connection as its protocol uses it: asyncio's `Transport`.
///
/// It is a handle: clones mean the same connection. The loop keeps the connection until it ends,
/// whether or not somebody holds a handle. No method waits, and none calls the protocol while
/// another of its methods runs.
#[derive(Clone)]
pub struct Transport {
    wire: Rc<Wire>,
    core: Rc<TransportCore>,
}

impl Transport {
    pub(super) fn of(wire: Rc<Wire>, core: Rc<TransportCore>) -> Transport {
        Transport { wire, core }
    }

    pub(crate) fn wire(&self) -> &Rc<Wire> {
        &self.wire
    }

    /// Waits until the protocol knows of the connection.
    pub(crate) async fn until_made(&self) {
        let waiter = self.core.made_wakers.waiter();
        std::future::poll_fn(|cx| {
            if self.core.made.get() {
                return std::task::Poll::Ready(());
            }
            waiter.add(cx.waker());
            std::task::Poll::Pending
        })
        .await;
    }

    /// Writes all of it, without waiting: what the system does not take at once is kept. After an
    /// error or a close it is dropped.
    pub fn write(&self, bytes: &[u8]) {
        self.wire.write(bytes);
        self.core.settle(&self.wire);
    }

    /// Writes several pieces as one.
    pub fn writelines<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) {
        self.wire.write_all(pieces);
        self.core.settle(&self.wire);
    }

    /// Ends the outward direction after what was written: the peer reads to the end.
    pub fn write_eof(&self) {
        self.wire.write_eof();
    }

    /// Tells whether the outward direction can end on its own. That of every transport here can,
    /// a pipe's by closing.
    pub const fn can_write_eof(&self) -> bool {
        true
    }

    /// Closes the connection after what was written has been sent; nothing more is received.
    /// `connection_lost` follows, with no error.
    pub fn close(&self) {
        self.wire.close();
    }

    /// Closes the connection at once; what was not sent is lost. `connection_lost` follows.
    pub fn abort(&self) {
        self.wire.abort();
    }

    /// Tells whether the connection is closed or being closed.
    pub fn is_closing(&self) -> bool {
        self.wire.is_closing()
    }

    /// Has no more received until [`resume_reading`](Self::resume_reading); the peer is held up
    /// by the system. Pausing again does nothing.
    pub fn pause_reading(&self) {
        self.core.reading_paused.set(true);
    }

    /// Goes on receiving, in a place of its own in the ready queue.
    pub fn resume_reading(&self) {
        if self.core.reading_paused.replace(false) {
            self.wire.schedule();
        }
    }

    /// Tells whether the transport receives: it is not paused, and not closing.
    pub fn is_reading(&self) -> bool {
        !self.core.reading_paused.get() && !self.is_closing()
    }

    /// Sets the water marks, in bytes: above the high one the protocol is asked to pause writing,
    /// at the low one or less to resume. One that is not given follows from the other; the
    /// defaults are 64 KiB and a quarter of the high one.
    ///
    /// # Panics
    ///
    /// If the low one is above the high one.
    pub fn set_write_buffer_limits(
        &self,
        high: impl Into<Option<usize>>,
        low: impl Into<Option<usize>>,
    ) {
        self.wire.set_marks(Marks::new(high.into(), low.into()));
        self.core.settle(&self.wire);
    }

    /// Gives the water marks: the low one and the high one, in bytes.
    pub fn write_buffer_limits(&self) -> (usize, usize) {
        let Marks { high, low } = self.wire.marks();
        (low, high)
    }

    /// Counts the bytes that are kept to be sent.
    pub fn write_buffer_size(&self) -> usize {
        self.wire.outstanding()
    }

    /// Tells about the connection: addresses, options.
    pub fn extra_info(&self) -> ExtraInfo {
        ExtraInfo::of(self.wire.clone())
    }

    /// Has another protocol called from now on. It is not told that the connection was made.
    pub fn set_protocol(&self, protocol: impl Protocol) {
        self.core.slot.replace(Box::new(Given(protocol)));
    }

    /// Has another protocol called from now on, one that says where its bytes go.
    pub fn set_buffered_protocol(&self, protocol: impl BufferedProtocol) {
        self.core.slot.replace(Box::new(Buffered(protocol)));
    }

    /// Looks at the protocol, which has to be a `P`; nothing if it is another, if the connection
    /// has ended, or while one of its methods runs.
    pub fn with_protocol<P: 'static, R>(&self, look: impl FnOnce(&mut P) -> R) -> Option<R> {
        let looked = self
            .core
            .slot
            .visit(|protocol| protocol.protocol().downcast_mut::<P>().map(look))
            .flatten();
        self.core.settle(&self.wire);
        looked
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transport({:?}, {} bytes to send", self.wire, self.write_buffer_size())?;
        f.write_str(if self.core.slot.has_ended() { ", ended)" } else { ")" })
    }
}
