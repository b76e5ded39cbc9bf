use polyloop_core::{Error, ErrorKind, Interest, Key, OpId, Output};

use crate::linux::UringLoop;
use crate::linux::kernel::{Landed, Request};
use crate::linux::submission::Begun;
use crate::linux::uring_loop::canceled;

impl UringLoop {
    /// Asks for the exit itself where the kernel knows how (Linux 6.7), and else waits until the
    /// descriptor of the process is readable.
    pub(crate) fn begin_exit(&mut self, key: Key, id: OpId) -> Begun {
        if self.routes.await_exit {
            return self.start(Some(key), id, Request::Op { transferred: 0 });
        }
        if let Some(record) = self.records.get_mut(id) {
            record.awaits_readiness = true;
        }
        self.start(Some(key), id, Request::Poll { interest: Interest::READABLE, multi: false })
    }

    pub(crate) fn exit_landed(&mut self, key: Key, landed: Landed) {
        let id = landed.id;
        let Some(record) = self.records.get_mut(id) else { return };
        let was_poll = std::mem::take(&mut record.awaits_readiness);
        let ended = match landed.result {
            Err(libc::ECANCELED | libc::EINTR) if record.canceled => Some(Err(canceled(0))),
            Err(libc::ECANCELED | libc::EINTR) => None,
            Err(errno) => Some(Err(Error::from_errno(errno).attempting("wait for a process"))),
            Ok(_) if !was_poll => {
                let exit = record.held.exit();
                Some(exit.map(Output::Exited).ok_or(ErrorKind::Unsupported.into()))
            }
            // Nothing is lost by that: the process has not been waited for.
            Ok(_) if record.canceled => Some(Err(canceled(0))),
            Ok(_) => match self.resources.get(key).map(|it| polyloop_os::exit_now(&it.handle)) {
                Some(Err(error)) if error.is_would_block() => None,
                Some(result) => Some(result.map(Output::Exited)),
                None => Some(Err(ErrorKind::StaleKey.into())),
            },
        };
        let begun = match ended {
            Some(result) => Begun::Ended(result),
            None => self.begin_exit(key, id),
        };
        if let Begun::Ended(result) = begun {
            self.finish(id, result);
        }
        self.settle(key);
    }
}
