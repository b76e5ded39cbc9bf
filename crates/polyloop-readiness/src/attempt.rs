//! One attempt at an op of a lane: the calls, and what their answers mean for the lane.

use std::io::{self, IoSlice, IoSliceMut};

use polyloop_core::{Address, Buffer, Error, ErrorKind, Op, OsHandle, Output, Result, limits};
use polyloop_os::{Blocking, Connecting, HandleKind};

use crate::resource::{Direction, Flow, Resource};

/// What came of an attempt.
pub(crate) enum Step {
    /// The op has ended.
    Done(Result<Output>),
    /// A connection was taken, from there.
    Accepted(OsHandle, Address),
    /// It has to wait for an event.
    Blocked,
    /// It has done enough for now, and goes on without an event.
    Again,
    /// The peer has no room, and no event will tell when it has: it is tried again after a pause.
    Later,
    /// Descriptors or memory have run out: accepting pauses.
    Exhausted,
}

/// Slices that one vectored send takes: below every system's IOV_MAX, and few enough for the
/// stack.
const SLICES_MAX: usize = 16;

/// Slices of a file that one attempt sends.
const SLICES_PER_ATTEMPT: usize = 4;

/// Attempts the first op of a lane; `source` is the file that it sends from, if it does.
pub(crate) fn attempt(
    op: &mut Op,
    progress: &mut usize,
    source: Option<&OsHandle>,
    resource: &mut Resource,
) -> Step {
    match op {
        Op::Accept { .. } => accept(resource),
        Op::Recv { buffer, .. } => {
            let result = recv(resource, buffer.storage_mut());
            done(result.map(|len| {
                buffer.set_len(len);
                Output::Transferred(len)
            }))
        }
        Op::RecvFrom { buffer, .. } => {
            let result = polyloop_os::recv_from(resource.handle.as_os(), buffer.storage_mut());
            done(note(resource, Direction::Inward, result).map(|(len, address)| {
                buffer.set_len(len);
                Output::received_from(len, address)
            }))
        }
        Op::Connect { address, .. } => connect(resource, address, progress),
        Op::Send { buffer, .. } if resource.is_stream() => {
            send_whole(resource, std::slice::from_ref(buffer), progress)
        }
        Op::SendVectored { buffers, .. } if resource.is_stream() => {
            send_whole(resource, buffers, progress)
        }
        Op::Send { buffer, .. } => send_datagram(resource, &[IoSlice::new(buffer)]),
        Op::SendVectored { buffers, .. } => {
            let slices: Vec<IoSlice<'_>> = buffers.iter().map(|b| IoSlice::new(b)).collect();
            send_datagram(resource, &slices)
        }
        Op::SendTo { buffer, address, .. } => {
            let bufs = &[IoSlice::new(buffer)];
            let result = polyloop_os::send_to(resource.handle.as_os(), bufs, address);
            match note(resource, Direction::Outward, result) {
                // Whether there is room with the peer is nothing that an event would tell.
                Err(error) if error.is_would_block() && address.as_unix().is_some() => Step::Later,
                Err(error) if error.is_would_block() => Step::Blocked,
                result => Step::Done(result.map(Output::Transferred)),
            }
        }
        Op::SendFile { offset, len, .. } => match source {
            Some(file) => send_file(resource, file, *offset, *len, progress),
            None => Step::Done(Err(ErrorKind::StaleKey.into())),
        },
        Op::Shutdown { how, .. } => {
            let result = polyloop_os::shutdown(resource.handle.as_os(), *how);
            Step::Done(result.map(|()| Output::Done))
        }
        _ => Step::Done(Err(ErrorKind::Unsupported.into())),
    }
}

fn connect(resource: &mut Resource, address: &Address, progress: &mut usize) -> Step {
    let handle = resource.handle.as_os();
    let result = if std::mem::replace(progress, 1) == 0 {
        match polyloop_os::connect_start(handle, address) {
            Ok(Connecting::Done) => Ok(()),
            Ok(Connecting::InProgress) => Err(ErrorKind::WouldBlock.into()),
            Ok(Connecting::Later) => {
                *progress = 0;
                return Step::Later;
            }
            Err(error) => Err(error),
        }
    } else {
        polyloop_os::connect_result(handle, address)
    };
    done(note(resource, Direction::Outward, result).map(|()| Output::Done))
}

/// Takes one connection, passing over those that were aborted before they were taken.
pub(crate) fn accept(resource: &mut Resource) -> Step {
    for _ in 0..limits::ACCEPTS_PER_TURN {
        let result = polyloop_os::accept(resource.handle.as_os(), Blocking::No);
        match note(resource, Direction::Inward, result) {
            Ok((handle, peer)) => return Step::Accepted(handle, peer),
            Err(error) if error.is_would_block() => return Step::Blocked,
            Err(error) if polyloop_os::is_transient_accept_error(&error) => {}
            Err(error) if polyloop_os::is_exhaustion_error(&error) => return Step::Exhausted,
            Err(error) => return Step::Done(Err(error)),
        }
    }
    Step::Again
}

/// Receives once: what was received ahead first.
pub(crate) fn recv(resource: &mut Resource, buf: &mut [u8]) -> Result<usize> {
    if let Some(result) = resource.inbound.read(buf) {
        return result;
    }
    recv_now(resource, buf)
}

/// Receives once from the kernel, when nothing was received ahead.
pub(crate) fn recv_now(resource: &mut Resource, buf: &mut [u8]) -> Result<usize> {
    let result = polyloop_os::recv(resource.handle.as_os(), buf);
    received(resource, result, buf.len())
}

/// Receives from a socket for which a first attempt has come to this, which is no bytes.
#[cold]
pub(crate) fn recv_after(
    resource: &mut Resource,
    first: io::Result<usize>,
    buf: &mut [u8],
) -> Result<usize> {
    match first {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => recv_now(resource, buf),
        first => received(resource, first.map_err(Error::from), buf.len()),
    }
}

/// Notes what a read into so much room came to.
fn received(resource: &mut Resource, result: Result<usize>, room: usize) -> Result<usize> {
    let len = note_read(resource, result)?;
    if len > 0 {
        resource.inward.moved(len < room && resource.short_is_blocked);
    }
    Ok(len)
}

/// Receives once from the kernel into several buffers, `whole` bytes long together.
pub(crate) fn recv_vectored(
    resource: &mut Resource,
    bufs: &mut [IoSliceMut<'_>],
    whole: usize,
) -> Result<usize> {
    let count = bufs.len();
    let result = polyloop_os::recv_vectored(resource.handle.as_os(), bufs);
    let len = note_read(resource, result)?;
    let is_whole_call = resource.kind == HandleKind::Stream && count <= polyloop_os::SLICES_MAX;
    if len > 0 && len < whole && is_whole_call && resource.short_is_blocked {
        resource.inward.flow = Flow::Short;
    }
    Ok(len)
}

/// Sends to a socket for which a first attempt has failed so.
#[cold]
pub(crate) fn send_after(resource: &mut Resource, first: io::Error, buf: &[u8]) -> Result<usize> {
    match first.kind() {
        io::ErrorKind::Interrupted => send(resource, &[IoSlice::new(buf)]),
        _ => note_sent(resource, Err(first.into())),
    }
}

/// Sends once.
pub(crate) fn send(resource: &mut Resource, bufs: &[IoSlice<'_>]) -> Result<usize> {
    let result = polyloop_os::send(resource.handle.as_os(), bufs);
    let len = note_sent(resource, result)?;
    // Of more slices than a call takes, it takes less although there is room.
    let is_whole_call = bufs.len() <= polyloop_os::SLICES_MAX;
    let is_short = is_whole_call && len < bufs.iter().map(|buf| buf.len()).sum();
    if resource.short_is_blocked && is_short {
        resource.outward.flow = Flow::Short;
    }
    Ok(len)
}

/// Notes in the lane whether a call would have blocked.
#[inline]
pub(crate) fn note<T>(
    resource: &mut Resource,
    direction: Direction,
    result: Result<T>,
) -> Result<T> {
    let would_block = matches!(&result, Err(error) if error.is_would_block());
    let lane = resource.lane_mut(direction);
    lane.flow = if would_block { Flow::Blocked } else { Flow::Open };
    if !would_block {
        lane.retries = 0;
    }
    result
}

/// Notes what a read came to: where a send has met a reset, an end is that reset.
pub(crate) fn note_read(resource: &mut Resource, result: Result<usize>) -> Result<usize> {
    let len = note(resource, Direction::Inward, result)?;
    if len == 0 && resource.kind == HandleKind::Stream {
        resource.inbound.meet_end()?;
    }
    Ok(len)
}

/// Notes what a send came to: the kernel may tell of a reset only once, and the reader is to learn of
/// it too.
pub(crate) fn note_sent(resource: &mut Resource, result: Result<usize>) -> Result<usize> {
    let result = note(resource, Direction::Outward, result);
    if let Err(error) = &result
        && resource.kind == HandleKind::Stream
        && error.kind() == ErrorKind::Io(io::ErrorKind::ConnectionReset)
    {
        resource.inbound.send_met_reset(error.clone());
    }
    result
}

/// Sends a datagram to the socket's peer: one call, whatever it consists of, also of nothing.
fn send_datagram(resource: &mut Resource, bufs: &[IoSlice<'_>]) -> Step {
    done(send(resource, bufs).map(Output::Transferred))
}

/// Sends what is left of `buffers` on a stream, however many calls that takes.
fn send_whole(resource: &mut Resource, buffers: &[Buffer], progress: &mut usize) -> Step {
    let whole: usize = buffers.iter().map(Buffer::len).sum();
    for _ in 0..limits::CALLS_PER_SEND {
        if *progress >= whole {
            break;
        }
        let result = match buffers {
            [buffer] => {
                let end = buffer.len().min(*progress + limits::SEND_CALL_MAX);
                send(resource, &[IoSlice::new(&buffer[*progress..end])])
            }
            _ => send_slices(resource, buffers, *progress),
        };
        match result {
            Ok(0) => {
                let error = Error::new(ErrorKind::Io(io::ErrorKind::WriteZero));
                return Step::Done(Err(error.after_transferring(*progress)));
            }
            Ok(len) => *progress += len,
            Err(error) if error.is_would_block() => return Step::Blocked,
            Err(error) => {
                return Step::Done(Err(error.after_transferring(*progress)));
            }
        }
        if *progress < whole && resource.is_known_blocked(Direction::Outward) {
            return Step::Blocked;
        }
    }
    if *progress < whole {
        return Step::Again;
    }
    Step::Done(Ok(Output::Transferred(whole)))
}

/// Sends what is left of a part of a file, a bounded piece of it at once.
fn send_file(
    resource: &mut Resource,
    file: &OsHandle,
    offset: u64,
    len: usize,
    progress: &mut usize,
) -> Step {
    for _ in 0..SLICES_PER_ATTEMPT {
        if *progress >= len {
            break;
        }
        let slice = (len - *progress).min(limits::SEND_FILE_SLICE);
        let from = offset + *progress as u64;
        let result = polyloop_os::send_file(resource.handle.as_os(), file, from, slice);
        match note_sent(resource, result) {
            // The file has ended.
            Ok(0) => return Step::Done(Ok(Output::Transferred(*progress))),
            Ok(count) => *progress += count,
            Err(error) if error.is_would_block() => return Step::Blocked,
            Err(error) => {
                let error = error.attempting("send a file").after_transferring(*progress);
                return Step::Done(Err(error));
            }
        }
    }
    if *progress < len {
        return Step::Again;
    }
    Step::Done(Ok(Output::Transferred(len)))
}

/// Sends once from behind the first `skip` bytes of `buffers`, as much as one call may.
fn send_slices(resource: &mut Resource, buffers: &[Buffer], mut skip: usize) -> Result<usize> {
    let mut slices = [IoSlice::new(&[]); SLICES_MAX];
    let (mut count, mut room) = (0, limits::SEND_CALL_MAX);
    for buffer in buffers {
        let start = skip.min(buffer.len());
        skip -= start;
        if start == buffer.len() {
            continue;
        }
        if count == SLICES_MAX || room == 0 {
            break;
        }
        let len = (buffer.len() - start).min(room);
        slices[count] = IoSlice::new(&buffer[start..start + len]);
        room -= len;
        count += 1;
    }
    send(resource, &slices[..count])
}

fn done(result: Result<Output>) -> Step {
    match result {
        Err(error) if error.is_would_block() => Step::Blocked,
        result => Step::Done(result),
    }
}
