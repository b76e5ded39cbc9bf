use crate::{Address, Error, Interest, Key, Metadata, Op, OpId, OsHandle, Token};

/// What [`EventLoop::submit`](crate::EventLoop::submit) answers.
#[derive(Debug)]
#[must_use]
pub enum Submission {
    /// The op has ended: this is its terminal completion, and there is no other.
    Done(Completion),
    /// The op is in flight; its terminal completion comes out of a later turn.
    Queued(OpId),
}

/// One step of an op, or its end.
///
/// A terminal completion gives the op back, with all that it owned; a completion marked *more*
/// carries no op, because the op is still in flight.
///
/// It is `Send`, as ops are: what is not of a loop's thread can be made on another.
#[derive(Debug)]
#[non_exhaustive]
pub struct Completion {
    /// The caller's word for the submission.
    pub token: Token,
    /// What came of it.
    pub result: Result<Output, Error>,
    /// The op, given back; nothing while more is to come.
    pub op: Option<Op>,
}

/// What an op gave.
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// It is done, and there is nothing to tell.
    Done,
    /// A resource was made.
    Opened(Key),
    /// A pipe was made, or two sockets that are connected to each other.
    OpenedPair {
        /// The pipe's read end; of sockets the first.
        read: Key,
        /// The pipe's write end; of sockets the second.
        write: Key,
    },
    /// A connection was taken.
    Accepted(Key),
    /// That many bytes went through.
    Transferred(usize),
    /// A datagram came in; [`Output::received_from`] makes one.
    #[non_exhaustive]
    ReceivedFrom {
        /// How many bytes of it are in the buffer.
        len: usize,
        /// Who sent it.
        address: Address,
    },
    /// There is something to read.
    Readable,
    /// The resource is ready.
    Ready(Interest),
    /// How the process ended.
    Exited(crate::Exit),
    /// What is known of a file.
    Metadata(Box<Metadata>),
    /// The handle, given back.
    Detached(Box<Detached>),
    /// What an [`Op::Extension`] gave.
    Extension(Box<dyn std::any::Any + Send>),
}

/// What detaching gives back.
#[derive(Debug)]
#[non_exhaustive]
pub struct Detached {
    /// The operating system's handle, blocking or not as it was when it was attached.
    pub handle: OsHandle,
    /// What the loop had received ahead and nobody read: it comes before all that the handle
    /// still gives.
    pub unread: Vec<u8>,
    /// Connections that the loop had taken from a listener when it had no room for them, and gave
    /// to no accept: they come before those that the handle still gives.
    pub accepted: Vec<OsHandle>,
}

impl Output {
    /// Makes what a datagram's receive gave: how many bytes of it are in the buffer, and who sent
    /// it.
    pub const fn received_from(len: usize, address: Address) -> Output {
        Output::ReceivedFrom { len, address }
    }
}

impl Detached {
    /// Makes what detaching gives: the handle, and what had been received ahead.
    pub const fn new(handle: OsHandle, unread: Vec<u8>) -> Detached {
        Detached { handle, unread, accepted: Vec::new() }
    }
}

impl Completion {
    /// Makes the terminal completion of `op`.
    #[inline]
    pub const fn terminal(token: Token, result: Result<Output, Error>, op: Op) -> Completion {
        Completion { token, result, op: Some(op) }
    }

    /// Makes a completion of an op that goes on.
    #[inline]
    pub const fn more(token: Token, output: Output) -> Completion {
        Completion { token, result: Ok(output), op: None }
    }

    /// Tells whether the op goes on.
    #[inline]
    pub const fn is_more(&self) -> bool {
        self.op.is_none()
    }
}

/// What [`EventLoop::turn`](crate::EventLoop::turn) answers beside the batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Turned {
    /// The waker fired since the last turn, whether or not this one waited.
    pub woken: bool,
    /// More is ready that this turn did not deliver: turn again before waiting on anything.
    pub more: bool,
}

impl Turned {
    /// Makes an answer: whether the waker had fired, and whether more is ready.
    #[inline]
    pub const fn new(woken: bool, more: bool) -> Turned {
        Turned { woken, more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Batch;

    fn assert_send<T: Send>() {}

    #[test]
    fn what_crosses_the_boundary_may_cross_threads() {
        assert_send::<Op>();
        assert_send::<Completion>();
        assert_send::<Submission>();
        assert_send::<Batch>();
    }
}
