use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, RawFd};

use io_uring::squeue::Entry;
use io_uring::{opcode, types};
use polyloop_core::{Buffer, ErrorKind, Interest, Op, OsHandle, Result};

use super::buffer_ring::GROUP;
use super::encode_file::encode_file_op;
use super::held::{Inner, Work};
use super::message::Message;

/// What to ask of the kernel for what is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Request {
    /// The op, of which so many bytes have gone through.
    Op { transferred: usize },
    /// One connection of the handle, or connections until cancelled.
    Accept { multi: bool },
    /// Receives of the handle into provided buffers until cancelled.
    ReceiveMulti,
    /// Readiness of the handle, once or until cancelled.
    Poll { interest: Interest, multi: bool },
    /// That the handle's other end is gone, or ends.
    HangUp,
    /// A piece of the handle, a file, of so many bytes from an offset.
    ReadPiece { offset: u64, len: usize },
    /// What was read of the piece, from behind its first bytes, to the handle.
    SendPiece { from: usize },
}

/// Makes the entry of a request. The addresses in it are of what is held.
///
/// `message` gives a message for the ops that need one; `pipe_flags` are for writes to pipes.
pub(super) fn encode(
    inner: &mut Inner,
    request: Request,
    pipe_flags: i32,
    message: impl FnOnce() -> Message,
) -> Result<Entry> {
    let fd = inner.handle.as_deref().map(raw_fd).transpose()?.unwrap_or(types::Fd(libc::AT_FDCWD));
    match request {
        Request::Poll { .. } => encode_bare(fd, request),
        // They are asked for as what they are: of nothing that is held.
        Request::ReceiveMulti | Request::HangUp => Err(ErrorKind::Unsupported.into()),
        Request::Op { transferred } => encode_op(inner, fd, transferred, pipe_flags, message),
        Request::Accept { multi: true } => {
            Ok(opcode::AcceptMulti::new(fd).flags(libc::SOCK_CLOEXEC).build())
        }
        Request::Accept { multi: false } => {
            let null = std::ptr::null_mut();
            Ok(opcode::Accept::new(fd, null, null.cast()).flags(libc::SOCK_CLOEXEC).build())
        }
        Request::ReadPiece { offset, len } => {
            let work = inner.work.as_mut().ok_or(ErrorKind::Unsupported)?;
            let piece = work.piece.get_or_insert_default();
            if piece.capacity() < len {
                *piece = Buffer::with_capacity(len);
            }
            let (start, len) = storage(&mut piece.storage_mut()[..len]);
            Ok(opcode::Read::new(fd, start, len).offset(offset).build())
        }
        Request::SendPiece { from } => {
            let piece = inner.work.as_ref().and_then(|work| work.piece.as_deref());
            let rest = piece.and_then(|piece| piece.get(from..));
            let (start, len) = filled(rest.ok_or(ErrorKind::Unsupported)?);
            Ok(if is_pipe(inner) {
                opcode::Write::new(fd, start, len).offset(CURRENT).rw_flags(pipe_flags).build()
            } else {
                opcode::Send::new(fd, start, len).flags(SEND_WHOLE).build()
            })
        }
    }
}

/// Makes the entry of a request that names nothing but a descriptor.
pub(super) fn encode_bare(fd: types::Fd, request: Request) -> Result<Entry> {
    match request {
        Request::ReceiveMulti => Ok(opcode::RecvMulti::new(fd, GROUP).build()),
        Request::Poll { interest, multi } => {
            Ok(opcode::PollAdd::new(fd, poll_mask(interest)).multi(multi).build())
        }
        Request::HangUp => {
            // An error and a full hang-up are told of unasked.
            Ok(opcode::PollAdd::new(fd, libc::POLLRDHUP as u32).build())
        }
        _ => Err(ErrorKind::Unsupported.into()),
    }
}

fn is_pipe(inner: &Inner) -> bool {
    matches!(inner.handle.as_deref(), Some(OsHandle::PipeReader(_) | OsHandle::PipeWriter(_)))
}

fn encode_op(
    inner: &mut Inner,
    fd: types::Fd,
    transferred: usize,
    pipe_flags: i32,
    message: impl FnOnce() -> Message,
) -> Result<Entry> {
    let handle = inner.handle.as_deref();
    let is_pipe = matches!(handle, Some(OsHandle::PipeReader(_) | OsHandle::PipeWriter(_)));
    let is_datagram = matches!(handle, Some(OsHandle::UdpSocket(_) | OsHandle::UnixDatagram(_)));
    let flags = if is_datagram { SEND_DATAGRAM } else { SEND_WHOLE };
    let Work { op, message: slot, .. } =
        &mut **inner.work.as_mut().ok_or(ErrorKind::Unsupported)?;
    Ok(match op.as_mut().ok_or(ErrorKind::Unsupported)? {
        Op::Connect { address, .. } => {
            let (name, len) = slot.get_or_insert_with(message).name(address)?;
            opcode::Connect::new(fd, name, len).build()
        }
        Op::Recv { buffer, .. } => {
            let (start, len) = storage(buffer.storage_mut());
            if is_pipe {
                opcode::Read::new(fd, start, len).offset(CURRENT).build()
            } else {
                opcode::Recv::new(fd, start, len).build()
            }
        }
        Op::Send { buffer, .. } => {
            let (start, len) = filled(&buffer[transferred..]);
            if is_pipe {
                opcode::Write::new(fd, start, len).offset(CURRENT).rw_flags(pipe_flags).build()
            } else {
                opcode::Send::new(fd, start, len).flags(flags).build()
            }
        }
        Op::SendVectored { buffers, .. } => {
            let message = slot.get_or_insert_with(message);
            let header = match is_datagram {
                true => message.gather_datagram(buffers),
                false => message.gather(buffers, transferred),
            };
            if is_pipe {
                let (pieces, count) = message.pieces();
                opcode::Writev::new(fd, pieces, count).offset(CURRENT).rw_flags(pipe_flags).build()
            } else {
                opcode::SendMsg::new(fd, header).flags(flags as u32).build()
            }
        }
        Op::RecvFrom { buffer, .. } => {
            let header = slot.get_or_insert_with(message).receive_from(buffer.storage_mut());
            opcode::RecvMsg::new(fd, header).build()
        }
        Op::SendTo { buffer, address, .. } => {
            let header = slot.get_or_insert_with(message).send_to(buffer, address)?;
            opcode::SendMsg::new(fd, header).flags(SEND_DATAGRAM as u32).build()
        }
        Op::AwaitExit { .. } => {
            let info = slot.get_or_insert_with(message).exit_info();
            let id = fd.0.cast_unsigned();
            opcode::WaitId::new(libc::P_PIDFD, id, libc::WEXITED).infop(info).build()
        }
        Op::Shutdown { how, .. } => opcode::Shutdown::new(fd, how_number(*how)).build(),
        op => return encode_file_op(op, fd, || slot.get_or_insert_with(message)),
    })
}

/// The offset that means "where it is", for what has no offsets.
const CURRENT: u64 = u64::MAX;

/// The kernel itself goes on after a short send; a closed peer is an error, not a signal.
pub(super) const SEND_WHOLE: i32 = libc::MSG_WAITALL | libc::MSG_NOSIGNAL;

/// Without waiting: where a send of a datagram has to wait, the kernel copies it first, and what it
/// sends when it tries again is empty (seen with Unix datagrams on Linux 6.18: unix_dgram_sendmsg
/// uses the iterator up before it looks at the receiver's queue, and io_sendmsg keeps that).
const SEND_DATAGRAM: i32 = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;

/// What one entry transfers at most; the kernel's own MAX_RW_COUNT is a page below 2 GiB.
const TRANSFER_MAX: usize = 1 << 30;

pub(super) fn storage(storage: &mut [u8]) -> (*mut u8, u32) {
    (storage.as_mut_ptr(), storage.len().min(TRANSFER_MAX) as u32)
}

#[inline]
pub(super) fn filled(bytes: &[u8]) -> (*const u8, u32) {
    (bytes.as_ptr(), bytes.len().min(TRANSFER_MAX) as u32)
}

fn how_number(how: Shutdown) -> i32 {
    match how {
        Shutdown::Read => libc::SHUT_RD,
        Shutdown::Write => libc::SHUT_WR,
        Shutdown::Both => libc::SHUT_RDWR,
    }
}

fn poll_mask(interest: Interest) -> u32 {
    let readable = if interest.is_readable() { libc::POLLIN } else { 0 };
    let writable = if interest.is_writable() { libc::POLLOUT } else { 0 };
    (readable | writable) as u32
}

/// Gives the descriptor of a handle.
#[inline]
pub(crate) fn raw_fd(handle: &OsHandle) -> Result<types::Fd> {
    match handle {
        OsHandle::TcpStream(stream) => Ok(types::Fd(stream.as_fd().as_raw_fd())),
        handle => other_fd(handle),
    }
}

fn other_fd(handle: &OsHandle) -> Result<types::Fd> {
    let fd: RawFd = match handle {
        OsHandle::TcpStream(stream) => stream.as_fd().as_raw_fd(),
        OsHandle::TcpListener(listener) => listener.as_fd().as_raw_fd(),
        OsHandle::UdpSocket(socket) => socket.as_fd().as_raw_fd(),
        OsHandle::File(file) | OsHandle::Descriptor(file) => file.as_fd().as_raw_fd(),
        OsHandle::PipeReader(reader) => reader.as_fd().as_raw_fd(),
        OsHandle::PipeWriter(writer) => writer.as_fd().as_raw_fd(),
        OsHandle::UnixStream(file)
        | OsHandle::UnixListener(file)
        | OsHandle::UnixDatagram(file) => file.as_fd().as_raw_fd(),
        _ => return Err(ErrorKind::Unsupported.into()),
    };
    Ok(types::Fd(fd))
}
