use std::fmt;
use std::rc::Rc;

use polyloop_core::Address;

use super::datagram_core::DatagramCore;
use crate::streams::ExtraInfo;
use crate::wire::Marks;

/// A datagram socket as its protocol uses it: asyncio's `DatagramTransport`.
///
/// It is a handle: clones mean the same socket. The loop keeps the socket until it is closed. No
/// method waits.
#[derive(Clone)]
pub struct DatagramTransport {
    core: Rc<DatagramCore>,
}

impl DatagramTransport {
    pub(super) fn of(core: Rc<DatagramCore>) -> DatagramTransport {
        DatagramTransport { core }
    }

    /// Sends a datagram, an empty one also: to an address, or to the only peer of a connected socket.
    ///
    /// What the system does not take at once is kept. An error is told to the protocol's
    /// `error_received`; after a close it is dropped.
    pub fn sendto(&self, data: &[u8], to: impl Into<Option<Address>>) {
        self.core.send(data, to.into());
    }

    /// Closes the socket after what was sent has gone. `connection_lost` follows.
    pub fn close(&self) {
        self.core.close(polyloop_core::CloseMode::Flush);
    }

    /// Closes the socket at once. `connection_lost` follows.
    pub fn abort(&self) {
        self.core.close(polyloop_core::CloseMode::Abort);
    }

    /// Tells whether the socket is closed or being closed.
    pub fn is_closing(&self) -> bool {
        self.core.is_closing()
    }

    /// Tells about the socket: its address, that of the only peer of a connected one, options.
    pub fn extra_info(&self) -> ExtraInfo {
        ExtraInfo::of(self.core.clone())
    }

    /// Sets the water marks, in bytes; see
    /// [`Transport::set_write_buffer_limits`](crate::Transport::set_write_buffer_limits).
    ///
    /// # Panics
    ///
    /// If the low one is above the high one.
    pub fn set_write_buffer_limits(
        &self,
        high: impl Into<Option<usize>>,
        low: impl Into<Option<usize>>,
    ) {
        self.core.set_marks(Marks::new(high.into(), low.into()));
    }

    /// Gives the water marks: the low one and the high one, in bytes.
    pub fn write_buffer_limits(&self) -> (usize, usize) {
        let Marks { high, low } = self.core.marks();
        (low, high)
    }

    /// Counts the bytes that are kept to be sent.
    pub fn write_buffer_size(&self) -> usize {
        self.core.outstanding()
    }
}

impl fmt::Debug for DatagramTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (resource, kept) = (&self.core.resource, self.write_buffer_size());
        write!(f, "DatagramTransport({resource:?}, {kept} bytes to send)")
    }
}
