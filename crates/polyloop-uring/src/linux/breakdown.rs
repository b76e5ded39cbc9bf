use polyloop_core::{Completion, Error};

use crate::linux::UringLoop;
use crate::linux::kernel::SoonSends;
use crate::linux::record::Owner;

impl UringLoop {
    /// Ends every op because the kernel serves the ring no more. Later ops end with the same
    /// error; nothing else can be done without a ring.
    ///
    /// What the kernel may still use cannot be given back: such an op comes back without its
    /// buffers, which are leaked.
    pub(crate) fn break_down(&mut self, error: Error) {
        let errno = error.raw_os_error().unwrap_or(libc::EIO);
        for id in self.records.keys() {
            let Some(mut record) = self.records.remove(id) else { continue };
            let Owner::Caller(token, _) = record.owner else { continue };
            let error = refusal(errno).after_transferring(record.held.progress().transferred);
            let op = if record.held.is_in_kernel() {
                Some(record.held.abandon())
            } else {
                record.take_op(&mut self.kernel.spares)
            };
            let Some(op) = op else { continue };
            self.done.push_back(Completion::terminal(token, Err(error), op));
        }
        self.end_subscriptions(|| Err(refusal(errno)));
        // Dropping what the kernel may still use leaks it.
        self.kernel.sends = SoonSends::default();
        self.gathered.clear();
        self.resources = polyloop_core::Slab::new();
        self.ending = 0;
        self.pauses.clear();
        self.broken = Some(errno);
        self.user = self.process.nobody();
    }
}

/// Says that the kernel no longer serves the ring, and with which number.
pub(crate) fn refusal(errno: i32) -> Error {
    Error::from_errno(errno).attempting("io-uring: the kernel refuses the ring")
}
