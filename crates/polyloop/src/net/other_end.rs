//! Who is at the other end of a resource, for the errors that name it.

use std::fmt;
use std::net::SocketAddr;

use polyloop_core::{Address, Error, UnixAddress};

use super::resource::{Known, Resource};

/// Who is at the other end, as far as that was noted while it could be asked: a connection that has
/// failed has no peer any more (getpeername(2), ENOTCONN).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherEnd {
    Unknown,
    /// The other end of a pipe, which has no name.
    Pipe,
    /// At an address of IP version 4, which is kept in place: nearly every connection of a server.
    V4,
    /// At another address, which is among what is rare.
    Elsewhere,
}

impl Resource {
    /// Notes whom it is connected to.
    pub(crate) fn note_peer(&self, peer: Address) {
        let known = self.known.get();
        self.known.set(match peer {
            Address::Ip(SocketAddr::V4(peer)) => Known { other_end: OtherEnd::V4, peer, ..known },
            peer => {
                self.rare().peer.set(Some(peer));
                Known { other_end: OtherEnd::Elsewhere, ..known }
            }
        });
    }

    /// Asks the system whom it is connected to, if nobody has noted that; its errors can say so from
    /// now on.
    pub(crate) fn ask_peer(&self) {
        if self.noted_peer().is_none()
            && self.known.get().other_end != OtherEnd::Pipe
            && let Ok(peer) = self.peer_address()
        {
            self.note_peer(peer);
        }
    }

    /// Gives whom it is connected to, or was, as far as that was noted.
    pub(crate) fn noted_peer(&self) -> Option<Address> {
        let known = self.known.get();
        match known.other_end {
            OtherEnd::Unknown | OtherEnd::Pipe => None,
            OtherEnd::V4 => Some(SocketAddr::V4(known.peer).into()),
            OtherEnd::Elsewhere => {
                let kept = &self.rare().peer;
                let peer = kept.take();
                kept.set(peer.clone());
                peer
            }
        }
    }

    /// Names the other end, by its address if it has one that is known.
    fn name_of_other_end(&self) -> String {
        match self.noted_peer() {
            _ if self.known.get().other_end == OtherEnd::Pipe => "a pipe".to_owned(),
            Some(Address::Unix(address)) if address.is_unnamed() => "a connection".to_owned(),
            Some(address) => address.to_string(),
            None => "a connection".to_owned(),
        }
    }

    /// Says in a failure that reading was attempted, and from whom.
    pub(crate) fn reading(&self, error: Error) -> Error {
        self.saying("read from", error)
    }

    /// Says in a failure that writing was attempted, and to whom.
    pub(crate) fn writing(&self, error: Error) -> Error {
        self.saying("write to", error)
    }

    /// Says in a failure what was attempted, and with whom; not in *would block*, which is none.
    pub(crate) fn saying(&self, what: impl fmt::Display, error: Error) -> Error {
        if error.is_would_block() {
            return error;
        }
        error.attempting(format_args!("{what} {}", self.name_of_other_end()))
    }

    /// Says in a failure that a datagram was to be sent, and where to: to the peer, if nowhere else.
    pub(crate) fn sending(&self, error: Error, to: Option<&Address>) -> Error {
        self.about_datagram("send a datagram", "to", to, error)
    }

    /// Says in a failure that a datagram was to be received, and from whom, if there is a peer.
    pub(crate) fn receiving(&self, error: Error) -> Error {
        self.about_datagram("receive a datagram", "from", None, error)
    }

    fn about_datagram(
        &self,
        what: &str,
        between: &str,
        address: Option<&Address>,
        error: Error,
    ) -> Error {
        if error.is_would_block() {
            return error;
        }
        // A datagram socket keeps its peer, whatever has failed.
        let address = address.cloned().or_else(|| self.peer_address().ok());
        let is_named = |address: &Address| !address.as_unix().is_some_and(UnixAddress::is_unnamed);
        match address.filter(is_named) {
            Some(address) => error.attempting(format_args!("{what} {between} {address}")),
            None => error.attempting(what),
        }
    }
}
