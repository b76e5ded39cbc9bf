use std::fs::File;
use std::io::{PipeReader, PipeWriter};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;

use crate::{PairKind, SocketOption, UnixDatagramSpec, UnixListenSpec, UnixStreamSpec};

/// What [`Op::Open`](crate::Op::Open) makes.
///
/// Everything is made close-on-exec.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenSpec {
    /// A stream socket that is not yet connected.
    Tcp(TcpSpec),
    /// A stream socket that listens.
    TcpListener(ListenSpec),
    /// A datagram socket.
    Udp(UdpSpec),
    /// A regular file.
    File(FileSpec),
    /// A pipe: two resources.
    Pipe,
    /// A Unix stream socket that is not yet connected. *Unsupported*, as the three that follow,
    /// where the system has no such sockets or this crate does not know them (Windows).
    UnixStream(UnixStreamSpec),
    /// A Unix stream socket that listens.
    UnixListener(UnixListenSpec),
    /// A Unix datagram socket.
    UnixDatagram(UnixDatagramSpec),
    /// Two Unix sockets that are connected to each other: two resources.
    SocketPair(PairKind),
}

impl OpenSpec {
    /// Gives how many resources it makes.
    pub const fn resources(&self) -> usize {
        match self {
            OpenSpec::Pipe | OpenSpec::SocketPair(_) => 2,
            _ => 1,
        }
    }
}

/// A stream socket to make.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct TcpSpec {
    /// The address family, named by any address of it (the peer's, usually).
    pub family_of: SocketAddr,
    /// The local address to bind before connecting.
    pub bind: Option<SocketAddr>,
    /// Whether an address whose last connections linger can be bound (SO_REUSEADDR).
    pub reuse_address: bool,
    /// Whether several sockets may share the port that is bound (SO_REUSEPORT).
    pub reuse_port: bool,
    /// What is set before anything else happens: the sizes of buffers that the handshake goes by,
    /// for example.
    pub options: Vec<SocketOption>,
    /// Whether small writes go out at once (TCP_NODELAY). On by default, as in asyncio.
    pub nodelay: bool,
}

impl TcpSpec {
    /// Makes the spec of a socket that will connect to `peer`.
    pub const fn to(peer: SocketAddr) -> TcpSpec {
        TcpSpec {
            family_of: peer,
            bind: None,
            reuse_address: false,
            reuse_port: false,
            options: Vec::new(),
            nodelay: true,
        }
    }
}

/// A listener to make.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ListenSpec {
    /// The address to bind; port 0 lets the system choose.
    pub address: SocketAddr,
    /// How many connections may wait to be accepted; the system may lower it.
    pub backlog: u32,
    /// Whether an address whose last connections linger can be bound (SO_REUSEADDR). On by
    /// default, except on Windows, where it would let strangers share the port.
    pub reuse_address: bool,
    /// Whether several listeners may share the port (SO_REUSEPORT). An error of kind
    /// *unsupported* where the system has no such thing.
    pub reuse_port: bool,
    /// What is set before binding; accepted connections inherit most of it.
    pub options: Vec<SocketOption>,
}

impl ListenSpec {
    /// Makes the spec of a listener at `address`, with the standard backlog.
    pub const fn at(address: SocketAddr) -> ListenSpec {
        ListenSpec {
            address,
            backlog: crate::limits::LISTEN_BACKLOG,
            reuse_address: true,
            reuse_port: false,
            options: Vec::new(),
        }
    }
}

/// A datagram socket to make.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct UdpSpec {
    /// The address to bind; port 0 lets the system choose.
    pub bind: SocketAddr,
    /// The only peer, if there is one.
    pub connect: Option<SocketAddr>,
    /// Whether datagrams may go to broadcast addresses.
    pub broadcast: bool,
    /// Whether several sockets may share the address (SO_REUSEADDR): for receivers of a group.
    /// Who of them receives what is sent to one address is the system's affair.
    pub reuse_address: bool,
    /// Whether several sockets may share the port (SO_REUSEPORT).
    pub reuse_port: bool,
    /// What is set before binding.
    pub options: Vec<SocketOption>,
}

impl UdpSpec {
    /// Makes the spec of a socket bound to `address`.
    pub const fn at(address: SocketAddr) -> UdpSpec {
        UdpSpec {
            bind: address,
            connect: None,
            broadcast: false,
            reuse_address: false,
            reuse_port: false,
            options: Vec::new(),
        }
    }
}

/// A file to open; the flags mean what they mean in [`std::fs::OpenOptions`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct FileSpec {
    /// Where it is.
    pub path: PathBuf,
    /// Open for reading.
    pub read: bool,
    /// Open for writing.
    pub write: bool,
    /// Write at the end, wherever that is by then.
    pub append: bool,
    /// Cut an existing file to nothing.
    pub truncate: bool,
    /// Create the file if it does not exist.
    pub create: bool,
    /// Create the file, and fail if it exists.
    pub create_new: bool,
    /// Permissions of a file that is created, less the process's umask; nothing for 0o666. Only
    /// systems with modes look at it.
    pub mode: Option<u32>,
    /// Further flags of open(2), such as `O_NOFOLLOW`. Only Unix systems look at them, and the access
    /// mode in them is ignored.
    pub custom_flags: i32,
}

impl FileSpec {
    /// Makes the spec of an existing file, opened for reading.
    pub fn read(path: impl Into<PathBuf>) -> FileSpec {
        FileSpec { path: path.into(), read: true, ..FileSpec::default() }
    }

    /// Makes the spec of a new or emptied file, opened for reading and writing.
    pub fn create(path: impl Into<PathBuf>) -> FileSpec {
        FileSpec {
            path: path.into(),
            read: true,
            write: true,
            truncate: true,
            create: true,
            ..FileSpec::default()
        }
    }
}

/// An operating system's handle on its way into a loop or out of one.
///
/// Always an owner: watching what one does not own would race with its closing. The types are
/// the standard library's, because those exist on every platform; on Unix any descriptor
/// can come as a [`File`](std::fs::File) in [`OsHandle::Descriptor`].
#[derive(Debug)]
#[non_exhaustive]
pub enum OsHandle {
    /// A connected stream socket, or one that is not yet connected.
    TcpStream(TcpStream),
    /// A listener.
    TcpListener(TcpListener),
    /// A datagram socket.
    UdpSocket(UdpSocket),
    /// A regular file, read and written at offsets.
    File(File),
    /// The read end of a pipe.
    PipeReader(PipeReader),
    /// The write end of a pipe.
    PipeWriter(PipeWriter),
    /// Any descriptor that can be polled: only [`Op::Poll`](crate::Op::Poll),
    /// [`Op::PollMulti`](crate::Op::PollMulti), close and detach apply, and
    /// [`Op::AwaitExit`](crate::Op::AwaitExit) to one that names a child process.
    Descriptor(File),
    /// A Unix stream socket, connected or not yet.
    UnixStream(File),
    /// A Unix listener.
    UnixListener(File),
    /// A Unix datagram socket.
    UnixDatagram(File),
}

/// A refusal that gives back what was offered.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rejected<T> {
    /// Why.
    pub error: crate::Error,
    /// What was offered.
    pub value: T,
}

impl<T> Rejected<T> {
    /// Makes a refusal.
    pub const fn new(error: crate::Error, value: T) -> Rejected<T> {
        Rejected { error, value }
    }
}
