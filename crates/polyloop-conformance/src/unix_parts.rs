//! What cases over Unix sockets are made of.

use polyloop_core::{
    Address, Buffer, ErrorKind, Key, Op, OpenSpec, Output, PairKind, UnixDatagramSpec,
    UnixListenSpec, UnixStreamSpec,
};

use crate::harness::skip;
use crate::parts::{Pair, Scratch};
use crate::rig::{Rig, Ticket};

impl Rig {
    /// Opens what a system or a loop may not have, or leaves the case.
    pub(crate) fn open_optional(&mut self, spec: OpenSpec) -> Output {
        let completion = self.end_of(Op::Open { spec: Box::new(spec) });
        match completion.result {
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                skip(format!("no such sockets here: {error}"))
            }
            result => result.unwrap_or_else(|error| panic!("it could not be opened: {error}")),
        }
    }

    /// Opens one socket that a system or a loop may not have, or leaves the case.
    pub(crate) fn unix(&mut self, spec: OpenSpec) -> Key {
        match self.open_optional(spec) {
            Output::Opened(key) => key,
            other => panic!("open gave {other:?}, not a key"),
        }
    }

    pub(crate) fn unix_listen(&mut self, scratch: &Scratch) -> Key {
        self.unix(OpenSpec::UnixListener(UnixListenSpec::at(scratch.address())))
    }

    pub(crate) fn unix_socket(&mut self) -> Key {
        self.unix(OpenSpec::UnixStream(UnixStreamSpec::unnamed()))
    }

    /// Opens a datagram socket that is bound to a path.
    pub(crate) fn unix_datagram(&mut self, scratch: &Scratch) -> Key {
        self.unix(OpenSpec::UnixDatagram(UnixDatagramSpec::at(scratch.address())))
    }

    /// Makes a connection through a path, which is gone afterwards; the listener stays open.
    pub(crate) fn unix_pair(&mut self) -> Pair {
        let scratch = Scratch::new();
        let listener = self.unix_listen(&scratch);
        let client = self.unix_socket();
        self.ok(Op::Connect { key: client, address: scratch.address().into() });
        let server = self.accept(listener);
        Pair { client, server, listener }
    }

    /// Opens two sockets that are connected to each other.
    pub(crate) fn socket_pair(&mut self, kind: PairKind) -> (Key, Key) {
        match self.open_optional(OpenSpec::SocketPair(kind)) {
            Output::OpenedPair { read, write } => (read, write),
            other => panic!("opening a pair gave {other:?}, not two keys"),
        }
    }

    pub(crate) fn submit_send_to(&mut self, key: Key, bytes: &[u8], to: &Scratch) -> Ticket {
        let address = Address::from(to.address());
        self.submit(Op::SendTo { key, buffer: bytes.into(), address })
    }

    pub(crate) fn submit_recv_from(&mut self, key: Key, capacity: usize) -> Ticket {
        self.submit(Op::RecvFrom { key, buffer: Buffer::with_capacity(capacity) })
    }
}
