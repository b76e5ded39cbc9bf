use std::net::Shutdown;

use polyloop_core::{Buffer, Chunk, Error, ErrorKind, Key, Op, OpId, Output, Result};

use super::flaw::Flaw;
use super::lanes::Step;
use super::resource::{Body, Inflow, Stream};
use super::wire::SharedWire;
use super::world::World;
use crate::sys::errno;

/// How much of a send is offered to a wire at once.
const PIECE: usize = 64 * 1024;

impl World {
    /// Reads once from a stream: what was received ahead, then the wire; nothing if it waits.
    pub(super) fn read(&mut self, key: Key, buf: &mut [u8]) -> Result<Option<usize>> {
        let eof_first = self.flaw == Some(Flaw::EndBeforeBytes);
        let end_once = self.flaw == Some(Flaw::EndToldOnce);
        let reset_as_end = self.flaw == Some(Flaw::ResetAsEnd);
        let resource = self.resources.get_mut(key).ok_or(ErrorKind::StaleKey)?;
        if !matches!(resource.body, Body::Stream(_) | Body::PipeReader(_)) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let Some(inflow) = resource.inflow_mut() else {
            return Err(Error::from_errno(errno::NOT_CONNECTED));
        };
        if eof_first && inflow.wire.borrow().has_ended() {
            return Ok(Some(0));
        }
        let mut count = 0;
        while let Some(chunk) = inflow.ahead.front_mut() {
            let step = chunk.len().min(buf.len() - count);
            buf[count..count + step].copy_from_slice(&chunk[..step]);
            chunk.consume(step);
            count += step;
            if !chunk.is_empty() {
                break;
            }
            inflow.ahead.pop_front();
        }
        let mut result = if count > 0 { Ok(Some(count)) } else { inflow.read_wire(buf) };
        if end_once
            && matches!(result, Ok(Some(0)))
            && std::mem::replace(&mut inflow.told_end, true)
        {
            result = Ok(None);
        }
        if reset_as_end && result.is_err() {
            result = Ok(Some(0));
        }
        if matches!(result, Ok(None)) {
            inflow.told = false;
        } else {
            self.after_read(key);
        }
        result
    }

    /// Takes a chunk that was received ahead, or reads into a new one.
    pub(super) fn read_chunk(&mut self, key: Key) -> Result<Option<Option<Chunk>>> {
        let ahead = self.resources.get_mut(key).and_then(|found| found.inflow_mut());
        if let Some(chunk) = ahead.and_then(|inflow| inflow.ahead.pop_front()) {
            self.after_read(key);
            return Ok(Some(Some(chunk)));
        }
        let mut chunk = match self.pool.lease() {
            Some(chunk) => chunk,
            None if self.flaw == Some(Flaw::PoolStarves) => return Ok(None),
            None => Chunk::standalone(self.config.chunk_size),
        };
        match self.read(key, chunk.storage_mut())? {
            None => Ok(None),
            Some(0) => Ok(Some(None)),
            Some(count) => {
                chunk.fill(count);
                Ok(Some(Some(chunk)))
            }
        }
    }

    /// A read made room for the writer, and for receiving ahead.
    fn after_read(&mut self, key: Key) {
        if let Some(inflow) = self.resources.get_mut(key).and_then(|found| found.inflow_mut()) {
            inflow.told = inflow.is_readable();
            let writer = inflow.wire.borrow().writer;
            self.touched.extend(writer);
        }
        self.touch(key);
    }

    /// Puts bytes back to the front of a stream.
    pub(super) fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        let at_back = self.flaw == Some(Flaw::UnreadAtBack);
        let inflow = self.live_mut(key)?.inflow_mut().ok_or(ErrorKind::InvalidInput)?;
        if !bytes.is_empty() {
            let mut chunk = Chunk::standalone(bytes.len());
            chunk.storage_mut().copy_from_slice(bytes);
            chunk.fill(bytes.len());
            if at_back {
                inflow.ahead.push_back(chunk);
            } else {
                inflow.ahead.push_front(chunk);
            }
        }
        if self.flaw != Some(Flaw::UnreadUntold) {
            self.touch(key);
        }
        Ok(())
    }

    pub(super) fn step_recv(&mut self, key: Key, buffer: &mut Buffer) -> Step {
        if matches!(self.resources.get(key).map(|found| &found.body), Some(Body::Datagram(_))) {
            return match self.step_recv_from(key, buffer) {
                Step::Ended(Ok(_)) => Step::Ended(Ok(Output::Transferred(buffer.len()))),
                other => other,
            };
        }
        let start = if self.flaw == Some(Flaw::RecvBehindLength) { buffer.len() } else { 0 };
        match self.read(key, &mut buffer.storage_mut()[start..]) {
            Ok(None) => Step::Waits,
            Ok(Some(count)) => {
                buffer.set_len(start + count);
                Step::Ended(Ok(Output::Transferred(count)))
            }
            Err(error) => Step::Ended(Err(error)),
        }
    }

    /// Receives ahead within the bound, and tells when there newly is something to read.
    pub(super) fn step_recv_multi(&mut self, key: Key, id: OpId) -> Step {
        let bound = match self.flaw {
            Some(Flaw::AheadUnbounded) => usize::MAX,
            _ => self.config.unread_chunks_max,
        };
        let Some(inflow) = self.resources.get_mut(key).and_then(|found| found.inflow_mut()) else {
            return Step::Ended(Err(Error::from_errno(errno::NOT_CONNECTED)));
        };
        let mut moved = false;
        while inflow.ahead.len() < bound && inflow.wire.borrow().has_bytes() {
            let Some(mut chunk) = self.pool.lease() else { break };
            let read = inflow.wire.borrow_mut().read(chunk.storage_mut());
            chunk.fill(read.ok().flatten().expect("the wire has bytes"));
            inflow.ahead.push_back(chunk);
            moved = true;
        }
        let ended = inflow.wire.borrow().has_ended() || inflow.shut;
        let repeated = self.flaw == Some(Flaw::ReadableRepeated);
        let muted = self.flaw == Some(Flaw::ReadableOnce) && inflow.told_ever
            || self.flaw == Some(Flaw::ReadableLate) && !inflow.waited;
        inflow.waited |= !inflow.is_readable();
        let newly = inflow.is_readable() && (!inflow.told || repeated) && !muted;
        inflow.told_ever |= newly;
        inflow.told |= newly;
        let writer = inflow.wire.borrow().writer;
        if moved {
            self.touched.extend(writer);
        }
        if newly {
            self.tell(id, Output::Readable);
        }
        if ended && self.flaw == Some(Flaw::WatchEndsWithStream) {
            return Step::Ended(Ok(Output::Done));
        }
        Step::Waits
    }

    pub(super) fn step_send(&mut self, key: Key, id: OpId) -> Step {
        let resource = self.resources.get(key).expect("a lane's resource is there");
        if matches!(resource.body, Body::Datagram(_)) {
            let bytes =
                self.ops.get(id).map(|pending| pending.piece(0, usize::MAX)).unwrap_or_default();
            return Step::Ended(self.send_datagram(key, None, &bytes));
        }
        let sends_nothing = self.ops.get(id).is_some_and(|pending| pending.total() == 0);
        if sends_nothing {
            return Step::Ended(Ok(Output::Transferred(0)));
        }
        let Some(wire) = resource.outgoing().cloned() else {
            return Step::Ended(Err(Error::from_errno(errno::BROKEN_PIPE)));
        };
        let short = self.flaw == Some(Flaw::ShortSendReportedWhole);
        let pending = self.ops.get_mut(id).expect("an op in a lane is in flight");
        let total = pending.total();
        let before = pending.progress;
        while pending.progress < total {
            if !wire.borrow().is_writable() {
                break;
            }
            let piece = pending.piece(pending.progress, PIECE);
            match wire.borrow_mut().write(&piece) {
                Ok(Some(count)) => pending.progress += count,
                Ok(None) => break,
                Err(error) => {
                    let error = error.after_transferring(pending.progress);
                    if self.flaw == Some(Flaw::SentResetAsEnd)
                        && let Some(inflow) =
                            self.resources.get_mut(key).and_then(|it| it.inflow_mut())
                    {
                        inflow.wire.borrow_mut().forget_reset();
                    }
                    return Step::Ended(Err(error));
                }
            }
        }
        let whole = pending.progress == total;
        if pending.progress > before {
            self.touched.extend(wire.borrow().reader);
        }
        if whole || (short && self.ops.get(id).is_some_and(|pending| pending.progress > 0)) {
            return Step::Ended(Ok(Output::Transferred(total)));
        }
        Step::Waits
    }

    /// Loads what a send from a file sends, once, and sends it.
    pub(super) fn step_send_file(&mut self, key: Key, id: OpId) -> Step {
        let from_start = self.flaw == Some(Flaw::FileSentFromStart);
        let pending = self.ops.get_mut(id).expect("an op in a lane is in flight");
        if let (Op::SendFile { file, offset, len, .. }, None) = (&pending.op, &pending.loaded) {
            let Some(Body::File(file)) = self.resources.get(*file).map(|found| &found.body) else {
                return Step::Ended(Err(ErrorKind::StaleKey.into()));
            };
            let content = file.content.borrow();
            let offset = if from_start { 0 } else { *offset };
            let start = usize::try_from(offset).unwrap_or(usize::MAX).min(content.len());
            let end = start.saturating_add(*len).min(content.len());
            pending.loaded = Some(content[start..end].to_vec());
        }
        self.step_send(key, id)
    }

    /// Writes once without waiting.
    pub(super) fn try_send(&mut self, key: Key, bytes: &[u8]) -> Result<usize> {
        let resource = self.live(key)?;
        if self.outward_waits(resource) {
            return Err(ErrorKind::WouldBlock.into());
        }
        let overtakes = !resource.outward.is_empty();
        let wire: SharedWire = match &resource.body {
            Body::Datagram(_) => {
                self.send_datagram(key, None, bytes)?;
                self.settle();
                return Ok(bytes.len());
            }
            Body::Stream(_) | Body::PipeWriter(_) if bytes.is_empty() => return Ok(0),
            Body::Stream(Stream { link: None, .. }) => {
                return Err(Error::from_errno(errno::BROKEN_PIPE));
            }
            _ => resource.outgoing().ok_or(ErrorKind::InvalidInput)?.clone(),
        };
        if self.flaw == Some(Flaw::TrySendOvertakes) && overtakes {
            return Ok(wire.borrow_mut().force(bytes));
        }
        let written = wire.borrow_mut().write(bytes)?;
        self.touched.extend(wire.borrow().reader);
        self.settle();
        written.ok_or(ErrorKind::WouldBlock.into())
    }

    pub(super) fn shutdown(&mut self, key: Key, how: Shutdown) -> Result<Output> {
        let both = self.flaw == Some(Flaw::HalfCloseClosesBoth);
        let resource = self.resources.get_mut(key).ok_or(ErrorKind::StaleKey)?;
        let Body::Stream(Stream { link: Some(link), .. }) = &mut resource.body else {
            return Err(Error::from_errno(errno::NOT_CONNECTED));
        };
        if how != Shutdown::Write || both {
            link.inflow.shut = true;
        }
        if how != Shutdown::Read {
            link.outgoing.borrow_mut().end();
            let reader = link.outgoing.borrow().reader;
            self.touched.extend(reader);
        }
        self.touch(key);
        Ok(Output::Done)
    }
}

impl Inflow {
    fn read_wire(&mut self, buf: &mut [u8]) -> Result<Option<usize>> {
        match self.wire.borrow_mut().read(buf) {
            Ok(None) if self.shut => Ok(Some(0)),
            read => read,
        }
    }
}

impl super::world::Pending {
    /// Gives at most `max` bytes of what a send sends, from an offset on.
    pub(super) fn piece(&self, mut offset: usize, max: usize) -> Vec<u8> {
        if let Some(loaded) = &self.loaded {
            let rest = &loaded[offset..];
            return rest[..rest.len().min(max)].to_vec();
        }
        let buffers = match &self.op {
            Op::Send { buffer, .. } | Op::SendTo { buffer, .. } => std::slice::from_ref(buffer),
            Op::SendVectored { buffers, .. } => buffers.as_slice(),
            _ => &[],
        };
        let mut piece = Vec::new();
        for buffer in buffers {
            let skipped = offset.min(buffer.len());
            offset -= skipped;
            let rest = &buffer[skipped..];
            piece.extend_from_slice(&rest[..rest.len().min(max - piece.len())]);
        }
        piece
    }

    fn total(&self) -> usize {
        match &self.op {
            Op::SendFile { .. } => self.loaded.as_ref().map_or(0, Vec::len),
            Op::Send { buffer, .. } => buffer.len(),
            Op::SendVectored { buffers, .. } => buffers.iter().map(|buffer| buffer.len()).sum(),
            _ => 0,
        }
    }
}
