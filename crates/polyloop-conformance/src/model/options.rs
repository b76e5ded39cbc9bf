use std::net::{Ipv4Addr, SocketAddr};

use polyloop_core::{Address, Error, ErrorKind, Key, OptionName, Result, SocketOption};

use super::flaw::Flaw;
use super::resource::{Body, Stream};
use super::world::World;
use crate::sys::errno;

impl World {
    pub(super) fn local_address(&self, key: Key) -> Result<Address> {
        let unbound = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        Ok(match &self.live(key)?.body {
            Body::Stream(stream) => stream.local.unwrap_or(unbound).into(),
            Body::Listener(listener) => listener.local.into(),
            Body::Datagram(socket) => socket.local.into(),
            _ => return Err(ErrorKind::InvalidInput.into()),
        })
    }

    pub(super) fn peer_address(&self, key: Key) -> Result<Address> {
        let peer = match &self.live(key)?.body {
            Body::Stream(Stream { local, link }) => match self.flaw {
                Some(Flaw::PeerIsLocal) => *local,
                _ => link.as_ref().map(|link| link.peer),
            },
            Body::Datagram(socket) => socket.peer,
            Body::Listener(_) => None,
            _ => return Err(ErrorKind::InvalidInput.into()),
        };
        Ok(peer.ok_or_else(|| Error::from_errno(errno::NOT_CONNECTED))?.into())
    }

    pub(super) fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        let forget = self.flaw == Some(Flaw::OptionForgotten);
        let resource = self.live_mut(key)?;
        if !matches!(resource.body, Body::Stream(_) | Body::Listener(_) | Body::Datagram(_)) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if !forget {
            resource.options.insert(index_of(&default_of(name_of(&option)?)?), option);
        }
        Ok(())
    }

    pub(super) fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        let resource = self.live(key)?;
        if !matches!(resource.body, Body::Stream(_) | Body::Listener(_) | Body::Datagram(_)) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let default = default_of(name)?;
        Ok(resource.options.get(&index_of(&default)).cloned().unwrap_or(default))
    }

    pub(super) fn set_nodelay(&mut self, key: Key, on: bool) {
        if let Some(resource) = self.resources.get_mut(key) {
            let option = SocketOption::Nodelay(on);
            resource.options.insert(index_of(&option), option);
        }
    }
}

fn name_of(option: &SocketOption) -> Result<OptionName> {
    Ok(match option {
        SocketOption::Nodelay(_) => OptionName::Nodelay,
        SocketOption::KeepAlive(_) => OptionName::KeepAlive,
        SocketOption::Linger(_) => OptionName::Linger,
        SocketOption::ReceiveBuffer(_) => OptionName::ReceiveBuffer,
        SocketOption::SendBuffer(_) => OptionName::SendBuffer,
        SocketOption::HopLimit(_) => OptionName::HopLimit,
        SocketOption::Broadcast(_) => OptionName::Broadcast,
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}

fn default_of(name: OptionName) -> Result<SocketOption> {
    Ok(match name {
        OptionName::Nodelay => SocketOption::Nodelay(false),
        OptionName::KeepAlive => SocketOption::KeepAlive(None),
        OptionName::Linger => SocketOption::Linger(None),
        OptionName::ReceiveBuffer => SocketOption::ReceiveBuffer(64 * 1024),
        OptionName::SendBuffer => SocketOption::SendBuffer(64 * 1024),
        OptionName::HopLimit => SocketOption::HopLimit(64),
        OptionName::Broadcast => SocketOption::Broadcast(false),
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}

/// Where the table of a resource keeps an option.
fn index_of(option: &SocketOption) -> u8 {
    match option {
        SocketOption::Nodelay(_) => 0,
        SocketOption::KeepAlive(_) => 1,
        SocketOption::Linger(_) => 2,
        SocketOption::ReceiveBuffer(_) => 3,
        SocketOption::SendBuffer(_) => 4,
        SocketOption::HopLimit(_) => 5,
        _ => 6,
    }
}
