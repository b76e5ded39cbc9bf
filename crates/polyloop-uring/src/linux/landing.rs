use std::fs::File;

use polyloop_core::{
    Buffer, Error, ErrorKind, Interest, Key, Op, OpId, OpKind, OsHandle, Output, Result,
};

use polyloop_os::Blocking::Yes;
use polyloop_os::HandleKind;

use crate::linux::UringLoop;
use crate::linux::kernel::{Landed, Request};
use crate::linux::record::{Owner, Record};
use crate::linux::resource::{Resource, Side};
use crate::linux::submission::{Begun, is_unix_stream, serve, to_send};
use crate::linux::uring_loop::canceled;

/// What is next for an op whose entry has landed.
enum Next {
    Finish(Result<Output>),
    /// Go on with the rest of it.
    Continue,
    /// Wait until its handle is ready, then go on.
    AwaitReadiness,
    /// Begin it anew when its turn comes, which it is already.
    BeginAgain,
    /// Begin it anew after a pause: no readiness tells when the peer has room.
    Later,
}

impl UringLoop {
    /// Acts on a completion of the ring.
    pub(crate) fn land(&mut self, landed: Landed) {
        match (landed.owner, landed.key) {
            (Owner::Waker, _) => {
                self.bell_is_spent = true;
                if !landed.more {
                    self.watch_bell();
                }
            }
            (Owner::Stream, Some(key)) => self.receive_landed(key, landed),
            (Owner::HangUp, Some(key)) => self.hang_up_landed(key, &landed),
            (Owner::Caller(_, OpKind::Open), _) => self.open_landed(landed),
            (Owner::Caller(_, OpKind::Accept | OpKind::AcceptMulti), Some(key)) => {
                self.accept_landed(key, landed);
            }
            (Owner::Caller(_, OpKind::Poll | OpKind::PollMulti), Some(key)) => {
                self.poll_landed(key, landed);
            }
            (Owner::Caller(_, OpKind::AwaitExit), Some(key)) => self.exit_landed(key, landed),
            (Owner::Caller(_, OpKind::SendFile), Some(key)) => self.send_file_landed(key, landed),
            (Owner::Caller(_, kind), Some(key)) => self.transfer_landed(key, kind, landed),
            (Owner::Soon, Some(key)) => self.transfer_landed(key, OpKind::Send, landed),
            (Owner::Caller(..), None) => self.path_landed(landed),
            (Owner::Stream | Owner::HangUp | Owner::Soon, None) => {}
        }
    }

    fn open_landed(&mut self, landed: Landed) {
        let result = match (landed.descriptor, landed.result) {
            (Some(descriptor), _) => {
                self.adopt(OsHandle::File(File::from(descriptor))).map(Output::Opened)
            }
            (None, Err(errno)) => match self.after_path_error(landed.id, errno) {
                Some(error) => Err(error),
                None => return,
            },
            (None, Ok(_)) => Err(ErrorKind::Unsupported.into()),
        };
        self.finish(landed.id, result);
    }

    fn path_landed(&mut self, landed: Landed) {
        let result = match landed.result {
            Ok(_) => self.records.get_mut(landed.id).map_or(Ok(Output::Done), told_or_done),
            Err(errno) => match self.after_path_error(landed.id, errno) {
                Some(error) => Err(error),
                None => return,
            },
        };
        self.finish(landed.id, result);
    }

    /// Decides after a failure: nothing if the op was interrupted by something else than its cancel,
    /// and has begun anew.
    fn after_path_error(&mut self, id: OpId, errno: i32) -> Option<Error> {
        let is_canceled = self.records.get(id).is_none_or(|record| record.canceled);
        match errno {
            libc::ECANCELED => Some(canceled(0)),
            libc::EINTR if is_canceled => Some(canceled(0)),
            libc::EINTR => match self.start(None, id, Request::Op { transferred: 0 }) {
                Begun::Ended(result) => result.err(),
                Begun::AtWork => None,
            },
            errno => Some(self.path_error(id, errno)),
        }
    }

    fn path_error(&mut self, id: OpId, errno: i32) -> Error {
        let error = Error::from_errno(errno);
        let op = self.records.get_mut(id).map(|record| record.held.op_mut());
        match op.and_then(|op| op.attempt_on_paths()) {
            Some(what) => error.attempting(what),
            None => error,
        }
    }

    pub(crate) fn transfer_landed(&mut self, key: Key, kind: OpKind, landed: Landed) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        let Some(record) = self.records.get_mut(landed.id) else { return };
        let side = record.side.unwrap_or(Side::Unordered);
        let connects_unix = kind == OpKind::Connect && is_unix_stream(&resource.handle);
        if connects_unix && let Err(error) = polyloop_os::set_blocking(&resource.handle, Yes) {
            self.finish(landed.id, Err(error));
            return self.advance(key, side);
        }
        let next = if std::mem::take(&mut record.awaits_readiness) {
            if record.canceled {
                Next::Finish(Err(canceled(record.held.progress().transferred)))
            } else {
                Next::Continue
            }
        } else {
            let is_pipe = resource.kind == HandleKind::PipeWriter;
            match landed.result {
                Err(libc::EOPNOTSUPP | libc::EINVAL)
                    if is_pipe && self.kernel.refuse_pipe_flags() =>
                {
                    Next::Continue
                }
                Err(libc::EAGAIN) if connects_unix && !record.canceled => Next::Later,
                result => after_transfer(resource, record, kind, result),
            }
        };
        let transferred = record.held.progress().transferred;
        let begun = match next {
            Next::Finish(result) => Begun::Ended(result),
            Next::Continue => self.start(Some(key), landed.id, Request::Op { transferred }),
            Next::AwaitReadiness => {
                record.awaits_readiness = true;
                let interest =
                    if side == Side::Inward { Interest::READABLE } else { Interest::WRITABLE };
                self.start(Some(key), landed.id, Request::Poll { interest, multi: false })
            }
            Next::BeginAgain => Begun::AtWork,
            Next::Later => {
                let progress = record.held.progress_mut();
                let refusals = progress.refusals;
                progress.refusals += 1;
                self.pause_for_peer(key, refusals);
                Begun::AtWork
            }
        };
        if let Begun::Ended(result) = begun {
            self.finish(landed.id, result);
        }
        self.advance(key, side);
    }
}

fn after_transfer(
    resource: &mut Resource,
    record: &mut Record,
    kind: OpKind,
    result: Result<u32, i32>,
) -> Next {
    match result {
        Ok(count) => after_success(resource, record, kind, count as usize),
        Err(libc::ECANCELED | libc::EINTR | libc::EAGAIN) if record.canceled => {
            Next::Finish(Err(canceled(record.held.progress().transferred)))
        }
        // Asked to end by the loop itself, so that bytes that were put back come first.
        Err(libc::ECANCELED) if kind == OpKind::Recv => Next::BeginAgain,
        Err(libc::EINTR) => Next::Continue,
        Err(libc::EAGAIN) if is_to_unix(record.held.op_mut()) => Next::Later,
        // A datagram, which is sent without waiting, or somebody who shares the handle has made
        // it one that does not wait.
        Err(libc::EAGAIN) if record.side != Some(Side::Unordered) => Next::AwaitReadiness,
        Err(errno) => {
            let error = Error::from_errno(errno);
            if matches!(kind, OpKind::Send | OpKind::SendVectored) {
                resource.note_failed_send(&error);
            }
            let error = error.after_transferring(record.held.progress().transferred);
            Next::Finish(Err(match record.held.op_mut() {
                Op::Connect { address, .. } => {
                    error.attempting(format_args!("connect to {address}"))
                }
                _ => error,
            }))
        }
    }
}

/// Tells whether room with the receiver is what a send lacks.
fn is_to_unix(op: &Op) -> bool {
    matches!(op, Op::SendTo { address, .. } if address.as_unix().is_some())
}

/// Gives what the kernel told of a file, or that it is done.
fn told_or_done(record: &mut Record) -> Result<Output> {
    match record.held.op_mut() {
        Op::Stat { .. } | Op::StatPath { .. } => {
            let found = record.held.metadata().ok_or(ErrorKind::Unsupported)?;
            Ok(Output::Metadata(Box::new(found)))
        }
        _ => Ok(Output::Done),
    }
}

/// Spreads what was read over the buffers, the first ones filled first.
fn spread(buffers: &mut [Buffer], mut count: usize) {
    for buffer in buffers {
        let len = count.min(buffer.capacity());
        buffer.set_len(len);
        count -= len;
    }
}

fn after_success(resource: &mut Resource, record: &mut Record, kind: OpKind, count: usize) -> Next {
    let sender = if kind == OpKind::RecvFrom { record.held.sender() } else { None };
    let was_put_back = resource.inbound.is_readable();
    let output = match record.held.op_mut() {
        Op::Recv { buffer, .. } if was_put_back => {
            // What was put back meanwhile comes before what has come now.
            resource.append_inbound(&buffer.storage_mut()[..count]);
            return Next::Finish(serve(resource, record));
        }
        Op::RecvFrom { buffer, .. } => {
            buffer.set_len(count);
            match sender {
                Some(address) => Output::received_from(count, address),
                None => return Next::Finish(Err(ErrorKind::Unsupported.into())),
            }
        }
        Op::Recv { .. }
            if count == 0
                && let Err(reset) = resource.meet_end() =>
        {
            return Next::Finish(Err(reset));
        }
        Op::Recv { buffer, .. } | Op::ReadAt { buffer, .. } => {
            buffer.set_len(count);
            Output::Transferred(count)
        }
        op @ (Op::Send { .. } | Op::SendVectored { .. }) => {
            let whole = to_send(op);
            let progress = record.held.progress_mut();
            progress.transferred += count;
            let transferred = progress.transferred;
            if transferred >= whole {
                Output::Transferred(whole)
            } else if record.canceled {
                return Next::Finish(Err(canceled(transferred)));
            } else if count == 0 {
                return Next::AwaitReadiness;
            } else {
                return Next::Continue;
            }
        }
        Op::SendTo { .. } | Op::WriteAt { .. } | Op::WriteVectoredAt { .. } => {
            Output::Transferred(count)
        }
        Op::ReadVectoredAt { buffers, .. } => {
            spread(buffers, count);
            Output::Transferred(count)
        }
        _ => return Next::Finish(told_or_done(record)),
    };
    Next::Finish(Ok(output))
}
