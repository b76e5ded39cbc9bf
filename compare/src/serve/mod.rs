//! The child process: one peer, one work.
//!
//! It says `ready` and the address on standard output, then answers commands on standard input:
//! `mark` with what the process has used, `run MILLISECONDS` (work that is done alone) with what was
//! done. It ends when standard input does, so none outlives who started it.

pub(crate) mod allocations;
mod alone;
mod bare_mio;
#[cfg(feature = "peers")]
mod compio;
mod control;
mod files;
#[cfg(feature = "peers")]
mod glommio;
#[cfg(feature = "peers")]
mod hand_over;
pub(crate) mod loops;
#[cfg(feature = "peers")]
mod monoio;
mod own;
mod polyloop;
mod requests;
mod smol;
mod sockets;
mod timers;
mod tokio;
pub(crate) mod usage;
#[cfg(feature = "peers")]
mod yielding;

use std::convert::Infallible;
use std::io;

use crate::peer::Peer;
use crate::work::{HELLO, Service, Work};
use loops::Bare;

pub(crate) use control::{Ran, be_deaf};

/// Bytes of a buffer that all connections of a loop share.
const BUFFER_BYTES: usize = 64 * 1024;

/// What a server is to do.
#[derive(Clone, Copy, Debug)]
struct Serving {
    service: Service,
    /// Bytes of a connection's own buffer, where a peer reads into one: as many in every peer.
    buffer_bytes: usize,
}

/// Does the work until killed, or until standard input ends.
///
/// `buffer_bytes` is how large the buffer of a connection is, where a peer reads into one.
pub(crate) fn run(peer: Peer, work: Work, buffer_bytes: usize) -> io::Result<()> {
    // A peer that hangs does not look at standard input.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    if let Some(refusal) = peer.refusal() {
        return Err(io::Error::other(refusal));
    }
    if let Some(lack) = peer.lacks(work) {
        return Err(io::Error::other(lack));
    }
    match work {
        Work::Serve(service) => {
            serve(peer, Serving { service, buffer_bytes }).map(|never| match never {})
        }
        Work::Alone(alone) => alone::run(peer, alone),
    }
}

fn serve(peer: Peer, serving: Serving) -> io::Result<Infallible> {
    let service = serving.service;
    // This one makes its sockets itself: it takes no others.
    #[cfg(feature = "peers")]
    if peer == Peer::Glommio {
        return glommio::serve(serving);
    }
    if service == Service::Datagrams {
        let socket = sockets::datagrams()?;
        control::ready(&socket.local_addr()?.to_string())?;
        return datagrams(peer, socket);
    }
    let listener = sockets::listener()?;
    control::ready(&listener.local_addr()?.to_string())?;
    let answer = (service == Service::Http).then_some(HELLO);
    match peer {
        Peer::BareEpoll => Err(loops::streams(Bare::Epoll, listener, answer)),
        Peer::BareRing => Err(loops::streams(Bare::Ring, listener, answer)),
        Peer::Uv => Err(loops::streams(Bare::Uv, listener, answer)),
        Peer::BareMio => bare_mio::streams(listener, service),
        Peer::Tokio => tokio::streams(listener, serving),
        Peer::Smol => smol::streams(listener, serving),
        #[cfg(feature = "peers")]
        Peer::MonoioRing | Peer::MonoioLegacy => monoio::streams(peer, listener, serving),
        #[cfg(feature = "peers")]
        Peer::Compio => compio::streams(listener, serving),
        Peer::PolyloopMio | Peer::PolyloopRing | Peer::PolyloopPolling => {
            polyloop::streams(peer, listener, serving)
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn datagrams(peer: Peer, socket: std::net::UdpSocket) -> io::Result<Infallible> {
    match peer {
        Peer::BareEpoll => Err(loops::datagrams(Bare::Epoll, socket)),
        Peer::BareRing => Err(loops::datagrams(Bare::Ring, socket)),
        Peer::Uv => Err(loops::datagrams(Bare::Uv, socket)),
        Peer::BareMio => bare_mio::datagrams(socket),
        Peer::Tokio => tokio::datagrams(socket),
        Peer::Smol => smol::datagrams(socket),
        #[cfg(feature = "peers")]
        Peer::MonoioRing | Peer::MonoioLegacy => monoio::datagrams(peer, socket),
        #[cfg(feature = "peers")]
        Peer::Compio => compio::datagrams(socket),
        Peer::PolyloopMio | Peer::PolyloopRing | Peer::PolyloopPolling => {
            polyloop::datagrams(peer, socket)
        }
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}
