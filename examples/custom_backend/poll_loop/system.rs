//! The calls of the operating system.

use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;

use polyloop_core::{
    Address, Error, ErrorKind, ListenSpec, Op, OpenSpec, OsHandle, Result, SyncScope, TcpSpec,
    UdpSpec,
};
use rustix::io::{Errno, ioctl_fionbio};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Makes what a spec asks for: one handle, or a pipe's two. None of them ever blocks.
pub(super) fn open(spec: &OpenSpec) -> Result<(OsHandle, Option<OsHandle>)> {
    let handle = match spec {
        OpenSpec::Tcp(spec) => {
            open_tcp(spec).map_err(|error| Error::from(error).attempting("open a stream socket"))?
        }
        OpenSpec::TcpListener(spec) => open_listener(spec).map_err(|error| {
            Error::from(error).attempting(format_args!("listen on {}", spec.address))
        })?,
        OpenSpec::Udp(spec) => open_udp(spec)
            .map_err(|error| Error::from(error).attempting(format_args!("bind {}", spec.bind)))?,
        OpenSpec::File(spec) => {
            let mut options = OpenOptions::new();
            options.read(spec.read).write(spec.write).append(spec.append);
            options.truncate(spec.truncate).create(spec.create).create_new(spec.create_new);
            let opened = options.open(&spec.path);
            let path = spec.path.display();
            OsHandle::File(
                opened
                    .map_err(|error| Error::from(error).attempting(format_args!("open {path}")))?,
            )
        }
        OpenSpec::Pipe => {
            let (reader, writer) = io::pipe()?;
            let (reader, writer) = (OsHandle::PipeReader(reader), OsHandle::PipeWriter(writer));
            never_block(&reader)?;
            never_block(&writer)?;
            return Ok((reader, Some(writer)));
        }
        _ => return Err(ErrorKind::Unsupported.into()),
    };
    never_block(&handle)?;
    Ok((handle, None))
}

fn open_tcp(spec: &TcpSpec) -> io::Result<OsHandle> {
    let socket =
        Socket::new(Domain::for_address(spec.family_of), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_tcp_nodelay(spec.nodelay)?;
    if let Some(address) = spec.bind {
        socket.bind(&address.into())?;
    }
    Ok(OsHandle::TcpStream(socket.into()))
}

fn open_listener(spec: &ListenSpec) -> io::Result<OsHandle> {
    let socket = Socket::new(Domain::for_address(spec.address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(spec.reuse_address)?;
    socket.set_reuse_port(spec.reuse_port)?;
    socket.bind(&spec.address.into())?;
    socket.listen(i32::try_from(spec.backlog).unwrap_or(i32::MAX))?;
    Ok(OsHandle::TcpListener(socket.into()))
}

fn open_udp(spec: &UdpSpec) -> io::Result<OsHandle> {
    let socket = Socket::new(Domain::for_address(spec.bind), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_broadcast(spec.broadcast)?;
    socket.set_reuse_port(spec.reuse_port)?;
    socket.bind(&spec.bind.into())?;
    if let Some(peer) = spec.connect {
        socket.connect(&peer.into())?;
    }
    Ok(OsHandle::UdpSocket(socket.into()))
}

fn never_block(handle: &OsHandle) -> io::Result<()> {
    Ok(ioctl_fionbio(fd(handle), true)?)
}

pub(super) fn fd(handle: &OsHandle) -> BorrowedFd<'_> {
    match handle {
        OsHandle::TcpStream(stream) => stream.as_fd(),
        OsHandle::TcpListener(listener) => listener.as_fd(),
        OsHandle::UdpSocket(socket) => socket.as_fd(),
        OsHandle::PipeReader(reader) => reader.as_fd(),
        OsHandle::PipeWriter(writer) => writer.as_fd(),
        OsHandle::File(file) | OsHandle::Descriptor(file) => file.as_fd(),
        _ => unreachable!("this loop opens no other handle"),
    }
}

/// Tells whether an op can be done on a handle.
pub(super) fn fits(op: &Op, handle: &OsHandle) -> bool {
    use OsHandle::{File, PipeReader, PipeWriter, TcpListener, TcpStream, UdpSocket};
    match op {
        Op::Accept { .. } | Op::AcceptMulti { .. } => matches!(handle, TcpListener(_)),
        Op::Connect { .. } => matches!(handle, TcpStream(_) | UdpSocket(_)),
        Op::Recv { .. } => matches!(handle, TcpStream(_) | UdpSocket(_) | PipeReader(_)),
        Op::RecvMulti { .. } => is_stream(handle),
        Op::Send { .. } | Op::SendVectored { .. } => {
            matches!(handle, TcpStream(_) | UdpSocket(_) | PipeWriter(_))
        }
        Op::SendFile { .. } => matches!(handle, TcpStream(_) | PipeWriter(_)),
        Op::RecvFrom { .. } | Op::SendTo { .. } => is_datagram(handle),
        Op::Shutdown { .. } => matches!(handle, TcpStream(_)),
        Op::Poll { .. } | Op::PollMulti { .. } => !matches!(handle, File(_)),
        Op::ReadAt { .. } | Op::WriteAt { .. } | Op::Sync { .. } => matches!(handle, File(_)),
        Op::ReadVectoredAt { .. } | Op::WriteVectoredAt { .. } => matches!(handle, File(_)),
        Op::Truncate { .. } | Op::Stat { .. } => matches!(handle, File(_)),
        Op::Close { .. } => true,
        _ => false,
    }
}

/// Tells whether bytes can be received from a handle, in order.
pub(super) fn is_stream(handle: &OsHandle) -> bool {
    matches!(handle, OsHandle::TcpStream(_) | OsHandle::PipeReader(_))
}

pub(super) fn is_datagram(handle: &OsHandle) -> bool {
    matches!(handle, OsHandle::UdpSocket(_))
}

pub(super) fn read(handle: &OsHandle, buf: &mut [u8]) -> Result<usize> {
    Ok(match handle {
        OsHandle::TcpStream(stream) => (&*stream).read(buf)?,
        OsHandle::PipeReader(reader) => (&*reader).read(buf)?,
        OsHandle::UdpSocket(socket) => socket.recv(buf)?,
        _ => return Err(ErrorKind::InvalidInput.into()),
    })
}

/// Writes some of several buffers to a stream, or all of them as one datagram.
pub(super) fn write(handle: &OsHandle, bufs: &[IoSlice<'_>]) -> Result<usize> {
    // The standard library writes the first of more than a call takes: nothing, if those are empty.
    let filled = bufs.iter().position(|buf| !buf.is_empty()).unwrap_or(0);
    Ok(match handle {
        OsHandle::TcpStream(stream) => (&*stream).write_vectored(&bufs[filled..])?,
        OsHandle::PipeWriter(writer) => (&*writer).write_vectored(&bufs[filled..])?,
        OsHandle::UdpSocket(socket) => socket.send(&joined(bufs))?,
        _ => return Err(ErrorKind::InvalidInput.into()),
    })
}

/// A datagram goes in one call, which takes a thousand buffers or so.
fn joined(bufs: &[IoSlice<'_>]) -> Vec<u8> {
    bufs.iter().flat_map(|buf| buf.iter().copied()).collect()
}

pub(super) fn recv_from(handle: &OsHandle, buf: &mut [u8]) -> Result<(usize, Address)> {
    let OsHandle::UdpSocket(socket) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    let (len, peer) = socket.recv_from(buf)?;
    Ok((len, peer.into()))
}

pub(super) fn send_to(handle: &OsHandle, bufs: &[IoSlice<'_>], to: &Address) -> Result<usize> {
    let OsHandle::UdpSocket(socket) = handle else { return Err(ErrorKind::InvalidInput.into()) };
    let peer = to.as_ip().ok_or(ErrorKind::Unsupported)?;
    Ok(socket.send_to(&joined(bufs), peer)?)
}

/// Takes one connection, which never blocks either.
pub(super) fn accept(handle: &OsHandle) -> Result<OsHandle> {
    let OsHandle::TcpListener(listener) = handle else {
        return Err(ErrorKind::InvalidInput.into());
    };
    let (stream, _) = listener.accept()?;
    let handle = OsHandle::TcpStream(stream);
    never_block(&handle)?;
    Ok(handle)
}

/// Begins to connect, or asks how a connect that has begun went; nothing while it goes on.
pub(super) fn connect(handle: &OsHandle, to: &Address, begun: bool) -> Option<Result<()>> {
    let Some(peer) = to.as_ip() else { return Some(Err(ErrorKind::Unsupported.into())) };
    let descriptor = fd(handle);
    let socket = SockRef::from(&descriptor);
    let result = match begun {
        false => socket.connect(&peer.into()),
        true => socket.take_error().and_then(|error| error.map_or(Ok(()), Err)),
    };
    match result {
        Err(error) if error.raw_os_error() == Some(Errno::INPROGRESS.raw_os_error()) => None,
        Err(error) => Some(Err(Error::from(error).attempting(format_args!("connect to {peer}")))),
        Ok(()) => Some(Ok(())),
    }
}

pub(super) fn shutdown(handle: &OsHandle, how: Shutdown) -> Result<()> {
    Ok(SockRef::from(&fd(handle)).shutdown(how)?)
}

pub(super) fn read_at(handle: &OsHandle, buf: &mut [u8], offset: u64) -> Result<usize> {
    Ok(file(handle)?.read_at(buf, offset)?)
}

pub(super) fn write_at(handle: &OsHandle, bytes: &[u8], offset: u64) -> Result<usize> {
    Ok(file(handle)?.write_at(bytes, offset)?)
}

pub(super) fn sync(handle: &OsHandle, scope: SyncScope) -> Result<()> {
    let file = file(handle)?;
    match scope {
        SyncScope::All => file.sync_all()?,
        SyncScope::Data => file.sync_data()?,
    }
    Ok(())
}

fn file(handle: &OsHandle) -> Result<&File> {
    match handle {
        OsHandle::File(file) => Ok(file),
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

/// Tells whether an attempt is to be made again when poll(2) says so.
pub(super) fn is_to_wait(error: &Error) -> bool {
    error.is_would_block() || error.io_kind() == io::ErrorKind::Interrupted
}

/// Tells whether an accept failed for the one connection only.
pub(super) fn is_about_one_connection(error: &Error) -> bool {
    matches!(error.io_kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// Tells whether descriptors or memory have run out.
pub(super) fn is_exhaustion(error: &Error) -> bool {
    let exhaustion = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    exhaustion.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
