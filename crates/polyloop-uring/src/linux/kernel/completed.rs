use io_uring::cqueue;
use polyloop_core::{OpId, Result};

/// A completion as it is in the ring.
#[derive(Clone, Copy)]
pub(crate) struct Completed {
    pub(crate) id: OpId,
    /// A number, or an errno below zero.
    pub(crate) answer: i32,
    flags: u32,
}

impl Completed {
    #[inline]
    pub(super) fn of(entry: &cqueue::Entry) -> Completed {
        let id = OpId::from_bits(entry.user_data());
        Completed { id, answer: entry.result(), flags: entry.flags() }
    }

    /// Gives what the kernel answered: a number, or an errno.
    pub(crate) fn result(&self) -> Result<u32, i32> {
        match self.answer {
            number @ 0.. => Ok(number as u32),
            // ERESTARTSYS and its like never leave the kernel by system calls, but do by rings: the
            // opening of a FIFO ends so when it is cancelled (fs/pipe.c, seen on Linux 6.18).
            -516..=-512 => Err(libc::EINTR),
            errno => Err(-errno),
        }
    }

    /// Tells whether the entry goes on.
    #[inline]
    pub(crate) fn goes_on(&self) -> bool {
        cqueue::more(self.flags)
    }

    /// Gives the id of the provided buffer that was filled.
    #[inline]
    pub(super) fn buffer(&self) -> Option<u16> {
        cqueue::buffer_select(self.flags)
    }
}
