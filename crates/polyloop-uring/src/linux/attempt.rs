use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::rc::Rc;

use polyloop_core::{
    Address, Chunk, ErrorKind, Key, OpKind, OsHandle, Output, ReceivedHandles, Result,
};
use polyloop_os::HandleKind;

use crate::linux::UringLoop;
use crate::linux::resource::{Receive, Resource, Side};

/// Where an attempt to read finds what it reads.
enum Source {
    /// It was received ahead.
    Ahead,
    /// It is with the kernel.
    Kernel,
}

impl UringLoop {
    pub(crate) fn attempt_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        if !buf.is_empty()
            && let Some(resource) = self.ahead(key)
        {
            if let Some(found) = resource.inbound.read(buf) {
                if resource.receive == Receive::Idle {
                    self.arm_if_caught_up(key);
                }
                return found;
            }
            if resource.would_block() {
                return would_block();
            }
        }
        self.find_bytes(key, buf)
    }

    /// The same where there is more to find out.
    #[cold]
    fn find_bytes(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        let source = self.source(key, OpKind::Recv, !buf.is_empty())?;
        let Some(resource) = self.resources.get_mut(key) else { return stale() };
        match source {
            Source::Ahead => {
                let result = resource.inbound.read(buf).unwrap_or_else(would_block);
                self.arm_if_caught_up(key);
                result
            }
            Source::Kernel => {
                let result = polyloop_os::recv(&resource.handle, buf);
                self.after_direct_read(key, result)
            }
        }
    }

    pub(crate) fn attempt_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        if let Some(resource) = self.ahead(key) {
            if let Some(chunk) = resource.inbound.pop_chunk() {
                return match resource.receive {
                    Receive::Idle => self.arm_and_give(key, chunk),
                    _ => Ok(Some(chunk)),
                };
            }
            if resource.would_block() {
                return would_block();
            }
        }
        self.find_chunk(key)
    }

    /// The same where there is more to find out.
    #[cold]
    fn find_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        let source = self.source(key, OpKind::RecvMulti, true)?;
        let Some(resource) = self.resources.get_mut(key) else { return stale() };
        if let Source::Ahead = source {
            let result = resource.inbound.pop().unwrap_or_else(would_block);
            self.arm_if_caught_up(key);
            return result;
        }
        let handle = resource.handle.clone();
        let mut chunk = self.pool.lease_anyway();
        let result = polyloop_os::recv(&handle, chunk.storage_mut());
        let len = self.after_direct_read(key, result)?;
        if len == 0 {
            return Ok(None);
        }
        chunk.fill(len);
        Ok(Some(chunk))
    }

    pub(crate) fn put_back(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        if !self.live(key)?.fits(OpKind::RecvMulti) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let Some(resource) = self.resources.get_mut(key).filter(|_| !bytes.is_empty()) else {
            return Ok(());
        };
        let was_readable = resource.inbound.is_readable();
        resource.inbound.push_front(bytes);
        let is_read = resource.active_subscription().is_some();
        let head = resource.lane(Side::Inward).head();
        if is_read {
            // Told anew, whatever was told before: who put it back may not be who reads on.
            resource.told = false;
            self.tell_readable(key, true);
        } else if let Some(head) = head {
            // A receive that waits has it, and in its order.
            match self.records.get(head) {
                Some(record) if record.held.is_in_kernel() => self.kernel.cancel(head),
                _ => self.advance(key, Side::Inward),
            }
        }
        if !was_readable {
            self.tell_polls(key);
        }
        Ok(())
    }

    pub(crate) fn attempt_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        let resource = self.live(key)?;
        if !resource.fits(OpKind::Send) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if !resource.is_free(Side::Outward) {
            return would_block();
        }
        if resource.is_stream() && bufs.iter().all(|buf| buf.is_empty()) {
            return Ok(0);
        }
        self.tell_failed_soon(key)?;
        let Some(resource) = self.resources.get(key) else { return stale() };
        let result = polyloop_os::send(&resource.handle, bufs);
        self.after_direct_send(key, result)
    }

    pub(crate) fn attempt_recv_vectored(
        &mut self,
        key: Key,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Result<usize> {
        let has_room = bufs.iter().any(|buf| !buf.is_empty());
        match self.source(key, OpKind::Recv, has_room)? {
            Source::Ahead => {
                let first = bufs.iter_mut().find(|buf| !buf.is_empty());
                self.attempt_recv(key, first.ok_or(ErrorKind::InvalidInput)?)
            }
            Source::Kernel => {
                let Some(resource) = self.resources.get(key) else { return stale() };
                let result = polyloop_os::recv_vectored(&resource.handle, bufs);
                self.after_direct_read(key, result)
            }
        }
    }

    pub(crate) fn attempt_peek(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        let source = self.source(key, OpKind::Recv, !buf.is_empty())?;
        let Some(resource) = self.resources.get_mut(key) else { return stale() };
        let result = match source {
            Source::Ahead => return resource.inbound.peek(buf).unwrap_or_else(would_block),
            Source::Kernel if resource.kind == HandleKind::PipeReader => {
                // No call looks into a pipe.
                let result = polyloop_os::recv(&resource.handle, buf);
                if let Ok(len) = result {
                    resource.inbound.push_front(&buf[..len]);
                }
                result
            }
            Source::Kernel => polyloop_os::peek(&resource.handle, buf),
        };
        self.after_direct_read(key, result)
    }

    pub(crate) fn attempt_peek_from(
        &mut self,
        key: Key,
        buf: &mut [u8],
    ) -> Result<(usize, Address)> {
        let handle = self.datagram_to_receive(key, buf)?;
        polyloop_os::peek_from(&handle, buf)
    }

    pub(crate) fn attempt_send_handles(
        &mut self,
        key: Key,
        bufs: &[IoSlice<'_>],
        handles: &[File],
    ) -> Result<usize> {
        let resource = self.live(key)?;
        if !polyloop_os::carries_handles(&resource.handle) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if !resource.is_free(Side::Outward) {
            return would_block();
        }
        self.tell_failed_soon(key)?;
        let Some(resource) = self.resources.get(key) else { return stale() };
        let result = polyloop_os::send_handles(&resource.handle, bufs, handles);
        self.after_direct_send(key, result)
    }

    pub(crate) fn attempt_recv_handles(
        &mut self,
        key: Key,
        buf: &mut [u8],
        handles_max: usize,
    ) -> Result<ReceivedHandles> {
        let resource = self.live(key)?;
        if !polyloop_os::carries_handles(&resource.handle) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if resource.subscription.is_some() {
            return Err(ErrorKind::Busy.into());
        }
        let source = self.source(key, OpKind::Recv, !buf.is_empty())?;
        let Some(resource) = self.resources.get_mut(key) else { return stale() };
        match source {
            Source::Ahead => {
                let len = resource.inbound.read(buf).unwrap_or_else(would_block)?;
                Ok(ReceivedHandles::new(len, Vec::new(), false))
            }
            Source::Kernel => polyloop_os::recv_handles(&resource.handle, buf, handles_max),
        }
    }

    pub(crate) fn attempt_recv_from(
        &mut self,
        key: Key,
        buf: &mut [u8],
    ) -> Result<(usize, Address)> {
        let handle = self.datagram_to_receive(key, buf)?;
        polyloop_os::recv_from(&handle, buf)
    }

    /// Finds the socket of which a datagram can be had, unless earlier receives wait.
    fn datagram_to_receive(&self, key: Key, buf: &[u8]) -> Result<Rc<OsHandle>> {
        let resource = self.live(key)?;
        if !resource.fits(OpKind::RecvFrom) || buf.is_empty() {
            return Err(ErrorKind::InvalidInput.into());
        }
        if !resource.lane(Side::Inward).is_empty() || self.has_undelivered_receive(key) {
            return would_block();
        }
        Ok(resource.handle.clone())
    }

    pub(crate) fn attempt_send_to(
        &mut self,
        key: Key,
        bufs: &[IoSlice<'_>],
        address: &Address,
    ) -> Result<usize> {
        let resource = self.live(key)?;
        if !resource.fits(OpKind::SendTo) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if !resource.is_free(Side::Outward) {
            return would_block();
        }
        polyloop_os::send_to(&resource.handle, bufs, address)
    }

    /// Finds a stream that is received ahead, where nothing else stands in the way of reading: what reads
    /// meet most often.
    #[inline]
    fn ahead(&mut self, key: Key) -> Option<&mut Resource> {
        if !self.user.is_surely_here() || !self.done.is_empty() {
            return None;
        }
        let resource = self.resources.get_mut(key)?;
        let is_ahead = resource.ending.is_empty() && resource.active_subscription().is_some();
        is_ahead.then_some(resource)
    }

    /// Finds where a read has to look, or that it would block. What it can be of is what takes ops
    /// of `kind`; `has_room` says whether it can take anything at all.
    fn source(&mut self, key: Key, kind: OpKind, has_room: bool) -> Result<Source> {
        let resource = self.live(key)?;
        if !resource.fits(kind) || !has_room {
            return Err(ErrorKind::InvalidInput.into());
        }
        let is_behind_another = !resource.lane(Side::Inward).is_empty();
        if is_behind_another || self.has_undelivered_receive(key) {
            return would_block();
        }
        if resource.inbound.is_readable() {
            return Ok(Source::Ahead);
        }
        if matches!(resource.receive, Receive::Armed | Receive::Stopping) {
            if let Some(resource) = self.resources.get_mut(key) {
                resource.told = false;
            }
            return would_block();
        }
        Ok(Source::Kernel)
    }

    /// Tells whether a receive has ended that nobody knows of yet: its bytes come first.
    #[inline]
    fn has_undelivered_receive(&self, key: Key) -> bool {
        // Nearly always everything has been delivered.
        !self.done.is_empty() && self.finds_receive(key)
    }

    #[cold]
    fn finds_receive(&self, key: Key) -> bool {
        self.done.iter().any(|completion| {
            let is_receive = matches!(
                completion.result,
                Ok(Output::Transferred(_) | Output::ReceivedFrom { .. })
            );
            let op = completion.op.as_ref();
            is_receive
                && op.is_some_and(|op| {
                    op.key() == Some(key) && Side::of(op.kind()) == Some(Side::Inward)
                })
        })
    }

    fn after_direct_read(&mut self, key: Key, result: Result<usize>) -> Result<usize> {
        if result.as_ref().is_err_and(|error| error.is_would_block()) {
            if let Some(resource) = self.resources.get_mut(key) {
                resource.told = false;
            }
            self.arm(key);
        }
        if let Ok(0) = result
            && let Some(resource) = self.resources.get_mut(key)
        {
            resource.meet_end()?;
        }
        result
    }

    fn after_direct_send(&mut self, key: Key, result: Result<usize>) -> Result<usize> {
        if let Err(error) = &result
            && let Some(resource) = self.resources.get_mut(key)
        {
            resource.note_failed_send(error);
        }
        result
    }

    #[cold]
    fn arm_and_give(&mut self, key: Key, chunk: Chunk) -> Result<Option<Chunk>> {
        self.arm_if_caught_up(key);
        Ok(Some(chunk))
    }

    /// Receives ahead again once the reader is half through.
    fn arm_if_caught_up(&mut self, key: Key) {
        let half = self.config.unread_chunks_max / 2;
        let is_due = self.resources.get(key).is_some_and(|resource| {
            resource.receive == Receive::Idle && resource.inbound.chunks() <= half
        });
        if is_due {
            self.arm(key);
        }
    }
}

impl Resource {
    /// Tells whether a read that has found nothing would block for certain, and notes that it has met
    /// that.
    #[inline]
    fn would_block(&mut self) -> bool {
        let is_armed = self.receive == Receive::Armed && !self.inbound.has_ended();
        if is_armed {
            self.told = false;
        }
        is_armed
    }
}

#[inline]
pub(crate) fn would_block<T>() -> Result<T> {
    Err(ErrorKind::WouldBlock.into())
}

pub(crate) fn stale<T>() -> Result<T> {
    Err(ErrorKind::StaleKey.into())
}
