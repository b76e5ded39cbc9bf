use crate::{Address, Error, Interest, Key, Metadata, Op, OpId, OsHandle, Token, limits};

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

/// Where a turn puts completions: bounded, owned by the caller, and used again each turn.
///
/// Between calls it holds at most `capacity` completions, in the order in which they came.
#[derive(Debug)]
pub struct Batch {
    completions: Vec<Completion>,
    capacity: usize,
}

impl Batch {
    /// Makes a batch of the standard size, [`limits::BATCH_COMPLETIONS_MAX`].
    pub fn new() -> Batch {
        Batch::with_capacity(limits::BATCH_COMPLETIONS_MAX)
    }

    /// Makes a batch for at most `capacity` completions.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero: no turn could ever deliver anything.
    pub fn with_capacity(capacity: usize) -> Batch {
        assert!(capacity > 0, "a batch holds at least one completion");
        Batch { completions: Vec::with_capacity(capacity), capacity }
    }

    /// Adds a completion; a full batch gives it back, to be delivered by the next turn.
    #[inline]
    pub fn push(&mut self, completion: Completion) -> Result<(), Completion> {
        if self.is_full() {
            return Err(completion);
        }
        self.completions.push(completion);
        Ok(())
    }

    /// Takes all completions out, in order. A completion is large, so the iterator lets look before taking.
    #[inline]
    pub fn drain(&mut self) -> std::vec::Drain<'_, Completion> {
        self.completions.drain(..)
    }

    /// Tells how many completions there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.completions.len()
    }

    /// Tells whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.completions.is_empty()
    }

    /// Tells whether another would not fit.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.completions.len() >= self.capacity
    }

    /// Tells how many more fit.
    #[inline]
    pub fn room(&self) -> usize {
        self.capacity - self.completions.len()
    }
}

impl Default for Batch {
    fn default() -> Self {
        Batch::new()
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

    fn assert_send<T: Send>() {}

    #[test]
    fn what_crosses_the_boundary_may_cross_threads() {
        assert_send::<Op>();
        assert_send::<Completion>();
        assert_send::<Submission>();
        assert_send::<Batch>();
    }
}
