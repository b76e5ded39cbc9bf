use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use polyloop_core::{Address, EventLoop, Result, TimerId};

use crate::context::{Context, copy_context};
use crate::engine::{self, Engine, LoopId};
use crate::net::resource::Resource;
use crate::wakers::Wakers;
use crate::wire::Wire;

/// What is done with a connection: told of in its place in the ready queue.
pub(crate) type Serve = Box<dyn Fn(&Rc<Engine>, Rc<Wire>)>;

/// A server, as its connections and its listeners' completions know it.
///
/// `connected` counts the connections that have not ended; `clients` finds them, and may hold some
/// that have. A listener's accept is in flight only while `serving` and below `limits`.
pub(crate) struct ServerCore {
    pub(super) home: LoopId,
    pub(super) listeners: RefCell<Vec<Resource>>,
    pub(super) serving: Cell<bool>,
    pub(super) clients: RefCell<Vec<Weak<Wire>>>,
    pub(super) connected: Cell<usize>,
    pub(super) serve: Serve,
    /// Of which each connection gets a copy.
    pub(super) context: Context,
    pub(super) limits: Limits,
    pub(super) sweep: Cell<Option<TimerId>>,
    pub(super) changed: Wakers,
}

/// What a server allows its connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) connections_max: usize,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) keep_alive: Option<Duration>,
}

impl ServerCore {
    pub(super) fn new(
        engine: &Engine,
        listeners: Vec<Resource>,
        serve: Serve,
        limits: Limits,
    ) -> Rc<ServerCore> {
        Rc::new(ServerCore {
            home: engine.id,
            listeners: RefCell::new(listeners),
            serving: Cell::new(false),
            clients: RefCell::default(),
            connected: Cell::new(0),
            serve,
            context: copy_context(),
            limits,
            sweep: Cell::new(None),
            changed: Wakers::default(),
        })
    }

    pub(super) fn engine(&self) -> Result<Rc<Engine>> {
        engine::find(self.home).ok_or_else(engine::not_here)
    }

    /// Tells whether the listeners are closed.
    pub(super) fn is_closed(&self) -> bool {
        self.listeners.borrow().is_empty()
    }

    /// Closes the listeners; what they took and nobody serves yet is closed with them.
    pub(super) fn close(&self) {
        self.serving.set(false);
        drop(self.listeners.take());
        self.changed.wake_all();
    }

    pub(super) fn addresses(&self) -> Vec<Address> {
        let Ok(engine) = self.engine() else { return Vec::new() };
        let listeners = self.listeners.borrow();
        let address = |listener: &Resource| {
            engine.with_driver(|driver| driver.local_address(listener.key())).ok()
        };
        listeners.iter().filter_map(address).collect()
    }
}
