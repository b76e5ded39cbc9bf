use polyloop_core::{Op, OpKind};
use polyloop_os::HandleKind;

use crate::resource::Direction;

/// Tells whether an op can be done with a resource of a kind at all.
pub(crate) fn fits(op: &Op, kind: HandleKind) -> bool {
    use HandleKind::{Datagram, Descriptor, File, Listener, PipeReader, PipeWriter, Stream};

    match op {
        Op::Accept { .. } | Op::AcceptMulti { .. } => kind == Listener,
        Op::Connect { .. } => matches!(kind, Stream | Datagram),
        Op::Recv { .. } => matches!(kind, Stream | Datagram | PipeReader),
        Op::RecvMulti { .. } => matches!(kind, Stream | PipeReader),
        Op::Send { .. } | Op::SendVectored { .. } => matches!(kind, Stream | Datagram | PipeWriter),
        Op::SendFile { .. } => matches!(kind, Stream | PipeWriter),
        Op::RecvFrom { .. } | Op::SendTo { .. } => kind == Datagram,
        Op::Poll { .. } | Op::PollMulti { .. } => kind != File,
        Op::Shutdown { .. } => kind == Stream,
        Op::ReadAt { .. } | Op::WriteAt { .. } | Op::Sync { .. } => kind == File,
        Op::AwaitExit { .. } => kind == Descriptor,
        Op::ReadVectoredAt { .. } | Op::WriteVectoredAt { .. } => kind == File,
        Op::Truncate { .. } | Op::Stat { .. } => kind == File,
        _ => true,
    }
}

/// Gives the direction whose order an op of a kind keeps, if it keeps one.
pub(crate) fn direction(kind: OpKind) -> Option<Direction> {
    match kind {
        OpKind::Accept | OpKind::Recv | OpKind::RecvFrom => Some(Direction::Inward),
        OpKind::Connect
        | OpKind::Send
        | OpKind::SendVectored
        | OpKind::SendFile
        | OpKind::SendTo
        | OpKind::Shutdown => Some(Direction::Outward),
        _ => None,
    }
}
