use polyloop_core::{Buffer, ErrorKind, Op, Result};

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
        if self.flaw != Some(Flaw::OpsUnbounded)
            && self.ops.len() + undelivered >= self.config.ops_max
        {
            return Err(ErrorKind::ResourceExhausted.into());
        }
        let Some(key) = op.key() else {
            let known = matches!(op, Op::Open { .. });
            return if known { Ok(()) } else { Err(ErrorKind::Unsupported.into()) };
        };
        if matches!(op, Op::Detach { .. }) {
            return Err(ErrorKind::Unsupported.into());
        }
        let resource = self.live(key)?;
        if !fits(op, &resource.body)
            || (has_no_room(op) && self.flaw != Some(Flaw::EmptyBufferTaken))
        {
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
        Op::RecvFrom { .. } | Op::SendTo { .. } => matches!(body, Datagram(_)),
        Op::Shutdown { .. } => matches!(body, Stream(_)),
        Op::Poll { .. } | Op::PollMulti { .. } => !matches!(body, File(_)),
        Op::ReadAt { .. } | Op::WriteAt { .. } | Op::Sync { .. } => matches!(body, File(_)),
        Op::Close { .. } => true,
        _ => false,
    }
}

/// Tells whether an inward buffer has no capacity.
fn has_no_room(op: &Op) -> bool {
    let buffer: &Buffer = match op {
        Op::Recv { buffer, .. } | Op::RecvFrom { buffer, .. } | Op::ReadAt { buffer, .. } => buffer,
        _ => return false,
    };
    buffer.capacity() == 0
}
