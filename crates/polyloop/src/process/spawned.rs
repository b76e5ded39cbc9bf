use std::cell::RefCell;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::process::Child;
use std::rc::Rc;
use std::task::{Context, Poll};

use polyloop_core::{Error, ErrorKind, Exit, Result};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use crate::callback::Callback;
use crate::engine::{self, Engine, LoopId, Ready};
use crate::exception::guard_here;
use crate::signal::SignalKind;
use crate::sys::pidfd;
use crate::task::{Awaited, awaited};
use crate::wakers::{Waiter, Wakers};

/// A process that a loop has started: the loop's table has it until it has ended, and so does its
/// [`Process`](super::Process).
///
/// Only this loop's thread, or the kernel on its behalf, waits for the process; while `ended` is
/// not set the number is the process's, or there is a descriptor to name it by.
pub(super) struct Spawned {
    home: LoopId,
    pid: Pid,
    program: String,
    /// To send signals by, and to wait by when the loop is gone.
    descriptor: RefCell<Option<OwnedFd>>,
    /// Not there once somebody else waits for it.
    child: RefCell<Option<Child>>,
    kills: bool,
    ended: RefCell<Option<Result<Exit>>>,
    wakers: Wakers,
    /// What the loop calls when it has ended; gone then.
    at_end: RefCell<Option<Rc<dyn Callback>>>,
}

impl Spawned {
    pub(super) fn new(
        home: LoopId,
        child: Child,
        descriptor: Option<OwnedFd>,
        program: String,
        kills: bool,
    ) -> Spawned {
        Spawned {
            home,
            pid: Pid::from_child(&child),
            program,
            descriptor: RefCell::new(descriptor),
            child: RefCell::new(Some(child)),
            kills,
            ended: RefCell::default(),
            wakers: Wakers::default(),
            at_end: RefCell::default(),
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().cast_unsigned()
    }

    /// Tells whether the process is killed when nobody is interested in it any more.
    pub(super) fn kills(&self) -> bool {
        self.kills
    }

    /// Gives how it ended, if it has.
    pub(super) fn exit(&self) -> Option<Exit> {
        self.ended.borrow().as_ref().and_then(|ended| ended.as_ref().ok().copied())
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.borrow().is_some()
    }

    /// Gives who waits for its end a place to do so.
    pub(super) fn waiter(&self) -> Waiter<'_> {
        self.wakers.waiter()
    }

    pub(super) fn poll_ended(
        &self,
        cx: &mut Context<'_>,
        waiter: &Waiter<'_>,
    ) -> Poll<Result<Exit>> {
        if let Some(ended) = &*self.ended.borrow() {
            return Poll::Ready(ended.clone());
        }
        if engine::find(self.home).is_none() {
            return Poll::Ready(Err(self.learning(engine::not_here())));
        }
        waiter.add(cx.waker());
        awaited::note(Awaited::Process(self.pid()));
        Poll::Pending
    }

    /// Gives the loop that waits for it, if it still runs on this thread.
    pub(super) fn engine(&self) -> Result<Rc<Engine>> {
        engine::find(self.home).ok_or_else(engine::not_here)
    }

    /// Has something called when it has ended, which may be now.
    pub(super) fn call_at_end(&self, callback: Rc<dyn Callback>) {
        if !self.has_ended() {
            drop(self.at_end.replace(Some(callback)));
        } else if let Ok(engine) = self.engine() {
            engine.push_ready(Ready::Callback(callback));
        }
    }

    /// Notes how it ended, and tells who waits.
    pub(super) fn end(&self, ended: Result<Exit>) {
        let ended = ended.map_err(|error| self.learning(error));
        self.ended.replace(Some(ended));
        drop(self.descriptor.take());
        drop(self.child.take());
        self.wakers.wake_all();
        let at_end = self.at_end.take();
        if let (Some(callback), Ok(engine)) = (at_end, self.engine()) {
            engine.push_ready(Ready::Callback(callback));
        }
    }

    /// Asks the system, by the number, whether it has ended; only for processes that nobody else
    /// waits for.
    pub(super) fn look(&self) -> Option<Result<Exit>> {
        let status = self.child.borrow_mut().as_mut()?.try_wait();
        match status {
            Ok(None) => None,
            Ok(Some(status)) => Some(Ok(super::exits::exit_of(status))),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// Drops what was to be called when it has ended: the loop is being closed.
    pub(super) fn forget_at_end(&self) {
        let at_end = self.at_end.take();
        guard_here(|| drop(at_end));
    }

    /// Gives the process up to somebody else.
    pub(super) fn release(&self) -> Option<(Child, Option<OwnedFd>)> {
        let child = self.child.take()?;
        Some((child, self.descriptor.take()))
    }

    pub(super) fn send(&self, kind: SignalKind) -> Result<()> {
        self.signal(kind).map_err(|error| self.explain(kind, error))
    }

    /// Sends a signal to the process group that has the process's number.
    pub(super) fn send_to_group(&self, kind: SignalKind) -> Result<()> {
        let sent = self.check_here().and_then(|()| {
            let signal = named(kind)?;
            Ok(rustix::process::kill_process_group(self.pid, signal).map_err(io::Error::from)?)
        });
        sent.map_err(|error| self.explain(kind, error))
    }

    fn signal(&self, kind: SignalKind) -> Result<()> {
        self.check_here()?;
        let signal = named(kind)?;
        match &*self.descriptor.borrow() {
            Some(descriptor) => Ok(pidfd::send(descriptor, signal)?),
            None => Ok(rustix::process::kill_process(self.pid, signal).map_err(io::Error::from)?),
        }
    }

    /// Fails once it has ended, or is somebody else's to wait for: its number may be another's.
    fn check_here(&self) -> Result<()> {
        if self.has_ended() || self.child.borrow().is_none() {
            return Err(Error::from_errno(Errno::SRCH.raw_os_error()));
        }
        Ok(())
    }

    fn explain(&self, kind: SignalKind, error: Error) -> Error {
        error.attempting(format_args!("send {kind} to {}", self.name()))
    }

    /// Names the process in words.
    pub(super) fn name(&self) -> impl fmt::Display {
        fmt::from_fn(|f| write!(f, "process {} ({})", self.pid, self.program))
    }

    fn learning(&self, error: Error) -> Error {
        error.attempting(format_args!("learn how {} ended", self.name()))
    }
}

/// Real-time signals have no names.
fn named(kind: SignalKind) -> Result<Signal> {
    Signal::from_named_raw(kind.as_raw()).ok_or_else(|| ErrorKind::InvalidInput.into())
}
