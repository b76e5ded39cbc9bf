//! Sending from a file: a piece is read into memory of the loop's, then sent, until all is.
//!
//! Splicing through a pipe costs as much time and more work of the kernel's threads, which every
//! splice of a ring goes to (docs/decisions/0011).

use polyloop_core::{Error, Interest, Key, Op, OpId, Output, Result, limits};
use polyloop_os::HandleKind;

use crate::linux::UringLoop;
use crate::linux::kernel::{Landed, Progress, Request};
use crate::linux::resource::Side;
use crate::linux::submission::Begun;
use crate::linux::uring_loop::canceled;

/// What is next for a send whose entry has landed.
enum Next {
    Finish(Result<Output>),
    /// Go on with what the piece still has, or read the next.
    Continue,
    /// Wait until the socket has room, then go on.
    AwaitRoom,
}

impl UringLoop {
    /// Begins, or goes on with, a send from a file.
    pub(crate) fn begin_send_file(&mut self, key: Key, id: OpId) -> Begun {
        let Some(record) = self.records.get_mut(id) else { return Begun::AtWork };
        let Progress { transferred, piece_sent: sent, .. } = record.held.progress();
        let has_piece = sent < record.held.piece_len();
        let Op::SendFile { file, offset, len, .. } = *record.held.op_mut() else {
            return Begun::AtWork;
        };
        if has_piece {
            return self.start(Some(key), id, Request::SendPiece { from: sent });
        }
        if transferred >= len {
            return Begun::Ended(Ok(Output::Transferred(transferred)));
        }
        let len = (len - transferred).min(limits::SEND_FILE_SLICE);
        let offset = offset + transferred as u64;
        record.held.fill_piece(0);
        record.held.progress_mut().piece_sent = 0;
        self.start(Some(file), id, Request::ReadPiece { offset, len })
    }

    pub(crate) fn send_file_landed(&mut self, key: Key, landed: Landed) {
        let begun = match self.after_piece(key, &landed) {
            Next::Finish(result) => Begun::Ended(result),
            Next::Continue => self.begin_send_file(key, landed.id),
            Next::AwaitRoom => {
                if let Some(record) = self.records.get_mut(landed.id) {
                    record.awaits_readiness = true;
                }
                let interest = Interest::WRITABLE;
                self.start(Some(key), landed.id, Request::Poll { interest, multi: false })
            }
        };
        if let Begun::Ended(result) = begun {
            self.finish(landed.id, result);
        }
        self.advance(key, Side::Outward);
    }

    /// Lets go of a file that was sent from, which may be what its close waits for.
    pub(crate) fn release_source(&mut self, file: Key) {
        if let Some(resource) = self.resources.get_mut(file) {
            resource.make_rare().senders -= 1;
            self.settle(file);
        }
    }

    fn after_piece(&mut self, key: Key, landed: &Landed) -> Next {
        let Some(record) = self.records.get_mut(landed.id) else { return Next::Continue };
        let is_pipe = self.resources.get(key).is_some_and(|it| it.kind == HandleKind::PipeWriter);
        let was_sending = record.held.progress().piece_sent < record.held.piece_len();
        let waited = std::mem::take(&mut record.awaits_readiness);
        match landed.result {
            Ok(_) if waited => {}
            Ok(0) if !was_sending => {
                // The file has ended.
                return Next::Finish(Ok(Output::Transferred(record.held.progress().transferred)));
            }
            Ok(0) => return Next::AwaitRoom,
            Ok(count) if was_sending => {
                record.held.progress_mut().piece_sent += count as usize;
                record.held.progress_mut().transferred += count as usize;
            }
            Ok(count) => record.held.fill_piece(count as usize),
            Err(libc::ECANCELED | libc::EINTR | libc::EAGAIN) if record.canceled => {}
            Err(libc::EINTR) => {}
            Err(libc::EAGAIN) if was_sending => return Next::AwaitRoom,
            Err(libc::EOPNOTSUPP | libc::EINVAL)
                if was_sending && is_pipe && self.kernel.refuse_pipe_flags() => {}
            Err(errno) => {
                let error = Error::from_errno(errno);
                if let Some(resource) = self.resources.get_mut(key).filter(|_| was_sending) {
                    resource.note_failed_send(&error);
                }
                let error = error.attempting("send a file");
                return Next::Finish(Err(
                    error.after_transferring(record.held.progress().transferred)
                ));
            }
        }
        let transferred = record.held.progress().transferred;
        match record.held.op_mut() {
            // One that was whole before the cancel arrived is a success.
            Op::SendFile { len, .. } if record.canceled && transferred < *len => {
                Next::Finish(Err(canceled(transferred)))
            }
            _ => Next::Continue,
        }
    }
}
