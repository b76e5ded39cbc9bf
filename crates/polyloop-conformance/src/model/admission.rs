use polyloop_core::{Buffer, ErrorKind, Op, OpId, Result};

use super::flaw::Flaw;
use super::resource::Body;
use super::world::World;

impl World {
    /// Tells whether an op can be taken on: what it answers at once if not.
    pub(super) fn admit(&self, op: &Op) -> Result<()> {
        if self.closed && self.flaw != Some(Flaw::OpsAfterClose) {
            return Err(ErrorKind::LoopClosed.into());
        }
        let undelivered = self.ready.iter().filter(|done| !done.is_more()).count();
        if !self.is_always_taken(op)
            && self.flaw != Some(Flaw::OpsUnbounded)
            && self.ops.len() + undelivered >= self.config.ops_max
        {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        let Some(key) = op.key() else {
            return match op {
                Op::Extension { .. } => Err(ErrorKind::Unsupported.into()),
                _ if self.is_malformed(op) => Err(ErrorKind::InvalidInput.into()),
                _ => Ok(()),
            };
        };
        if matches!(op, Op::Detach { .. } | Op::AwaitExit { .. }) {
            return Err(ErrorKind::Unsupported.into());
        }
        if let Some(file) = op.second_key()
            && !matches!(self.live(file)?.body, Body::File(_))
        {
            self.live(key)?;
            return Err(ErrorKind::InvalidInput.into());
        }
        let resource = self.live(key)?;
        if !fits(op, &resource.body) || self.is_malformed(op) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let multishot = resource
            .inward
            .iter()
            .any(|id| self.ops.get(*id).is_some_and(|pending| pending.op.is_multishot()));
        let competes = matches!(
            op,
            Op::Recv { .. } | Op::RecvMulti { .. } | Op::Accept { .. } | Op::AcceptMulti { .. }
        );
        if multishot && competes && self.flaw != Some(Flaw::NeverBusy) {
            return Err(ErrorKind::Busy.into());
        }
        Ok(())
    }

    /// Tells whether an op is taken on also at the bound: what ends a resource, or a direction of
    /// it. There is one of each for a resource at most.
    fn is_always_taken(&self, op: &Op) -> bool {
        match op {
            Op::Close { .. } | Op::Detach { .. } => true,
            Op::Shutdown { key, .. } if self.flaw != Some(Flaw::ShutdownBounded) => {
                let is_shutdown = |id: &OpId| {
                    let queued = self.ops.get(*id);
                    queued.is_some_and(|queued| matches!(queued.op, Op::Shutdown { .. }))
                };
                self.resources.get(*key).is_some_and(|it| !it.outward.iter().any(is_shutdown))
            }
            _ => false,
        }
    }

    /// Tells whether an op is one that nothing can do.
    fn is_malformed(&self, op: &Op) -> bool {
        let is_too_far = |offset: &u64| i64::try_from(*offset).is_err();
        match op {
            Op::Recv { buffer, .. } | Op::RecvFrom { buffer, .. } => self.has_no_room(buffer),
            Op::ReadAt { buffer, offset, .. } => {
                self.has_no_room(buffer)
                    || is_too_far(offset) && self.flaw != Some(Flaw::OffsetWraps)
            }
            Op::WriteAt { offset, .. } => {
                is_too_far(offset) && self.flaw != Some(Flaw::OffsetWraps)
            }
            Op::Poll { interest, .. } | Op::PollMulti { interest, .. } => interest.is_none(),
            Op::ReadVectoredAt { buffers, offset, .. } => {
                buffers.iter().all(|buffer| self.has_no_room(buffer))
                    || is_too_far(offset) && self.flaw != Some(Flaw::OffsetWraps)
            }
            Op::WriteVectoredAt { offset, .. } => {
                is_too_far(offset) && self.flaw != Some(Flaw::OffsetWraps)
            }
            Op::Truncate { len, .. } => is_too_far(len),
            Op::SendFile { offset, len, .. } => {
                offset.checked_add(*len as u64).is_none_or(|end| is_too_far(&end))
            }
            op => {
                let mut paths = op.paths().into_iter().flatten();
                let has_nul = paths.any(|path| path.to_string_lossy().contains('\0'));
                has_nul && self.flaw != Some(Flaw::NulPathTaken)
            }
        }
    }

    fn has_no_room(&self, buffer: &Buffer) -> bool {
        buffer.capacity() == 0 && self.flaw != Some(Flaw::EmptyBufferTaken)
    }
}

fn fits(op: &Op, body: &Body) -> bool {
    use Body::{Datagram, File, Listener, PipeReader, PipeWriter, Stream};
    match op {
        Op::Accept { .. } | Op::AcceptMulti { .. } => matches!(body, Listener(_)),
        Op::Connect { .. } => matches!(body, Stream(_) | Datagram(_)),
        Op::Recv { .. } => matches!(body, Stream(_) | Datagram(_) | PipeReader(_)),
        Op::RecvMulti { .. } => matches!(body, Stream(_) | PipeReader(_)),
        Op::Send { .. } | Op::SendVectored { .. } => {
            matches!(body, Stream(_) | Datagram(_) | PipeWriter(_))
        }
        Op::SendFile { .. } => matches!(body, Stream(_) | PipeWriter(_)),
        Op::RecvFrom { .. } | Op::SendTo { .. } => matches!(body, Datagram(_)),
        Op::Shutdown { .. } => matches!(body, Stream(_)),
        Op::Poll { .. } | Op::PollMulti { .. } => !matches!(body, File(_)),
        Op::ReadAt { .. } | Op::WriteAt { .. } | Op::Sync { .. } => matches!(body, File(_)),
        Op::ReadVectoredAt { .. } | Op::WriteVectoredAt { .. } => matches!(body, File(_)),
        Op::Truncate { .. } | Op::Stat { .. } => matches!(body, File(_)),
        Op::Close { .. } => true,
        _ => false,
    }
}
