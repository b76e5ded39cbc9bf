use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use polyloop_core::{ErrorKind, Interest, Notify, OsHandle, Result};

use crate::Tag;

/// What tells which handles are ready: epoll, kqueue, a completion port.
///
/// # For callers
///
/// A handle is registered at most once at a time, stays alive while it is registered, and is
/// deregistered before it is closed, on every path but one: in a forked child the selector and
/// the handles are leaked together. [`ReadinessLoop`](crate::ReadinessLoop) is the caller, and the only one.
///
/// # For implementors
///
/// * [`register`](Self::register) reports readiness that is there already: a handle that is
///   ready when it is registered (or rearmed) gives an event, so nothing that came between a
///   failed attempt and the registration is missed.
/// * With [`Trigger::Edge`] a registration stays and gives an event whenever something new
///   arises in a direction. With [`Trigger::OneShot`] the first event of a registration ends its
///   interest, all of it, until it is rearmed.
/// * Spurious events are harmless. Events for a tag that is no longer registered are too.
/// * No method waits, except [`select`](Self::select).
pub trait Selector {
    /// Tells how registrations behave.
    fn trigger(&self) -> Trigger;

    /// Tells whether [`Event::closed`] is set when the peer has ended its direction, together
    /// with the bytes before that or at the latest after them.
    ///
    /// Only then may a read that came back short be taken to have emptied the stream: an end
    /// that arrives together with the bytes gives no second edge.
    fn reports_read_closed(&self) -> bool;

    /// Begins to watch a handle that is not registered.
    fn register(&mut self, handle: &OsHandle, tag: Tag, interest: Interest) -> io::Result<()>;

    /// Renews the interest of a one-shot registration. Not called with [`Trigger::Edge`].
    fn rearm(&mut self, handle: &OsHandle, tag: Tag, interest: Interest) -> io::Result<()>;

    /// Ends a registration, armed or not.
    fn deregister(&mut self, handle: &OsHandle, tag: Tag) -> io::Result<()>;

    /// Waits until something is ready, the notifier fires or the timeout has passed (`None`:
    /// none). What is ready is [found](Self::found) then.
    ///
    /// It may end early, but not so that it would be called again and again while idle. EINTR
    /// may be answered: the caller waits again for what is left.
    fn select(&mut self, timeout: Option<Duration>) -> io::Result<()>;

    /// Gives the events of the last [`select`](Self::select), which has succeeded. Those of
    /// [`Tag::RESERVED`] mean nothing.
    fn found(&self) -> impl Iterator<Item = Event>;

    /// Gives what ends a wait from another thread.
    fn notifier(&self) -> Arc<dyn Notify>;

    /// Tells whether [`guest_descriptor`](Self::guest_descriptor) gives one. The default says no.
    fn has_guest_descriptor(&self) -> bool {
        false
    }

    /// Gives a descriptor that is readable, level-triggered, while [`select`](Self::select)
    /// would report something or has been notified. The default has none. Called once.
    fn guest_descriptor(&self) -> Result<Arc<File>> {
        Err(ErrorKind::Unsupported.into())
    }
}

/// How registrations behave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// They stay, and tell what newly arises.
    Edge,
    /// They tell once, then wait to be rearmed.
    OneShot,
}

/// What a selector tells about one registration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    /// Which registration.
    pub tag: Tag,
    /// Which directions are ready; an error or a hang-up counts as both.
    pub ready: Interest,
    /// The peer has ended its direction, or the connection has failed.
    pub closed: bool,
}
