use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use polyloop_core::{Address, Error, ErrorKind, Key, OptionName, Result, SocketOption};

use super::flaw::Flaw;
use super::resource::{Body, Stream};
use super::world::World;
use crate::sys::errno;

impl World {
    pub(super) fn local_address(&self, key: Key) -> Result<Address> {
        let unbound = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        Ok(match &self.live(key)?.body {
            Body::Stream(stream) => stream.local.clone().unwrap_or(unbound.into()),
            Body::Listener(listener) => listener.local.clone(),
            Body::Datagram(socket) => socket.local.clone(),
            _ => return Err(ErrorKind::InvalidInput.into()),
        })
    }

    pub(super) fn peer_address(&self, key: Key) -> Result<Address> {
        let peer = match &self.live(key)?.body {
            Body::Stream(Stream { local, link }) => match self.flaw {
                Some(Flaw::PeerIsLocal) => local.clone(),
                _ => link.as_ref().map(|link| link.peer.clone()),
            },
            Body::Datagram(socket) => socket.peer.clone(),
            Body::Listener(_) => None,
            _ => return Err(ErrorKind::InvalidInput.into()),
        };
        peer.ok_or_else(|| Error::from_errno(errno::NOT_CONNECTED))
    }

    pub(super) fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        let forget = self.flaw == Some(Flaw::OptionForgotten);
        let resource = self.live_mut(key)?;
        if !matches!(resource.body, Body::Stream(_) | Body::Listener(_) | Body::Datagram(_)) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if !forget {
            let name = name_of(&option)?;
            default_of(name)?;
            resource.options.insert(name as u8, option);
        }
        Ok(())
    }

    pub(super) fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        let resource = self.live(key)?;
        if !matches!(resource.body, Body::Stream(_) | Body::Listener(_) | Body::Datagram(_)) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let default = default_of(name)?;
        Ok(resource.options.get(&(name as u8)).cloned().unwrap_or(default))
    }

    pub(super) fn set_nodelay(&mut self, key: Key, on: bool) {
        if let Some(resource) = self.resources.get_mut(key) {
            resource.options.insert(OptionName::Nodelay as u8, SocketOption::Nodelay(on));
        }
    }
}

fn name_of(option: &SocketOption) -> Result<OptionName> {
    option.name().ok_or(ErrorKind::Unsupported.into())
}

fn default_of(name: OptionName) -> Result<SocketOption> {
    Ok(match name {
        OptionName::Nodelay => SocketOption::Nodelay(false),
        OptionName::KeepAlive => SocketOption::KeepAlive(None),
        OptionName::KeepAliveInterval => SocketOption::KeepAliveInterval(Duration::from_secs(75)),
        OptionName::KeepAliveRetries => SocketOption::KeepAliveRetries(9),
        OptionName::Linger => SocketOption::Linger(None),
        OptionName::ReceiveBuffer => SocketOption::ReceiveBuffer(64 * 1024),
        OptionName::SendBuffer => SocketOption::SendBuffer(64 * 1024),
        OptionName::HopLimit => SocketOption::HopLimit(64),
        OptionName::TrafficClass => SocketOption::TrafficClass(0),
        OptionName::Broadcast => SocketOption::Broadcast(false),
        OptionName::ReuseAddress => SocketOption::ReuseAddress(false),
        OptionName::MulticastLoop => SocketOption::MulticastLoop(true),
        OptionName::MulticastHops => SocketOption::MulticastHops(1),
        OptionName::Error => SocketOption::Error(None),
        _ => return Err(ErrorKind::Unsupported.into()),
    })
}
