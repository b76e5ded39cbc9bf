//! Attempts of the caller's own, into and out of its own memory.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};

use polyloop_core::{
    Address, Chunk, Error, ErrorKind, Interest, Key, Pool, ReceivedHandles, Result, SocketOption,
};
use polyloop_os::HandleKind;

use crate::attempt::{note, note_read, note_sent, recv, recv_after, recv_now, recv_vectored, send};
use crate::engine::{Engine, live_mut, stand};
use crate::resource::{Direction, Flow, Resource, Watch};
use crate::selector::Selector;

impl<S: Selector> Engine<S> {
    #[inline]
    pub(crate) fn try_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        let resource = match self.resources.get_mut(key) {
            Some(resource) if resource.is_next_in_kernel() && !buf.is_empty() => resource,
            _ => return self.try_recv_otherwise(key, buf),
        };
        if resource.inward.flow == Flow::Short {
            return Err(resource.leave());
        }
        recv_watched(resource, buf)
    }

    /// Receives what is not with the kernel, or is of no stream that is watched, or says why not.
    #[inline(never)]
    fn try_recv_otherwise(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        let resource = live_mut(&mut self.resources, key)?;
        begin_recv(resource, !buf.is_empty())?;
        let result = if resource.inbound.is_readable()
            || takes_attempt(&mut self.selector, key, resource, Direction::Inward)
        {
            recv(resource, buf)
        } else {
            Err(ErrorKind::WouldBlock.into())
        };
        self.end_recv(key, result)
    }

    #[inline]
    pub(crate) fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        let resource = match self.resources.get_mut(key) {
            Some(resource) if resource.is_next_in_kernel() => resource,
            _ => return self.try_recv_chunk_otherwise(key),
        };
        if resource.inward.flow == Flow::Short {
            return Err(resource.leave());
        }
        recv_chunk_watched(resource, &mut self.pool)
    }

    /// As [`try_recv_otherwise`](Self::try_recv_otherwise), in chunks.
    #[inline(never)]
    fn try_recv_chunk_otherwise(&mut self, key: Key) -> Result<Option<Chunk>> {
        let resource = live_mut(&mut self.resources, key)?;
        let is_stream = resource.is_stream();
        begin_recv(resource, is_stream)?;
        if let Some(result) = resource.inbound.pop() {
            return result;
        }
        let result = if takes_attempt(&mut self.selector, key, resource, Direction::Inward) {
            in_chunk(self.pool.lease_anyway(), |buf| recv_now(resource, buf))
        } else {
            Err(ErrorKind::WouldBlock.into())
        };
        self.end_recv(key, result)
    }

    pub(crate) fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        let resource = self.live_mut(key)?;
        if !matches!(resource.kind, HandleKind::Stream | HandleKind::PipeReader) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if bytes.is_empty() {
            return Ok(());
        }
        resource.inbound.push_front(bytes);
        resource.news |= Interest::READABLE;
        if !resource.inward.ops.is_empty() || !resource.polls.is_empty() {
            self.mark_ready(key);
        }
        self.tell_readable(key);
        Ok(())
    }

    pub(crate) fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        let resource = live_mut(&mut self.resources, key)?;
        if resource.gathers | resource.failed_soon {
            self.settle_soon(key)?;
        }
        let resource = live_mut(&mut self.resources, key)?;
        send_directly(&mut self.selector, key, resource, bufs)
    }

    pub(crate) fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        let resource = self.begin_recv(key, !buf.is_empty())?;
        let result = polyloop_os::recv_from(resource.handle.as_os(), buf);
        note(resource, Direction::Inward, result)
    }

    pub(crate) fn try_send_to(
        &mut self,
        key: Key,
        bufs: &[IoSlice<'_>],
        address: &Address,
    ) -> Result<usize> {
        let resource = self.begin_send(key)?;
        let result = polyloop_os::send_to(resource.handle.as_os(), bufs, address);
        note(resource, Direction::Outward, result)
    }

    pub(crate) fn try_peek(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        let resource = live_mut(&mut self.resources, key)?;
        begin_recv(resource, !buf.is_empty())?;
        if let Some(result) = resource.inbound.peek(buf) {
            return result;
        }
        let result = if !takes_attempt(&mut self.selector, key, resource, Direction::Inward) {
            Err(ErrorKind::WouldBlock.into())
        } else if resource.kind == HandleKind::PipeReader {
            // No call looks into a pipe.
            let result = recv(resource, buf);
            if let Ok(len) = result {
                resource.inbound.push_front(&buf[..len]);
            }
            result
        } else {
            let result = polyloop_os::peek(resource.handle.as_os(), buf);
            note_read(resource, result)
        };
        self.end_recv(key, result)
    }

    pub(crate) fn try_peek_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        let resource = self.begin_recv(key, !buf.is_empty())?;
        if resource.kind != HandleKind::Datagram {
            return Err(ErrorKind::InvalidInput.into());
        }
        let result = polyloop_os::peek_from(resource.handle.as_os(), buf);
        note(resource, Direction::Inward, result)
    }

    pub(crate) fn try_recv_vectored(
        &mut self,
        key: Key,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Result<usize> {
        let whole = bufs.iter().map(|buf| buf.len()).sum();
        let resource = live_mut(&mut self.resources, key)?;
        begin_recv(resource, whole > 0)?;
        if resource.inbound.is_readable() {
            let first = bufs.iter_mut().find(|buf| !buf.is_empty());
            return self.try_recv(key, first.ok_or(ErrorKind::InvalidInput)?);
        }
        let result = if takes_attempt(&mut self.selector, key, resource, Direction::Inward) {
            recv_vectored(resource, bufs, whole)
        } else {
            Err(ErrorKind::WouldBlock.into())
        };
        self.end_recv(key, result)
    }

    pub(crate) fn try_send_handles(
        &mut self,
        key: Key,
        bufs: &[IoSlice<'_>],
        handles: &[File],
    ) -> Result<usize> {
        self.settle_soon(key)?;
        let resource = self.begin_send(key)?;
        let handle = resource.handle.as_os();
        if !polyloop_os::carries_handles(handle) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let result = polyloop_os::send_handles(handle, bufs, handles);
        note_sent(resource, result)
    }

    pub(crate) fn try_recv_handles(
        &mut self,
        key: Key,
        buf: &mut [u8],
        handles_max: usize,
    ) -> Result<ReceivedHandles> {
        let resource = self.begin_recv(key, !buf.is_empty())?;
        if !polyloop_os::carries_handles(resource.handle.as_os()) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if resource.subscription.is_some() {
            return Err(ErrorKind::Busy.into());
        }
        if let Some(result) = resource.inbound.read(buf) {
            return Ok(ReceivedHandles::new(result?, Vec::new(), false));
        }
        let result = polyloop_os::recv_handles(resource.handle.as_os(), buf, handles_max);
        note(resource, Direction::Inward, result)
    }

    pub(crate) fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        let resource = self.live_mut(key)?;
        let lingers = match &option {
            SocketOption::Linger(linger) => linger.is_some_and(|linger| !linger.is_zero()),
            _ => resource.lingers,
        };
        polyloop_os::set_option(resource.handle.as_os(), option)?;
        resource.lingers = lingers;
        Ok(())
    }

    /// Finds a resource to receive from, unless earlier receives wait; `fits` says whether the
    /// call itself makes sense.
    fn begin_recv(&mut self, key: Key, fits: bool) -> Result<&mut Resource> {
        let resource = self.live_mut(key)?;
        begin_recv(resource, fits)?;
        Ok(resource)
    }

    /// Finds a resource to send to, unless earlier sends wait.
    pub(crate) fn begin_send(&mut self, key: Key) -> Result<&mut Resource> {
        let resource = self.live_mut(key)?;
        begin_send(resource)?;
        Ok(resource)
    }

    /// Has a reader told again once it has met *would block*.
    fn end_recv<T>(&mut self, key: Key, result: Result<T>) -> Result<T> {
        match result {
            Err(error) if error.is_would_block() => Err(self.drained(key, error)),
            result => result,
        }
    }

    /// Has a reader told again that meets *would block*; gives that, or why it cannot be told.
    #[cold]
    fn drained(&mut self, key: Key, would_block: Error) -> Error {
        self.note_drained(key).err().unwrap_or(would_block)
    }
}

/// Checks that a resource may be received from, and that no earlier receive waits.
#[inline]
fn begin_recv(resource: &Resource, fits: bool) -> Result<()> {
    let receives =
        matches!(resource.kind, HandleKind::Stream | HandleKind::Datagram | HandleKind::PipeReader);
    if !fits || !receives {
        return Err(ErrorKind::InvalidInput.into());
    }
    if resource.is_taken(Direction::Inward) {
        return Err(ErrorKind::WouldBlock.into());
    }
    Ok(())
}

/// Receives from a socket that is watched, and has its reader told again if that would block.
///
/// It stands apart, as the next, so that who finds nothing to do before is done in a few instructions.
#[inline(never)]
fn recv_watched(resource: &mut Resource, buf: &mut [u8]) -> Result<usize> {
    match polyloop_os::recv_socket(resource.handle.as_os(), buf) {
        Ok(len) if len > 0 => {
            resource.inward.moved(len < buf.len() && resource.short_is_blocked);
            Ok(len)
        }
        first => recv_after(resource, first, buf).map_err(|error| resource.met(error)),
    }
}

/// As [`recv_watched`], into a chunk.
#[inline(never)]
fn recv_chunk_watched(resource: &mut Resource, pool: &mut Pool) -> Result<Option<Chunk>> {
    let mut chunk = pool.lease_anyway();
    let storage = chunk.storage_mut();
    let room = storage.len();
    match polyloop_os::recv_socket(resource.handle.as_os(), storage) {
        Ok(len) if len > 0 => {
            resource.inward.moved(len < room && resource.short_is_blocked);
            chunk.fill(len);
            Ok(Some(chunk))
        }
        first => recv_chunk_after(resource, first, chunk),
    }
}

#[cold]
fn recv_chunk_after(
    resource: &mut Resource,
    first: io::Result<usize>,
    chunk: Chunk,
) -> Result<Option<Chunk>> {
    let result = in_chunk(chunk, |buf| recv_after(resource, first, buf));
    result.map_err(|error| resource.met(error))
}

/// Receives into a chunk; nothing at the end.
fn in_chunk(
    mut chunk: Chunk,
    receive: impl FnOnce(&mut [u8]) -> Result<usize>,
) -> Result<Option<Chunk>> {
    let len = receive(chunk.storage_mut())?;
    chunk.fill(len);
    Ok((len > 0).then_some(chunk))
}

/// Sends once for a caller, unless earlier sends wait.
pub(crate) fn send_directly<S: Selector>(
    selector: &mut S,
    key: Key,
    resource: &mut Resource,
    bufs: &[IoSlice<'_>],
) -> Result<usize> {
    begin_send(resource)?;
    if resource.is_stream() && bufs.iter().all(|buf| buf.is_empty()) {
        return Ok(0);
    }
    if !takes_attempt(selector, key, resource, Direction::Outward) {
        return Err(ErrorKind::WouldBlock.into());
    }
    send(resource, bufs)
}

/// Checks that a resource may be sent to, and that no earlier send waits.
#[inline]
fn begin_send(resource: &Resource) -> Result<()> {
    if !matches!(resource.kind, HandleKind::Stream | HandleKind::Datagram | HandleKind::PipeWriter)
    {
        return Err(ErrorKind::InvalidInput.into());
    }
    if resource.is_taken(Direction::Outward) {
        return Err(ErrorKind::WouldBlock.into());
    }
    Ok(())
}

/// Tells whether to ask the kernel, on behalf of a caller that is waiting for nothing.
#[inline]
fn takes_attempt<S: Selector>(
    selector: &mut S,
    key: Key,
    resource: &mut Resource,
    direction: Direction,
) -> bool {
    resource.lane(direction).flow != Flow::Short || !blocks(selector, key, resource, direction)
}

/// Takes it that a transfer which came back short leaves nothing to do: the caller is told *would block*
/// once without asking, and an event tells what comes. Tells whether one will.
#[inline]
fn blocks<S: Selector>(
    selector: &mut S,
    key: Key,
    resource: &mut Resource,
    direction: Direction,
) -> bool {
    // What has come since the transfer is told of by the registration, as is what comes later.
    if resource.watch != Watch::Standing && !begins_to_watch(selector, key, resource) {
        return false;
    }
    resource.lane_mut(direction).flow = Flow::Blocked;
    true
}

#[cold]
fn begins_to_watch<S: Selector>(selector: &mut S, key: Key, resource: &mut Resource) -> bool {
    stand(selector, key, resource).is_ok()
}
