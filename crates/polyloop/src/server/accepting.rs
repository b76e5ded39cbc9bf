//! Taking connections, as many as are allowed.

use std::rc::Rc;

use polyloop_core::{Error, Key, Result, SocketOption};

use super::core::ServerCore;
use crate::callback::Callback;
use crate::engine::{Engine, OnCompletion, WaitId};
use crate::exception::ExceptionContext;
use crate::net::resource::Resource;
use crate::wire::{Wire, WireKind};

impl ServerCore {
    /// Begins to take connections.
    pub(super) fn start(self: &Rc<Self>) -> Result<()> {
        let engine = self.engine()?;
        self.serving.set(true);
        self.accept(&engine)
    }

    pub(super) fn has_room(&self) -> bool {
        self.connected.get() < self.limits.connections_max
    }

    /// Takes the connections that are there, within the limit, and has the listeners wait for more,
    /// or stop.
    fn accept(self: &Rc<Self>, engine: &Rc<Engine>) -> Result<()> {
        let mut index = 0;
        while self.serving.get() && index < self.listeners.borrow().len() {
            match self.take_accepted(engine, index) {
                Some(Ok(key)) => self.connect(engine, index, key),
                Some(Err(error)) => return Err(error),
                None if self.has_room() => {
                    let listeners = self.listeners.borrow();
                    let Some(listener) = listeners.get(index) else { break };
                    let begin = |engine: &Engine| engine.begin_accepts(listener.key());
                    listener.watch_calling(engine, begin, self.clone())?;
                    index += 1;
                }
                None => {
                    if let Some(wait) = self.listeners.borrow()[index].watch() {
                        engine.cancel(wait);
                    }
                    index += 1;
                }
            }
        }
        Ok(())
    }

    /// Takes a connection of a listener, if there is one and it is allowed.
    fn take_accepted(&self, engine: &Engine, index: usize) -> Option<Result<Key>> {
        if !self.has_room() {
            return None;
        }
        let listeners = self.listeners.borrow();
        engine.take_accepted(listeners.get(index)?.watch()?)
    }

    /// Serves a connection that a listener has taken.
    fn connect(self: &Rc<Self>, engine: &Rc<Engine>, index: usize, key: Key) {
        let resource = Resource::new(self.home, key);
        // These fail for a peer that has gone, of which the first read tells.
        if let Some(listener) = self.listeners.borrow().get(index) {
            let _ = listener.hand_nodelay_to(&resource);
        }
        if let Some(after) = self.limits.keep_alive {
            let _ = resource.set_option(SocketOption::KeepAlive(Some(after)));
        }
        // Now, because a failed or closed connection no longer tells, and its error is to say whose.
        resource.ask_peer();
        let wire = Wire::new(resource, WireKind::Socket);
        self.add_client(engine, &wire);
        let serve = || (self.serve)(engine, wire);
        engine.reporter.guard(|| self.context.clone().run(serve));
    }

    fn go_on(self: &Rc<Self>, engine: &Rc<Engine>) {
        if let Err(error) = self.accept(engine) {
            self.give_up(engine, &error);
        }
    }

    /// Stops serving because a listener failed, and says so.
    fn give_up(&self, engine: &Engine, error: &Error) {
        self.close();
        let message = format!("a server stopped: accept connections: {error}");
        engine.reporter.report(&ExceptionContext::new(message));
    }
}

impl OnCompletion for ServerCore {
    fn on_completion(self: Rc<Self>, engine: &Rc<Engine>, _: WaitId) {
        self.go_on(engine);
    }
}

/// Is scheduled when there is room again.
impl Callback for ServerCore {
    fn call(self: Rc<Self>) {
        if let Ok(engine) = self.engine() {
            self.go_on(&engine);
        }
    }
}
