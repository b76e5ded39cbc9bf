use std::cell::{Cell, OnceCell};
use std::fmt;
use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use polyloop_core::{
    Address, CloseMode, Detached, Error, ErrorKind, EventLoop, Interest, Key, Op, OpenSpec,
    OptionName, OsHandle, Output, Result, SocketOption,
};

use super::handing_on::HandsOn;
use super::other_end::OtherEnd;
use crate::engine::{self, Begun, Engine, LoopId, OnCompletion, WaitId};
use crate::op_future::{OpFuture, opened, wrong_answer};
use crate::task::{Awaited, awaited};
use crate::wakers::Wakers;

/// A resource of a loop that the frontend owns: a key and the loop, and the multishot op that tells of its readiness
/// once somebody has waited for it. Dropping it closes the resource, after what it was given to send. When its loop is
/// gone, it was closed with it.
pub struct Resource {
    /// It may be closed.
    engine: Weak<Engine>,
    key: Key,
    watch: Cell<Option<WaitId>>,
    pub(super) known: Cell<Known>,
    pub(super) rare: OnceCell<Box<Rare>>,
}

/// What is known of a resource, in a word.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) other_end: OtherEnd,
    /// Those of the constants below.
    pub(super) marks: u8,
    /// Of an [`OtherEnd::V4`].
    pub(super) peer: SocketAddrV4,
}

/// What few resources have; it stays with them then.
#[derive(Default)]
pub(super) struct Rare {
    /// What somebody waits for who has met *would block* otherwise than by reading.
    poll: Cell<Option<WaitId>>,
    /// Of an [`OtherEnd::Elsewhere`].
    pub(super) peer: Cell<Option<Address>>,
    /// What the connections of a listener come with.
    pub(super) hands_on: Cell<HandsOn>,
}

/// A mark: dropping the resource closes it, which it does until it was detached.
const OWNED: u8 = 1;

/// A mark: somebody has tried to read, or it was connected to a peer that has said nothing yet.
const WAS_READ: u8 = 2;

// A stream is no more than this, and a future that is given one has it twice: where it was given and
// where it is used.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Resource>() <= 40);

impl Resource {
    pub(crate) fn new(home: impl Into<Option<LoopId>>, key: Key) -> Resource {
        Resource::with(home, key, OtherEnd::Unknown)
    }

    fn of_pipe(home: impl Into<Option<LoopId>>, key: Key) -> Resource {
        Resource::with(home, key, OtherEnd::Pipe)
    }

    fn with(home: impl Into<Option<LoopId>>, key: Key, other_end: OtherEnd) -> Resource {
        let engine = home.into().and_then(engine::find);
        let engine = engine.as_ref().map(Rc::downgrade).unwrap_or_default();
        let peer = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        let known = Cell::new(Known { other_end, marks: OWNED, peer });
        Resource { engine, key, watch: Cell::new(None), known, rare: OnceCell::new() }
    }

    /// Takes a handle into the running loop.
    pub(crate) fn attach(handle: OsHandle) -> Result<Resource> {
        let engine = engine::current().ok_or_else(engine::not_running)?;
        let is_pipe = matches!(handle, OsHandle::PipeReader(_) | OsHandle::PipeWriter(_));
        let key = engine
            .with_driver(|driver| driver.attach(handle))
            .map_err(|rejected| rejected.error)?;
        let new = if is_pipe { Resource::of_pipe } else { Resource::new };
        Ok(new(engine.id, key))
    }

    /// Opens one in the running loop.
    pub(crate) async fn open(spec: OpenSpec) -> Result<Resource> {
        let home = engine::current().ok_or_else(engine::not_running)?.id;
        let key = opened(OpFuture::new(home, Op::Open { spec: Box::new(spec) }).await)?;
        Ok(Resource::new(home, key))
    }

    /// Opens two that belong together in the running loop.
    pub(crate) async fn open_pair(spec: OpenSpec) -> Result<(Resource, Resource)> {
        let home = engine::current().ok_or_else(engine::not_running)?.id;
        let new = if matches!(spec, OpenSpec::Pipe) { Resource::of_pipe } else { Resource::new };
        match OpFuture::new(home, Op::Open { spec: Box::new(spec) }).await.result? {
            Output::OpenedPair { read, write } => Ok((new(home, read), new(home, write))),
            other => Err(wrong_answer(&other)),
        }
    }

    /// Connects the socket.
    pub(crate) async fn connect(&self, address: Address) -> Result<()> {
        let connect = Op::Connect { key: self.key, address };
        let completion = OpFuture::new(self.home(), connect).await;
        completion.result?;
        self.set_mark(WAS_READ, true);
        if let Some(Op::Connect { address, .. }) = completion.op {
            self.note_peer(address);
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn key(&self) -> Key {
        self.key
    }

    #[inline]
    pub(crate) fn home(&self) -> Option<LoopId> {
        self.engine.upgrade().map(|engine| engine.id)
    }

    /// Gives the loop, if it still runs on this thread.
    #[inline]
    pub(crate) fn engine(&self) -> Result<Rc<Engine>> {
        let engine = self.engine.upgrade().filter(|engine| !engine.is_closed());
        engine.ok_or_else(engine::not_here)
    }

    /// Gives the multishot op that watches, if it has been begun.
    #[inline]
    pub(crate) fn watch(&self) -> Option<WaitId> {
        self.watch.get()
    }

    /// Begins to watch before a read that would likely block, where the loop receives ahead: the bytes then come with a
    /// turn, without a call of their own. The first read of an accepted connection tries: who connects mostly speaks
    /// first, and a connection that has one message to read needs no more.
    #[inline]
    pub(crate) fn receive_ahead(&self, engine: &Engine) {
        if engine.receives_ahead && self.watch.get().is_none() {
            self.begin_to_receive_ahead(engine);
        }
    }

    #[cold]
    fn begin_to_receive_ahead(&self, engine: &Engine) {
        // A failure shows again where the attempt, or waiting for what it lacks, fails.
        if self.set_mark(WAS_READ, true) && self.known.get().other_end != OtherEnd::Pipe {
            let _ = self.begin_watch(engine, |engine| engine.begin_readable(self.key));
        }
    }

    /// Has the watching op wake the task, beginning it with `begin` where it is not in flight.
    #[inline]
    pub(crate) fn poll_watch(
        &self,
        engine: &Engine,
        cx: &Context<'_>,
        begin: impl FnOnce(&Engine) -> Begun,
    ) -> Poll<Error> {
        if self.watch.get().is_some_and(|wait| engine.wake_again_on(wait, cx.waker())) {
            return Poll::Pending;
        }
        self.poll_new_watch(engine, cx, begin)
    }

    /// As [`poll_watch`](Self::poll_watch), where nobody waits yet, or another task.
    #[cold]
    fn poll_new_watch(
        &self,
        engine: &Engine,
        cx: &Context<'_>,
        begin: impl FnOnce(&Engine) -> Begun,
    ) -> Poll<Error> {
        match self.begin_watch(engine, begin) {
            Ok(wait) => {
                engine.wake_on(wait, cx.waker());
                Poll::Pending
            }
            Err(error) => Poll::Ready(error),
        }
    }

    /// Has the watching op call a handler, each time, beginning it where it is not in flight.
    pub(crate) fn watch_calling(
        &self,
        engine: &Engine,
        begin: impl FnOnce(&Engine) -> Begun,
        handler: Rc<dyn OnCompletion>,
    ) -> Result<()> {
        let wait = self.begin_watch(engine, begin)?;
        engine.call_on(wait, handler);
        Ok(())
    }

    /// Has the watching op wake everybody on a list, each time, beginning it where it is not in flight.
    pub(crate) fn watch_waking(
        &self,
        engine: &Engine,
        begin: impl FnOnce(&Engine) -> Begun,
        wakers: &Rc<Wakers>,
    ) -> Result<()> {
        let wait = self.begin_watch(engine, begin)?;
        engine.wake_all_on(wait, wakers);
        Ok(())
    }

    fn begin_watch(&self, engine: &Engine, begin: impl FnOnce(&Engine) -> Begun) -> Result<WaitId> {
        if let Some(wait) = self.watch.get().filter(|wait| engine.is_in_flight(*wait)) {
            return Ok(wait);
        }
        // Not the poll: who waits for room to write waits on.
        if let Some(ended) = self.watch.take() {
            engine.abandon(ended);
        }
        match begin(engine) {
            Begun::Waiting(wait) => {
                self.watch.set(Some(wait));
                Ok(wait)
            }
            Begun::Done(completion) => match completion.result {
                Ok(output) => Err(wrong_answer(&output)),
                Err(error) => Err(error),
            },
        }
    }

    /// Waits until the kernel has room for what is written; a write that would block may only
    /// then be tried again.
    pub(crate) fn poll_room(&self, engine: &Engine, cx: &Context<'_>) -> Poll<Result<()>> {
        let was_waiting = self.poll().is_some();
        let ready = self.poll_ready(engine, cx, Interest::WRITABLE);
        if matches!(ready, Poll::Ready(Ok(()))) && !was_waiting {
            // There is room, but a send that was given up is still in front: a turn ends it.
            cx.waker().wake_by_ref();
            awaited::note(Awaited::Turn);
            return Poll::Pending;
        }
        ready
    }

    /// Waits until a direction is ready. One wait at a time: of a stream, that for room.
    pub(crate) fn poll_ready(
        &self,
        engine: &Engine,
        cx: &Context<'_>,
        interest: Interest,
    ) -> Poll<Result<()>> {
        let wait = match self.poll() {
            Some(wait) => wait,
            None => match engine.begin(Op::Poll { key: self.key, interest }) {
                Begun::Waiting(wait) => {
                    self.rare().poll.set(Some(wait));
                    wait
                }
                Begun::Done(completion) => return Poll::Ready(completion.result.map(drop)),
            },
        };
        match engine.take_completion(wait, cx.waker()) {
            None => Poll::Pending,
            Some(completion) => {
                self.rare().poll.set(None);
                Poll::Ready(completion.result.map(drop))
            }
        }
    }

    /// Gives the address that the socket is bound to.
    pub(crate) fn local_address(&self) -> Result<Address> {
        self.engine()?.with_driver(|driver| driver.local_address(self.key))
    }

    /// Gives the address that the socket is connected to.
    pub(crate) fn peer_address(&self) -> Result<Address> {
        self.engine()?.with_driver(|driver| driver.peer_address(self.key))
    }

    pub(crate) fn set_option(&self, option: SocketOption) -> Result<()> {
        if option == SocketOption::Nodelay(false) {
            self.hand_on_nothing();
        }
        self.engine()?.with_driver(|driver| driver.set_option(self.key, option))
    }

    pub(crate) fn option(&self, name: OptionName) -> Result<SocketOption> {
        self.engine()?.with_driver(|driver| driver.option(self.key, name))
    }

    /// Takes the error that waits at the socket.
    pub(crate) fn take_error(&self) -> Result<Option<Error>> {
        match self.option(OptionName::Error)? {
            SocketOption::Error(errno) => Ok(errno.map(Error::from_errno)),
            other => Err(wrong_option(&other)),
        }
    }

    pub(crate) fn stop_watching(&self, engine: &Engine) {
        let poll = self.rare.get().and_then(|rare| rare.poll.take());
        for wait in [self.watch.take(), poll].into_iter().flatten() {
            engine.abandon(wait);
        }
    }

    /// Takes the handle out of the loop, after what was written has been sent.
    pub(crate) async fn detach(&self) -> Result<Detached> {
        self.stop_watching(&*self.engine()?);
        let mut detach = OpFuture::new(self.home(), Op::Detach { key: self.key });
        let completion = poll_fn(|cx| {
            let polled = Pin::new(&mut detach).poll(cx);
            // Until the op has begun, giving it up closes the resource as ever.
            if !detach.is_new() {
                self.disown();
            }
            polled
        });
        let completion = completion.await;
        match completion.result.inspect_err(|_| self.own_again())? {
            Output::Detached(detached) => Ok(*detached),
            other => Err(wrong_answer(&other)),
        }
    }

    /// Closes the resource, after what was written has been sent; closing it again does nothing.
    pub(crate) fn close(&self) {
        let Ok(engine) = self.engine() else { return };
        self.stop_watching(&engine);
        if self.set_owned(false) {
            engine.submit_and_forget(Op::Close { key: self.key, mode: CloseMode::Flush });
        }
    }

    /// Gives the resource up without closing it: its handle goes elsewhere.
    pub(crate) fn disown(&self) {
        self.set_owned(false);
    }

    /// Gives the resource to another holder; this one does not close it any more.
    pub(crate) fn take_over(&self) -> Resource {
        let other = Resource::new(self.home(), self.key);
        other.set_owned(self.set_owned(false));
        other
    }

    /// Takes the resource back after a detach that failed.
    fn own_again(&self) {
        self.set_owned(true);
    }

    /// Says whether dropping closes, and tells whether it did until now.
    fn set_owned(&self, owned: bool) -> bool {
        self.set_mark(OWNED, owned)
    }

    /// Sets a mark or takes it away, and tells whether it was set until now.
    fn set_mark(&self, mark: u8, on: bool) -> bool {
        let known = self.known.get();
        let marks = if on { known.marks | mark } else { known.marks & !mark };
        self.known.set(Known { marks, ..known });
        known.marks & mark != 0
    }

    fn poll(&self) -> Option<WaitId> {
        self.rare.get().and_then(|rare| rare.poll.get())
    }

    pub(super) fn rare(&self) -> &Rare {
        self.rare.get_or_init(Box::default)
    }
}

/// The error of a backend that answers with another option than it was asked for.
pub(crate) fn wrong_option(option: &SocketOption) -> Error {
    Error::new(ErrorKind::InvalidInput)
        .attempting(format_args!("understand a backend that answered {option:?}"))
}

impl Drop for Resource {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.engine.upgrade() {
            Some(engine) => write!(f, "{:?} of loop {}", self.key, engine.id.number()),
            None => write!(f, "{:?} of a loop that is gone", self.key),
        }
    }
}
