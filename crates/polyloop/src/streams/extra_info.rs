use std::fmt;
use std::rc::Rc;

use polyloop_core::{Address, EventLoop, OptionName, Result, SocketOption};

use crate::wire::Wire;

/// What there is to know about a connection: asyncio's `get_extra_info`, with types.
#[derive(Clone)]
pub struct ExtraInfo {
    wire: Rc<Wire>,
}

impl ExtraInfo {
    pub(crate) fn of(wire: &Rc<Wire>) -> ExtraInfo {
        ExtraInfo { wire: wire.clone() }
    }

    /// Gives the address of the peer, also after the connection was closed; nothing if there is
    /// none.
    pub fn peername(&self) -> Option<Address> {
        self.wire.peer_address()
    }

    /// Gives the address of this end; nothing if there is none, or the connection is closed.
    pub fn sockname(&self) -> Option<Address> {
        self.wire.local_address()
    }

    /// Gives what was agreed upon with the peer, if the connection speaks TLS.
    #[cfg(feature = "tls")]
    pub fn tls(&self) -> Option<crate::tls::ConnectionInfo> {
        crate::tls::ConnectionInfo::of_wire(&self.wire)
    }

    /// Reads an option of the socket.
    ///
    /// # Errors
    ///
    /// The operating system's; *stale key* once the connection is closed.
    pub fn option(&self, name: OptionName) -> Result<SocketOption> {
        self.wire.engine()?.with_driver(|driver| driver.option(self.wire.key(), name))
    }

    /// Sets an option of the socket.
    ///
    /// # Errors
    ///
    /// As for [`option`](Self::option).
    pub fn set_option(&self, option: SocketOption) -> Result<()> {
        self.wire.engine()?.with_driver(|driver| driver.set_option(self.wire.key(), option))
    }
}

impl fmt::Debug for ExtraInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut info = f.debug_struct("ExtraInfo");
        info.field("peername", &self.peername()).field("sockname", &self.sockname()).finish()
    }
}
