use polyloop_core::{ErrorKind, PeerCredentials, Result};
use socket2::Socket;

/// Only Linux cuts what is sent.
pub(crate) fn set_segment_size(_: &Socket, _: u16) -> Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Only Linux cuts what is sent.
pub(crate) fn segment_size(_: &Socket) -> Result<u16> {
    Err(ErrorKind::Unsupported.into())
}

/// Other Unix systems have getpeereid(3), which nothing in use makes safe.
pub(crate) fn peer_credentials(_: &Socket) -> Result<PeerCredentials> {
    Err(ErrorKind::Unsupported.into())
}
