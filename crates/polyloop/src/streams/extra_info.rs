use std::fmt;
use std::rc::Rc;

use polyloop_core::{Address, OptionName, Result, SocketOption};

use crate::net::resource::Resource;
use crate::wire::Wire;

/// What there is to know about a connection, or a datagram socket: asyncio's `get_extra_info`, with
/// types.
#[derive(Clone)]
pub struct ExtraInfo {
    subject: Rc<dyn Subject>,
}

/// What can be asked.
pub(crate) trait Subject {
    fn resource(&self) -> &Resource;

    /// Gives the peer's address, also once it is closed.
    fn peer_address(&self) -> Option<Address>;

    /// Gives the wire, which may speak TLS.
    #[cfg(feature = "tls")]
    fn wire(&self) -> Option<&Wire>;
}

impl Subject for Wire {
    fn resource(&self) -> &Resource {
        Wire::resource(self)
    }

    fn peer_address(&self) -> Option<Address> {
        Wire::peer_address(self)
    }

    #[cfg(feature = "tls")]
    fn wire(&self) -> Option<&Wire> {
        Some(self)
    }
}

impl ExtraInfo {
    pub(crate) fn of(subject: Rc<dyn Subject>) -> ExtraInfo {
        ExtraInfo { subject }
    }

    /// Gives the address of the peer, also after a close; nothing if there is none.
    pub fn peername(&self) -> Option<Address> {
        self.subject.peer_address()
    }

    /// Gives the address of this end; nothing if there is none, or it is closed.
    pub fn sockname(&self) -> Option<Address> {
        self.subject.resource().local_address().ok()
    }

    /// Gives what was agreed upon with the peer, if the connection speaks TLS.
    #[cfg(feature = "tls")]
    pub fn tls(&self) -> Option<crate::tls::ConnectionInfo> {
        crate::tls::ConnectionInfo::of_wire(self.subject.wire()?)
    }

    /// Reads an option of the socket.
    ///
    /// # Errors
    ///
    /// The operating system's; *stale key* once it is closed.
    pub fn option(&self, name: OptionName) -> Result<SocketOption> {
        self.subject.resource().option(name)
    }

    /// Sets an option of the socket.
    ///
    /// # Errors
    ///
    /// As for [`option`](Self::option).
    pub fn set_option(&self, option: SocketOption) -> Result<()> {
        self.subject.resource().set_option(option)
    }
}

impl fmt::Debug for ExtraInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut info = f.debug_struct("ExtraInfo");
        info.field("peername", &self.peername()).field("sockname", &self.sockname()).finish()
    }
}
