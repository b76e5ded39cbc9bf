//! Accepting, once and multishot.
//!
//! Out of descriptors, memory or room in the loop, accepting pauses: the backlog keeps the
//! connections, and the end of the pause begins the op anew. Connections that the kernel had taken
//! before it knew are stashed with their listener: the next accept has them, or who detaches it.

use std::os::fd::OwnedFd;

use polyloop_core::{Error, ErrorKind, Key, OpId, OpKind, OsHandle, Output, Result, Route};

use crate::linux::UringLoop;
use crate::linux::kernel::{Landed, Request};
use crate::linux::resource::Side;
use crate::linux::submission::Begun;
use crate::linux::uring_loop::canceled;

impl UringLoop {
    pub(crate) fn begin_accept(&mut self, key: Key, id: OpId, kind: OpKind) -> Begun {
        while let Some(stream) = self.unstash(key) {
            match self.adopt_accepted(key, stream) {
                Ok(accepted) if kind == OpKind::AcceptMulti => {
                    self.tell_more(id, Output::Accepted(accepted));
                }
                result => return Begun::Ended(result.map(Output::Accepted)),
            }
        }
        if !self.has_room(1) {
            self.pause_accepting(key);
        }
        if self.is_paused(key, Side::Inward) {
            return Begun::AtWork;
        }
        let multi = kind == OpKind::AcceptMulti && self.routes.accept_multi;
        self.start(Some(key), id, Request::Accept { multi })
    }

    pub(crate) fn accept_landed(&mut self, key: Key, landed: Landed) {
        let id = landed.id;
        let Some(record) = self.records.get(id) else { return };
        let (is_canceled, is_multi) = (record.canceled, record.kind() == Some(OpKind::AcceptMulti));
        let mut ended = None;
        match (landed.descriptor, landed.result) {
            (Some(stream), _) if self.has_room(1) => match self.adopt_accepted(key, stream) {
                Ok(accepted) if is_multi => self.tell_more(id, Output::Accepted(accepted)),
                result => ended = Some(result.map(Output::Accepted)),
            },
            (Some(stream), _) => {
                self.stash(key, stream);
                if landed.more {
                    self.kernel.cancel(id);
                }
            }
            (None, Err(errno)) => ended = self.after_accept_error(key, errno, is_multi),
            (None, Ok(_)) => {}
        }
        if landed.more {
            return;
        }
        match ended {
            Some(result) => self.finish(id, result),
            None if is_canceled => self.finish(id, Err(canceled(0))),
            None => {}
        }
        self.advance(key, Side::Inward);
    }

    /// Decides after a failure: nothing if accepting goes on.
    fn after_accept_error(
        &mut self,
        key: Key,
        errno: i32,
        is_multi: bool,
    ) -> Option<Result<Output>> {
        let error = Error::from_errno(errno);
        match errno {
            libc::ECANCELED | libc::EINTR | libc::EAGAIN => None,
            libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM => {
                self.pause_accepting(key);
                None
            }
            libc::EINVAL if is_multi && self.routes.accept_multi && !self.routes.is_modern => {
                self.routes.accept_multi = false;
                self.capabilities.set_route(OpKind::AcceptMulti, Route::Emulated);
                None
            }
            _ if polyloop_os::is_transient_accept_error(&error) => None,
            _ => Some(Err(error)),
        }
    }

    fn stash(&mut self, key: Key, stream: OwnedFd) {
        self.pause_accepting(key);
        if let Some(resource) = self.resources.get_mut(key) {
            resource.make_rare().stash.push_back(stream);
        }
    }

    fn unstash(&mut self, key: Key) -> Option<OwnedFd> {
        if !self.has_room(1) {
            return None;
        }
        self.resources.get_mut(key)?.rare_mut()?.stash.pop_front()
    }

    fn adopt_accepted(&mut self, listener: Key, stream: OwnedFd) -> Result<Key> {
        let listener = self.resources.get(listener).ok_or(ErrorKind::StaleKey)?;
        let handle = accepted(&listener.handle, stream);
        self.adopt(handle)
    }
}

/// Makes the handle of a connection that a listener gave.
pub(crate) fn accepted(listener: &OsHandle, stream: OwnedFd) -> OsHandle {
    match listener {
        OsHandle::UnixListener(_) => OsHandle::UnixStream(stream.into()),
        _ => OsHandle::TcpStream(stream.into()),
    }
}
