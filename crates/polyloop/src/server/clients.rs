//! The connections of a server that have not ended.

use std::rc::{Rc, Weak};

use super::core::ServerCore;
use crate::engine::{Engine, Ready};
use crate::wire::Wire;

/// Kept by a connection until it ends.
struct Client {
    server: Weak<ServerCore>,
}

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
        wire.keep_until_closed(Box::new(Client { server: Rc::downgrade(self) }));
        self.arm_sweep(engine);
    }

    /// Gives the connections that have not ended.
    pub(super) fn clients(&self) -> Vec<Rc<Wire>> {
        self.clients.borrow().iter().filter_map(Weak::upgrade).collect()
    }

    fn remove_client(self: &Rc<Self>) {
        let had_room = self.has_room();
        self.connected.set(self.connected.get() - 1);
        if !had_room && let Ok(engine) = self.engine() {
            engine.push_ready(Ready::Callback(self.clone()));
        }
        self.changed.wake_all();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(server) = self.server.upgrade() {
            server.remove_client();
        }
    }
}
