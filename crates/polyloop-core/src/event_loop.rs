use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::sync::Arc;
use std::time::Duration;

use crate::{
    Address, Batch, Capabilities, Chunk, ErrorKind, Key, LoopWaker, Op, OpId, OptionName, OsHandle,
    ReceivedHandles, Rejected, Result, SocketOption, Submission, Time, Token, Turned,
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
    /// bound the op comes back as *resource exhausted* (but for [`Op::Close`] and [`Op::Detach`], which
    /// are always taken on), an unknown kind as *unsupported*, one of a closed loop as *loop closed*. Ops may be batched: nothing needs to reach the kernel
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

    /// Gives bytes to a stream to send with the next [`turn`](Self::turn) or
    /// [`prepare`](Self::prepare) at the latest. *(Clause 4.)*
    ///
    /// It is for who writes little and often: a loop that enters the kernel for many ops at once copies
    /// the bytes, and sends what was given to it until then together, in order with sends that are
    /// submitted afterwards. If that fails, the next attempt to send, send or shutdown that is
    /// submitted fails with its error. Closing sends it like any send before; a loop that is closed
    /// itself waits for it, up to [`LAST_SENDS_WAIT`](crate::limits::LAST_SENDS_WAIT). *Would block* as for [`try_send`](Self::try_send), and also where the loop
    /// would learn of a broken connection too late: submitting a send is the way then.
    ///
    /// The default, for loops with nothing to gain by it, is `try_send`.
    fn try_send_soon(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.try_send(key, bufs)
    }

    /// Receives one datagram without waiting. *(Clause 4.)*
    ///
    /// An empty `buf` is *invalid input*, and the datagram stays.
    fn try_recv_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)>;

    /// Sends one datagram without waiting, an empty one also. *(Clause 4.)*
    fn try_send_to(&mut self, key: Key, bufs: &[IoSlice<'_>], address: &Address) -> Result<usize>;

    /// Looks at what [`try_recv`](Self::try_recv) would give, without taking it. *(Clause 4.)*
    ///
    /// An error that is found may be gone with that, as if it had been read. The default takes and
    /// puts back, which suits streams; of a datagram socket it is *invalid input*.
    fn try_peek(&mut self, key: Key, buf: &mut [u8]) -> Result<usize> {
        // Invalid input for what is not a stream, before anything is taken of it.
        self.unread(key, &[])?;
        let len = self.try_recv(key, buf)?;
        self.unread(key, &buf[..len])?;
        Ok(len)
    }

    /// Looks at the datagram that [`try_recv_from`](Self::try_recv_from) would give, without
    /// taking it. *(Clause 4.)*
    ///
    /// The default is *unsupported*.
    fn try_peek_from(&mut self, key: Key, buf: &mut [u8]) -> Result<(usize, Address)> {
        let _ = (key, buf);
        Err(ErrorKind::Unsupported.into())
    }

    /// Reads once without waiting, as [`try_recv`](Self::try_recv), into several buffers in order.
    /// *(Clause 4.)*
    ///
    /// They may not all be filled although there is more. A connected datagram socket gives one
    /// datagram, spread over them. No room in any of them is *invalid input*. The default reads a
    /// stream into the first that has room.
    fn try_recv_vectored(&mut self, key: Key, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        let Some(first) = bufs.iter().position(|buf| !buf.is_empty()) else {
            return self.try_recv(key, &mut []);
        };
        let is_stream = self.unread(key, &[]).is_ok();
        if is_stream || bufs[first + 1..].iter().all(|buf| buf.is_empty()) {
            return self.try_recv(key, &mut bufs[first]);
        }
        let mut datagram = vec![0; bufs.iter().map(|buf| buf.len()).sum()];
        let len = self.try_recv(key, &mut datagram)?;
        let mut rest = &datagram[..len];
        for buf in bufs {
            let (here, behind) = rest.split_at(rest.len().min(buf.len()));
            buf[..here.len()].copy_from_slice(here);
            rest = behind;
        }
        Ok(len)
    }

    /// Sends once without waiting, as [`try_send`](Self::try_send), and handles with the first of
    /// the bytes. *(Clauses 4, 11.)*
    ///
    /// For a Unix socket, on which they are duplicated for the peer: the caller keeps its own. A
    /// stream needs at least one byte to send them with (else *invalid input*). If it succeeds, even in
    /// part, all handles are on their way. The default, and what a system without Unix sockets
    /// answers, is *unsupported*.
    fn try_send_handles(
        &mut self,
        key: Key,
        bufs: &[IoSlice<'_>],
        handles: &[File],
    ) -> Result<usize> {
        let _ = (key, bufs, handles);
        Err(ErrorKind::Unsupported.into())
    }

    /// Receives once without waiting, with at most `handles_max` handles. *(Clauses 4, 11.)*
    ///
    /// For a Unix socket. Handles come with the bytes that they were sent with, and only to who
    /// asks in this way: **any other receive of those bytes closes them**. So a stream that receives
    /// handles is not received ahead: while an [`Op::RecvMulti`] of it is active this
    /// is [`Busy`](ErrorKind::Busy), and its owner waits with [`Op::Poll`]. Bytes that
    /// were received ahead before, or put back, come first and without handles. The
    /// default, and what a system without Unix sockets answers, is *unsupported*.
    fn try_recv_handles(
        &mut self,
        key: Key,
        buf: &mut [u8],
        handles_max: usize,
    ) -> Result<ReceivedHandles> {
        let _ = (key, buf, handles_max);
        Err(ErrorKind::Unsupported.into())
    }

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
