//! The connections of a server that have not ended.

use std::rc::{Rc, Weak};

use super::core::ServerCore;
use crate::engine::{Engine, Ready};
use crate::wire::{Owner, Wire};

impl ServerCore {
    /// Counts a connection until it ends.
    pub(super) fn add_client(self: &Rc<Self>, engine: &Rc<Engine>, wire: &Rc<Wire>) {
        let connected = self.connected.get() + 1;
        self.connected.set(connected);
        let mut clients = self.clients.borrow_mut();
        // Forgets those that have ended once they may be half of all.
        if clients.len() >= 2 * connected.max(8) {
            clients.retain(|client| client.strong_count() > 0);
        }
        clients.push(Rc::downgrade(wire));
        drop(clients);
        let server = Rc::downgrade(self);
        wire.set_owner(server);
        self.arm_sweep(engine);
    }

    /// Gives the connections that have not ended.
    pub(super) fn clients(&self) -> Vec<Rc<Wire>> {
        self.clients.borrow().iter().filter_map(Weak::upgrade).collect()
    }
}

impl Owner for ServerCore {
    /// Counts a connection off.
    fn on_wire_closed(self: Rc<Self>) {
        let had_room = self.has_room();
        self.connected.set(self.connected.get() - 1);
        if !had_room && let Ok(engine) = self.engine() {
            engine.push_ready(Ready::Callback(self.clone()));
        }
        self.changed.wake_all();
    }
}
