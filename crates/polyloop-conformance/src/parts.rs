//! What cases are made of: sockets, pairs, pipes, payloads.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use polyloop_core::{
    Buffer, CloseMode, ErrorKind, FileSpec, Interest, Key, ListenSpec, Op, OpenSpec, Output,
    TcpSpec, UdpSpec, UnixAddress,
};

use crate::rig::{Rig, Ticket, Transport};

/// The loopback address with a port of the system's choice.
pub(crate) fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// A connection with both of its ends on the loop under test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) client: Key,
    pub(crate) server: Key,
    pub(crate) listener: Key,
}

impl Rig {
    pub(crate) fn open(&mut self, spec: OpenSpec) -> Key {
        match self.ok(Op::Open { spec: Box::new(spec) }) {
            (Output::Opened(key), _) => key,
            (other, _) => panic!("open gave {other:?}, not a key"),
        }
    }

    /// Opens a listener and tells where it is.
    pub(crate) fn listen(&mut self) -> (Key, SocketAddr) {
        let key = self.open(OpenSpec::TcpListener(ListenSpec::at(anywhere())));
        (key, self.address(key))
    }

    /// Opens a stream socket that is not connected.
    pub(crate) fn socket(&mut self) -> Key {
        self.open(OpenSpec::Tcp(TcpSpec::to(anywhere())))
    }

    /// Opens a datagram socket and tells where it is.
    pub(crate) fn datagram(&mut self) -> (Key, SocketAddr) {
        let key = self.open(OpenSpec::Udp(UdpSpec::at(anywhere())));
        (key, self.address(key))
    }

    /// Opens a pipe: the read end, the write end.
    pub(crate) fn pipe(&mut self) -> (Key, Key) {
        match self.ok(Op::Open { spec: Box::new(OpenSpec::Pipe) }) {
            (Output::OpenedPair { read, write }, _) => (read, write),
            (other, _) => panic!("opening a pipe gave {other:?}, not two keys"),
        }
    }

    /// Creates an empty file.
    pub(crate) fn file(&mut self, scratch: &Scratch) -> Key {
        self.open(OpenSpec::File(FileSpec::create(scratch.path())))
    }

    /// Gives the local address of a socket.
    pub(crate) fn address(&self, key: Key) -> SocketAddr {
        let address = self.events.local_address(key).expect("a socket has an address");
        address.as_ip().expect("an internet address")
    }

    /// Connects a new socket to `address`.
    pub(crate) fn connect(&mut self, address: SocketAddr) -> Key {
        let key = self.socket();
        self.ok(Op::Connect { key, address: address.into() });
        key
    }

    /// Accepts one connection.
    pub(crate) fn accept(&mut self, listener: Key) -> Key {
        match self.ok(Op::Accept { key: listener }) {
            (Output::Accepted(key), _) => key,
            (other, _) => panic!("accept gave {other:?}, not a key"),
        }
    }

    /// Makes a connection; the listener stays open.
    pub(crate) fn pair(&mut self) -> Pair {
        if self.transport() == Transport::Unix {
            return self.unix_pair();
        }
        let (listener, address) = self.listen();
        let client = self.connect(address);
        let server = self.accept(listener);
        Pair { client, server, listener }
    }

    pub(crate) fn submit_recv(&mut self, key: Key, capacity: usize) -> Ticket {
        self.submit(Op::Recv { key, buffer: Buffer::with_capacity(capacity) })
    }

    pub(crate) fn submit_send(&mut self, key: Key, bytes: &[u8]) -> Ticket {
        self.submit(Op::Send { key, buffer: bytes.into() })
    }

    /// Sends all and waits for that.
    pub(crate) fn send(&mut self, key: Key, bytes: &[u8]) {
        let ticket = self.submit_send(key, bytes);
        let (count, _) = self.transferred(ticket);
        assert_eq!(count, bytes.len(), "a send completes with its whole length");
    }

    /// Receives exactly `count` bytes with receive ops, fewer only at the end of the stream.
    pub(crate) fn recv(&mut self, key: Key, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let ticket = self.submit_recv(key, (count - bytes.len()).min(1 << 18));
            let (_, buffer) = self.transferred(ticket);
            if buffer.is_empty() {
                break;
            }
            bytes.extend_from_slice(&buffer);
        }
        bytes
    }

    /// Takes exactly `count` bytes of a stream that is being watched.
    pub(crate) fn recv_watched(&mut self, key: Key, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.wait("the bytes of a watched stream", |rig| {
            let (part, ended) = rig.drain(key);
            bytes.extend(part);
            (bytes.len() >= count || ended != Ended::WouldBlock).then_some(())
        });
        bytes
    }

    /// Takes what is there without waiting: the bytes, and what ended them.
    pub(crate) fn drain(&mut self, key: Key) -> (Vec<u8>, Ended) {
        let mut bytes = Vec::new();
        let mut buf = [0; 4096];
        loop {
            match self.events.try_recv(key, &mut buf) {
                Ok(0) => return (bytes, Ended::Eof),
                Ok(count) => bytes.extend_from_slice(&buf[..count]),
                Err(error) if error.is_would_block() => return (bytes, Ended::WouldBlock),
                Err(error) => return (bytes, Ended::Failed(error.kind())),
            }
        }
    }

    /// Waits until a key is readable, without taking anything.
    pub(crate) fn readable(&mut self, key: Key) {
        self.ok(Op::Poll { key, interest: Interest::READABLE });
    }

    /// Submits a close.
    pub(crate) fn submit_close(&mut self, key: Key, mode: CloseMode) -> Ticket {
        self.submit(Op::Close { key, mode })
    }
}

/// What ended a row of reads that do not wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    WouldBlock,
    Eof,
    Failed(ErrorKind),
}

/// A file's path that nobody else uses; the file is removed with it.
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Scratch {
        Scratch::within(&std::env::temp_dir())
    }

    /// Gives one where files are kept, and one where they are in memory only if there is such a place.
    pub(crate) fn of_each_kind() -> Vec<Scratch> {
        let folders = [std::env::temp_dir(), PathBuf::from("/dev/shm")];
        folders.iter().filter(|folder| folder.is_dir()).map(|at| Scratch::within(at)).collect()
    }

    fn within(folder: &Path) -> Scratch {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // Relaxed: the number only has to differ from others.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("polyloop-conformance-{}-{number}", std::process::id());
        Scratch { path: folder.join(name) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the path as an address.
    pub(crate) fn address(&self) -> UnixAddress {
        UnixAddress::path(&self.path).expect("a path without NUL")
    }

    /// Gives the path of another, which goes with this one.
    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        path.into()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The model keeps its files in memory, so there may be none.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Gives the first `len` bytes of a row that no shift or swap leaves equal.
pub(crate) fn payload(len: usize) -> Vec<u8> {
    payload_at(0, len)
}

/// Gives `len` bytes of the row from an offset on.
pub(crate) fn payload_at(offset: usize, len: usize) -> Vec<u8> {
    static ROW: OnceLock<Vec<u8>> = OnceLock::new();
    let row = ROW.get_or_init(|| {
        let mut random = crate::random::Random::new(1);
        let mut row = vec![0; ROW_LEN];
        for word in row.chunks_exact_mut(8) {
            word.copy_from_slice(&random.word().to_le_bytes());
        }
        row
    });
    row[offset..offset + len].to_vec()
}

/// More than what the kernel's buffers of both sides of a connection take.
pub(crate) const ROW_LEN: usize = 32 << 20;
