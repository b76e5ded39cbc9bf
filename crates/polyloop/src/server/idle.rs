//! Aborting connections on which nothing happens.

use std::rc::{Rc, Weak};

use polyloop_core::{Error, ErrorKind};

use super::core::ServerCore;
use crate::callback::Callback;
use crate::engine::{Due, Engine};

/// How many times in an idle timeout a server looks at its connections: one is aborted after
/// the timeout and at most that part of it more.
const LOOKS: u32 = 4;

/// A look at all connections of a server.
struct Sweep(Weak<ServerCore>);

impl ServerCore {
    /// Has the connections looked at, if there is a timeout and any of them.
    pub(super) fn arm_sweep(self: &Rc<Self>, engine: &Engine) {
        let Some(timeout) = self.limits.idle_timeout else { return };
        if self.sweep.get().is_none() && self.connected.get() > 0 {
            let sweep = Rc::new(Sweep(Rc::downgrade(self)));
            let timer = engine.arm(engine.now() + timeout / LOOKS, Due::Call(sweep));
            self.sweep.set(Some(timer));
        }
    }

    fn sweep(self: &Rc<Self>) {
        self.sweep.set(None);
        for client in self.clients() {
            if client.count_quiet() > LOOKS {
                let error =
                    Error::new(ErrorKind::TimedOut).attempting("wait for an idle connection");
                client.abort_with(error);
            }
        }
        if let Ok(engine) = self.engine() {
            self.arm_sweep(&engine);
        }
    }
}

impl Callback for Sweep {
    fn call(self: Rc<Self>) {
        if let Some(server) = self.0.upgrade() {
            server.sweep();
        }
    }
}
