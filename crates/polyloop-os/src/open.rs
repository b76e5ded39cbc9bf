use std::net::SocketAddr;

use polyloop_core::{
    Error, ErrorKind, FileSpec, ListenSpec, OpenSpec, OsHandle, Result, SocketOption, TcpSpec,
    UdpSpec,
};
use socket2::{Domain, Protocol, Socket, Type};

use crate::{Blocking, set_blocking};

/// What opening gave.
#[derive(Debug)]
pub enum Opened {
    /// One handle.
    One(OsHandle),
    /// A pipe's read end and write end, or two sockets.
    Pair(OsHandle, OsHandle),
}

/// Makes what a spec asks for; sockets and pipes wait or not, as `blocking` says.
///
/// Opening a file may wait for its device; nothing else here does.
///
/// # Errors
///
/// The operating system's, saying what was attempted on what; nothing is left open.
pub fn open(spec: &OpenSpec, blocking: Blocking) -> Result<Opened> {
    let handle = match spec {
        OpenSpec::Tcp(spec) => open_tcp(spec).map_err(|error| {
            error.attempting(format_args!("open a stream socket for {}", spec.family_of))
        })?,
        OpenSpec::TcpListener(spec) => open_listener(spec)
            .map_err(|error| error.attempting(format_args!("listen on {}", spec.address)))?,
        OpenSpec::Udp(spec) => open_udp(spec).map_err(|error| {
            error.attempting(format_args!("open a datagram socket on {}", spec.bind))
        })?,
        OpenSpec::File(spec) => open_file(spec)
            .map_err(|error| error.attempting(format_args!("open {}", spec.path.display())))?,
        OpenSpec::Pipe => {
            return open_pipe(blocking).map_err(|error| error.attempting("open a pipe"));
        }
        OpenSpec::UnixStream(spec) => crate::sys::open_unix_stream(spec)?,
        OpenSpec::UnixListener(spec) => crate::sys::open_unix_listener(spec)?,
        OpenSpec::UnixDatagram(spec) => crate::sys::open_unix_datagram(spec)?,
        OpenSpec::SocketPair(kind) => {
            let (first, second) = crate::sys::open_socket_pair(*kind)
                .map_err(|error| error.attempting("open a pair of sockets"))?;
            return pair(first, second, blocking);
        }
        _ => return Err(ErrorKind::Unsupported.into()),
    };
    if blocking == Blocking::No {
        set_blocking(&handle, blocking)?;
    }
    Ok(Opened::One(handle))
}

fn open_tcp(spec: &TcpSpec) -> Result<OsHandle> {
    let socket =
        Socket::new(Domain::for_address(spec.family_of), Type::STREAM, Some(Protocol::TCP))?;
    if spec.nodelay {
        socket.set_tcp_nodelay(true)?;
    }
    if spec.reuse_address {
        socket.set_reuse_address(true)?;
    }
    set_all(&socket, &spec.options)?;
    if let Some(address) = spec.bind {
        bind(&socket, address, spec.reuse_port)
            .map_err(|error| error.attempting(format_args!("bind {address}")))?;
    }
    Ok(OsHandle::TcpStream(socket.into()))
}

fn open_listener(spec: &ListenSpec) -> Result<OsHandle> {
    let socket = Socket::new(Domain::for_address(spec.address), Type::STREAM, Some(Protocol::TCP))?;
    if spec.reuse_address && cfg!(not(windows)) {
        socket.set_reuse_address(true)?;
    }
    set_all(&socket, &spec.options)?;
    bind(&socket, spec.address, spec.reuse_port)?;
    socket.listen(i32::try_from(spec.backlog).unwrap_or(i32::MAX))?;
    Ok(OsHandle::TcpListener(socket.into()))
}

fn open_udp(spec: &UdpSpec) -> Result<OsHandle> {
    let socket = Socket::new(Domain::for_address(spec.bind), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_broadcast(spec.broadcast)?;
    if spec.reuse_address {
        socket.set_reuse_address(true)?;
    }
    set_all(&socket, &spec.options)?;
    bind(&socket, spec.bind, spec.reuse_port)?;
    if let Some(peer) = spec.connect {
        socket.connect(&peer.into())?;
    }
    Ok(OsHandle::UdpSocket(socket.into()))
}

fn set_all(socket: &Socket, options: &[SocketOption]) -> Result<()> {
    options.iter().try_for_each(|option| crate::options::set(socket, option))
}

fn bind(socket: &Socket, address: SocketAddr, reuse_port: bool) -> Result<()> {
    if reuse_port {
        crate::sys::set_reuse_port(socket)?;
    }
    Ok(socket.bind(&address.into())?)
}

fn open_file(spec: &FileSpec) -> Result<OsHandle> {
    let mut options = std::fs::OpenOptions::new();
    options
        .read(spec.read)
        .write(spec.write)
        .append(spec.append)
        .truncate(spec.truncate)
        .create(spec.create)
        .create_new(spec.create_new);
    crate::sys::set_file_options(&mut options, spec);
    Ok(OsHandle::File(options.open(&spec.path).map_err(Error::from)?))
}

fn open_pipe(blocking: Blocking) -> Result<Opened> {
    let (reader, writer) = std::io::pipe()?;
    pair(OsHandle::PipeReader(reader), OsHandle::PipeWriter(writer), blocking)
}

fn pair(first: OsHandle, second: OsHandle, blocking: Blocking) -> Result<Opened> {
    if blocking == Blocking::No {
        set_blocking(&first, blocking)?;
        set_blocking(&second, blocking)?;
    }
    Ok(Opened::Pair(first, second))
}
