use std::fs::File;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Duration;

use crate::{
    Address, Batch, Capabilities, Chunk, ErrorKind, Key, LoopConfig, LoopWaker, Op, OpId,
    OptionName, OsHandle, Rejected, Result, SocketOption, Submission, Time, Token, Turned,
};

/// A backend: one loop of one thread that does ops and tells when they are done.
///
/// The [contract](crate::contract) has sixteen clauses; each method names the ones that bind it.
/// The trait is object-safe and safe to implement: whatever an implementation does wrong, its
/// caller meets wrong answers, never undefined behaviour, because everything that crosses
/// the boundary is an initialised value that somebody owns.
///
/// # For callers
///
/// Submit ops, turn, and match the completions by their [`Token`]. Every op that was accepted
/// gives exactly one terminal completion, which gives the op back. Methods that take `&mut self`
/// do not call back into the caller: no waker, callback or destructor of the caller's runs
/// inside, except the destructors of what the caller itself gives up.
///
/// # For implementors
///
/// Provide at least the methods without a default. Complete what you do not know as
/// *unsupported*, giving the op back. Run `polyloop_conformance::suite!` on your factory: it
/// holds one case for each clause and situation.
pub trait EventLoop {
    /// Takes an op on. *(Clauses 2, 3, 5, 10, 14.)*
    ///
    /// Never blocks, never runs user code, and never fails: a failure is a completion. At a
    /// bound the op comes back as *resource exhausted*, an unknown kind as *unsupported*, one of
    /// a closed loop as *loop closed*. Ops may be batched: nothing needs to reach the kernel
    /// before the next [`turn`](Self::turn) or [`prepare`](Self::prepare).
    fn submit(&mut self, op: Op, token: Token) -> Submission;

    /// Asks for an op to end soon. *(Clause 6.)*
    ///
    /// Never fails and never blocks. The op's terminal completion comes out of a later turn: of
    /// kind *cancelled*, or its success if that won the race. A stale id does nothing. An op
    /// that cannot be cancelled, such as a disk read under way, ends in its own time.
    fn cancel(&mut self, id: OpId);

    /// Waits until something completes, the waker fires or the deadline is reached, and moves
    /// completions into `batch`. *(Clauses 5, 7, 16.)*
    ///
    /// With a deadline that is not in the future it does not wait. It may return early with
    /// nothing, but not again and again while idle. What does not fit the batch waits for the
    /// next turn, which [`Turned::more`] announces.
    ///
    /// It never fails: an error of the wait itself ends every op with that error. The loop stays
    /// open: what is submitted later is done as before, or, where the means to wait is lost for
    /// good (a ring that the kernel refuses), ends with the same error. With nothing to
    /// deliver such a turn does wait a moment, so that who turns on does not spin.
    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned;

    /// Reads the loop's clock. *(Clause 9.)*
    fn now(&self) -> Time;

    /// Gives a waker. *(Clause 8.)*
    fn waker(&self) -> LoopWaker;

    /// Tells what this loop can do, and by which route. *(Clause 10.)*
    fn capabilities(&self) -> &Capabilities;

    /// Reads once from a stream without waiting: zero is its end. *(Clause 4.)*
    ///
    /// What was received ahead comes first, in order. *Would block* if there is nothing, or
    /// while receives that were submitted earlier wait. A connected datagram socket gives one
    /// datagram. An empty `buf` is *invalid input*, whatever is there: zero would look like the
    /// end.
    fn try_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize>;

    /// Reads once from a stream without waiting, into a chunk of the loop's: `None` is its end.
    ///
    /// As [`try_recv`](Self::try_recv), without a copy where the loop received ahead. It does
    /// not fail for want of chunks. *Invalid input* for a datagram socket, whose empty datagrams
    /// are no end.
    fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>>;

    /// Puts bytes that were read from a stream back to its front. *(Clause 6.)*
    ///
    /// It is how a reader that gave up hands a late success back to the stream. If a multishot
    /// receive is active it tells *readable*. *Invalid input* for what is not a stream.
    fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()>;

    /// Sends once without waiting what the kernel takes. *(Clause 4.)*
    ///
    /// *Would block* if it takes nothing, or while sends that were submitted earlier wait. Nothing
    /// to send is zero bytes of a stream, and an empty datagram of a connected datagram socket.
    fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize>;

    /// Receives one datagram without waiting. *(Clause 4.)*
    ///
    /// An empty `buf` is *invalid input*, and the datagram stays.
    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)>;

    /// Sends one datagram without waiting, an empty one also. *(Clause 4.)*
    fn try_send_to(&mut self, key: Key, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize>;

    /// Gives the address that a socket is bound to. *(Clause 11.)*
    fn local_address(&self, key: Key) -> Result<Address>;

    /// Gives the address that a socket is connected to. *(Clause 11.)*
    ///
    /// Of an accepted connection a loop may remember it; otherwise the system is asked, and some no
    /// longer tell once the connection has failed.
    fn peer_address(&self, key: Key) -> Result<Address>;

    /// Sets an option of a socket. *(Clause 11.)*
    fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()>;

    /// Reads an option of a socket. *(Clause 11.)*
    fn option(&self, key: Key, name: OptionName) -> Result<SocketOption>;

    /// Takes an operating system's handle on. *(Clauses 11, 12.)*
    ///
    /// A refusal gives it back. [`Op::Detach`] is the way out again. The default refuses.
    fn attach(&mut self, handle: OsHandle) -> Result<Key, Rejected<OsHandle>> {
        Err(Rejected::new(ErrorKind::Unsupported.into(), handle))
    }

    /// Counts what the loop holds now. *(Clauses 6, 14, 15.)*
    fn census(&mut self) -> Census;

    /// Makes everything that was submitted reach the kernel, and what has completed already show
    /// at the guest descriptor. *(Clause 13.)*
    ///
    /// A host calls it before it waits. The default suits a loop that submits at once.
    fn prepare(&mut self) {}

    /// Gives the earliest deadline of the loop itself, such as the end of a pause in accepting.
    /// *(Clause 13.)*
    ///
    /// A host turns the loop no later than that; a turn with a later deadline heeds it without
    /// being told.
    fn next_deadline(&self) -> Time {
        Time::NEVER
    }

    /// Gives a descriptor that is readable, level-triggered, whenever a turn would do work.
    /// *(Clause 13.)*
    ///
    /// The loop makes it at the first call. A host polls it for reading and nothing else; it
    /// must not watch it edge-triggered, because it stays readable while more is ready. It may be
    /// readable once with nothing to do, but not again and again while idle. The
    /// type is the standard library's owner of any descriptor. The default has none.
    fn guest_descriptor(&mut self) -> Result<Arc<File>> {
        Err(ErrorKind::Unsupported.into())
    }

    /// Gives a wait that a helper thread can do on the loop's behalf. *(Clause 13.)*
    ///
    /// For hosts that cannot poll a descriptor. The default has none.
    fn guest_wait(&mut self) -> Result<Arc<dyn GuestWait>> {
        Err(ErrorKind::Unsupported.into())
    }

    /// Ends the loop: cancels everything, reaps within `grace`, and leaks what has not come
    /// back. *(Clause 15.)*
    ///
    /// No completion is delivered for what ends here. Every later op and call is *loop closed*, a
    /// turn delivers nothing and does not wait, and closing again does nothing. Dropping a loop closes it with
    /// [`limits::DROP_GRACE`](crate::limits::DROP_GRACE). In a forked child it does nothing.
    fn close(&mut self, grace: Duration) -> Closed;
}

/// What a loop holds, as [`EventLoop::census`] counts it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Census {
    /// Resources with a live key.
    pub resources: usize,
    /// Ops whose terminal completion has not been delivered, the loop's own not counted.
    pub ops: usize,
    /// Chunks of the pool that readers hold, or that wait for them.
    pub chunks: usize,
}

/// What became of the ops that were in flight when a loop was closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Closed {
    /// They ended within the grace time.
    pub reaped: usize,
    /// They did not: their memory and descriptors are leaked, because the kernel may still
    /// use them.
    pub leaked: usize,
}

/// A wait for a loop, done on a thread that is not the loop's.
///
/// It ends when a turn of the loop would do work. It never turns the loop itself: io_uring lets
/// only the ring's owner reap.
pub trait GuestWait: Send + Sync {
    /// Waits at most that long (`None`: without end); tells whether a turn would do work.
    ///
    /// The loop must be prepared, and is not turned meanwhile. Wake the loop to end the wait.
    fn wait(&self, timeout: Option<Duration>) -> Result<bool>;
}

/// Makes loops of one kind: for groups of loops, for choosing one at run time, and for the suite.
pub trait LoopFactory: Send + Sync {
    /// Gives the name of the kind, as users write it.
    fn name(&self) -> &str;

    /// Makes a loop on this thread.
    ///
    /// # Errors
    ///
    /// Of kind *refused*, saying which backend and why, if it cannot run here; of kind *invalid
    /// input* if [`LoopConfig::validate`] finds fault, which an implementor calls first; otherwise
    /// what the operating system answered, with nothing leaked.
    fn build(&self, config: &LoopConfig) -> Result<Box<dyn EventLoop>>;
}

/// A factory of a name and a function.
#[derive(Clone, Copy, Debug)]
pub struct FnFactory<F> {
    name: &'static str,
    build: F,
}

impl<F> FnFactory<F>
where
    F: Fn(&LoopConfig) -> Result<Box<dyn EventLoop>> + Send + Sync,
{
    /// Makes the factory.
    pub const fn new(name: &'static str, build: F) -> Self {
        FnFactory { name, build }
    }
}

impl<F> LoopFactory for FnFactory<F>
where
    F: Fn(&LoopConfig) -> Result<Box<dyn EventLoop>> + Send + Sync,
{
    fn name(&self) -> &str {
        self.name
    }

    fn build(&self, config: &LoopConfig) -> Result<Box<dyn EventLoop>> {
        (self.build)(config)
    }
}

impl Census {
    /// Makes a count.
    pub const fn new(resources: usize, ops: usize, chunks: usize) -> Census {
        Census { resources, ops, chunks }
    }
}

impl Closed {
    /// Makes an account.
    pub const fn new(reaped: usize, leaked: usize) -> Closed {
        Closed { reaped, leaked }
    }
}

/// A boxed loop is a loop.
impl<L: EventLoop + ?Sized> EventLoop for Box<L> {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        (**self).submit(op, token)
    }

    fn cancel(&mut self, id: OpId) {
        (**self).cancel(id);
    }

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        (**self).turn(deadline, batch)
    }

    fn now(&self) -> Time {
        (**self).now()
    }

    fn waker(&self) -> LoopWaker {
        (**self).waker()
    }

    fn capabilities(&self) -> &Capabilities {
        (**self).capabilities()
    }

    fn try_recv(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        (**self).try_recv(key, buf)
    }

    fn try_recv_chunk(&mut self, key: Key) -> Result<Option<Chunk>> {
        (**self).try_recv_chunk(key)
    }

    fn unread(&mut self, key: Key, bytes: &[u8]) -> Result<()> {
        (**self).unread(key, bytes)
    }

    fn try_send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        (**self).try_send(key, bufs)
    }

    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        (**self).try_recv_from(key, buf)
    }

    fn try_send_to(&mut self, key: Key, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize> {
        (**self).try_send_to(key, bufs, address)
    }

    fn local_address(&self, key: Key) -> Result<Address> {
        (**self).local_address(key)
    }

    fn peer_address(&self, key: Key) -> Result<Address> {
        (**self).peer_address(key)
    }

    fn set_option(&mut self, key: Key, option: SocketOption) -> Result<()> {
        (**self).set_option(key, option)
    }

    fn option(&self, key: Key, name: OptionName) -> Result<SocketOption> {
        (**self).option(key, name)
    }

    fn attach(&mut self, handle: OsHandle) -> Result<Key, Rejected<OsHandle>> {
        (**self).attach(handle)
    }

    fn census(&mut self) -> Census {
        (**self).census()
    }

    fn prepare(&mut self) {
        (**self).prepare();
    }

    fn next_deadline(&self) -> Time {
        (**self).next_deadline()
    }

    fn guest_descriptor(&mut self) -> Result<Arc<File>> {
        (**self).guest_descriptor()
    }

    fn guest_wait(&mut self) -> Result<Arc<dyn GuestWait>> {
        (**self).guest_wait()
    }

    fn close(&mut self, grace: Duration) -> Closed {
        (**self).close(grace)
    }
}
