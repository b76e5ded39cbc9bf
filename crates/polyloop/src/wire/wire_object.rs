use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use polyloop_core::{Address, Error, Key, Result};

use super::layer::{Layer, Layered};
use super::marks::Marks;
use super::observer::Observer;
use super::outgoing::Outgoing;
use crate::callback::Callback;
use crate::engine::{Engine, OnCompletion, Ready, WaitId};
use crate::net::resource::Resource;
use crate::wakers::Wakers;

/// A connection that several can hold: see the [module](super).
///
/// It belongs to one loop. While a send or its close is in flight, or an observer watches, the
/// loop keeps it alive; dropping it sends what was written and closes it.
pub(crate) struct Wire {
    pub(super) resource: Resource,
    pub(super) out: Outgoing,
    pub(super) layer: RefCell<Option<Box<Layered>>>,
    pub(super) stage: Cell<Stage>,
    pub(super) closing: Cell<Option<WaitId>>,
    pub(super) closed: Wakers,
    scheduled: Cell<bool>,
    observer: Cell<Option<Rc<dyn Observer>>>,
    quiet: Cell<u32>,
    /// Who is told when the wire is closed.
    owner: Cell<Option<Weak<dyn Owner>>>,
    kind: WireKind,
    /// How many ends of a stream hold it.
    halves: Cell<u8>,
}

// A server has one for each connection.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Wire>() <= 136);

/// Who counts wires: a server its connections.
pub(crate) trait Owner {
    /// Is called when a wire is closed, or was dropped.
    fn on_wire_closed(self: Rc<Self>);
}

/// What a wire ends in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WireKind {
    /// A connected stream socket: each direction ends on its own.
    Socket,
    /// The read end of a pipe.
    PipeReader,
    /// The write end of a pipe, which ends by closing.
    PipeWriter,
}

impl WireKind {
    /// Tells whether anything can be read from it.
    pub(crate) fn reads(self) -> bool {
        self != WireKind::PipeWriter
    }
}

/// How far a wire has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
pub(super) enum Stage {
    Open,
    /// Closed when what was written has been sent.
    Closing,
    /// Closed without sending more.
    Aborting,
    Closed,
}

impl Wire {
    pub(crate) fn new(resource: Resource, kind: WireKind) -> Rc<Wire> {
        Rc::new(Wire {
            resource,
            out: Outgoing::default(),
            layer: RefCell::default(),
            stage: Cell::new(Stage::Open),
            closing: Cell::new(None),
            closed: Wakers::default(),
            scheduled: Cell::new(false),
            observer: Cell::default(),
            quiet: Cell::new(0),
            owner: Cell::default(),
            kind,
            halves: Cell::new(0),
        })
    }

    /// Notes how many ends of a stream hold it.
    pub(crate) fn set_halves(&self, halves: u8) {
        self.halves.set(halves);
    }

    /// Notes that an end is gone; with the last one the wire closes. Tells whether it was that.
    pub(crate) fn drop_half(self: &Rc<Self>) -> bool {
        let left = self.halves.get().saturating_sub(1);
        self.halves.set(left);
        if left == 0 {
            self.close();
        }
        left == 0
    }

    /// Has an observer called from now on instead of the one before.
    pub(crate) fn observe(&self, observer: Rc<dyn Observer>) {
        let old = self.observer.replace(Some(observer));
        drop(old);
    }

    /// Puts a layer between the program's bytes and the connection's, which gets `incoming` first;
    /// what the layer has to say goes out at once.
    ///
    /// What is written from now on waits until the handshake is done: by
    /// [`poll_handshake`](Self::poll_handshake), or by reading.
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "TLS plugs in here"))]
    pub(crate) fn install_layer(self: &Rc<Self>, layer: Box<dyn Layer>, incoming: &[u8]) {
        let mut layered = Box::new(Layered::new(layer));
        layered.take_in(incoming);
        let mut slot = self.layer.borrow_mut();
        debug_assert!(slot.is_none(), "one layer at a time");
        let layered = slot.insert(layered);
        // Without its loop nothing can go out; who reads or writes is told.
        if let Ok(engine) = self.engine() {
            self.pump(&engine, layered);
        }
    }

    /// Looks at the layer, if there is one.
    pub(crate) fn with_layer<R>(&self, look: impl FnOnce(&dyn Layer) -> R) -> Option<R> {
        self.layer.borrow().as_ref().map(|layered| look(&*layered.layer))
    }

    /// Asks for a call of the observer, in its place in the ready queue.
    pub(crate) fn schedule(self: &Rc<Self>) {
        if let Ok(engine) = self.engine()
            && !self.scheduled.replace(true)
        {
            engine.push_ready(Ready::Callback(self.clone()));
        }
    }

    pub(crate) fn engine(&self) -> Result<Rc<Engine>> {
        self.resource.engine()
    }

    pub(crate) fn resource(&self) -> &Resource {
        &self.resource
    }

    pub(crate) fn key(&self) -> Key {
        self.resource.key()
    }

    pub(crate) fn kind(&self) -> WireKind {
        self.kind
    }

    /// Gives the peer's address, also of a wire that has been closed since it was first asked.
    pub(crate) fn peer_address(&self) -> Option<Address> {
        self.resource.ask_peer();
        self.resource.noted_peer()
    }

    /// Gives why writing failed, or nothing.
    pub(crate) fn error(&self) -> Option<Error> {
        self.out.error()
    }

    pub(crate) fn marks(&self) -> Marks {
        self.out.marks()
    }

    /// Counts the calls of this since the last between which bytes went through, in either
    /// direction.
    pub(crate) fn count_quiet(&self) -> u32 {
        let quiet = if self.out.active.replace(false) { 0 } else { self.quiet.get() };
        self.quiet.set(quiet + 1);
        quiet + 1
    }

    /// Has somebody told when the wire is closed, or dropped, once.
    pub(crate) fn set_owner(&self, owner: Weak<dyn Owner>) {
        self.owner.set(Some(owner));
    }

    /// Tells whoever is to be told that the wire is closed.
    pub(super) fn leave_owner(&self) {
        if let Some(owner) = self.owner.take().and_then(|owner| owner.upgrade()) {
            owner.on_wire_closed();
        }
    }

    pub(super) fn observer(&self) -> Option<Rc<dyn Observer>> {
        let observer = self.observer.take();
        self.observer.set(observer.clone());
        observer
    }

    /// Lets the observer go; nothing more is told.
    pub(super) fn take_observer(&self) -> Option<Rc<dyn Observer>> {
        self.observer.take()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.leave_owner();
    }
}

impl OnCompletion for Wire {
    fn on_completion(self: Rc<Self>, engine: &Rc<Engine>, id: WaitId) {
        if self.resource.watch() == Some(id) {
            if self.is_lingering() {
                return self.throw_away(engine);
            }
            if let Some(observer) = self.observer() {
                observer.on_readable(&self);
            }
            return;
        }
        let Some(completion) = engine.take_completed(id) else { return };
        if self.closing.get() == Some(id) {
            self.finish_closing(engine);
        } else if self.finish_send(engine, completion)
            && let Some(observer) = self.observer()
        {
            observer.on_drained(&self);
        }
    }

    fn on_loop_closed(self: Rc<Self>) {
        if let Some(observer) = self.take_observer() {
            observer.on_loop_closed(&self);
        }
    }
}

impl Callback for Wire {
    fn call(self: Rc<Self>) {
        self.scheduled.set(false);
        let has_failed = self.out.failure_is_news.take();
        if has_failed {
            self.out.drains.wake_all();
        }
        if self.is_lingering()
            && let Ok(engine) = self.engine()
        {
            self.throw_away(&engine);
        }
        if self.stage.get() == Stage::Closed {
            return self.tell_closed();
        }
        let resumes = self.settle();
        let Some(observer) = self.observer() else { return };
        if resumes {
            observer.clone().on_drained(&self);
        }
        match has_failed {
            true => observer.on_failed(&self),
            false => observer.on_scheduled(&self),
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {:?}", self.resource, self.stage.get())
    }
}
