use std::net::SocketAddr;

use polyloop_core::{
    Error, ErrorKind, FileSpec, ListenSpec, OpenSpec, OsHandle, Result, TcpSpec, UdpSpec,
};
use socket2::{Domain, Protocol, Socket, Type};

use crate::{Blocking, set_blocking};

/// What opening gave.
#[derive(Debug)]
pub enum Opened {
    /// One handle.
    One(OsHandle),
    /// A pipe's read end and write end.
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
    if let Some(address) = spec.bind {
        socket.bind(&address.into())?;
    }
    Ok(OsHandle::TcpStream(socket.into()))
}

fn open_listener(spec: &ListenSpec) -> Result<OsHandle> {
    let socket = Socket::new(Domain::for_address(spec.address), Type::STREAM, Some(Protocol::TCP))?;
    if spec.reuse_address && cfg!(not(windows)) {
        socket.set_reuse_address(true)?;
    }
    bind(&socket, spec.address, spec.reuse_port)?;
    socket.listen(i32::try_from(spec.backlog).unwrap_or(i32::MAX))?;
    Ok(OsHandle::TcpListener(socket.into()))
}

fn open_udp(spec: &UdpSpec) -> Result<OsHandle> {
    let socket = Socket::new(Domain::for_address(spec.bind), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_broadcast(spec.broadcast)?;
    bind(&socket, spec.bind, spec.reuse_port)?;
    if let Some(peer) = spec.connect {
        socket.connect(&peer.into())?;
    }
    Ok(OsHandle::UdpSocket(socket.into()))
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
    let (reader, writer) = (OsHandle::PipeReader(reader), OsHandle::PipeWriter(writer));
    if blocking == Blocking::No {
        set_blocking(&reader, blocking)?;
        set_blocking(&writer, blocking)?;
    }
    Ok(Opened::Pair(reader, writer))
}
