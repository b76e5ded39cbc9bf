//! Closing under a layer: this side has said its end, and waits for the peer's.

use std::rc::{Rc, Weak};

use polyloop_core::{CloseMode, EventLoop, limits};

use super::wire_object::{Stage, Wire};
use crate::callback::Callback;
use crate::engine::{Due, Engine};

/// The end of a wait for the peer.
struct GiveUp(Weak<Wire>);

impl Wire {
    /// Ends the outward direction, and closes the wire when the peer has ended its own, or has not
    /// for long; what it still sends is thrown away.
    ///
    /// A peer says its end in bytes of the layer, which nobody reads any more, and closing a socket
    /// with unread bytes resets the connection: what was written and is still on its way would be
    /// lost (RFC 2525, section 2.17).
    pub(super) fn linger(self: &Rc<Self>, engine: &Rc<Engine>) {
        if !self.out.eof_written.replace(true) {
            let layered = &mut *self.layer.borrow_mut();
            self.end_outward(engine, layered.as_deref_mut());
        }
        self.stage.set(Stage::Closing);
        let give_up = Due::Call(Rc::new(GiveUp(Rc::downgrade(self))));
        let deadline = engine.now() + limits::TLS_SHUTDOWN_TIMEOUT;
        self.out.set_lingers(Some(engine.arm(deadline, give_up)));
        self.throw_away(engine);
    }

    /// Throws away what came; closes the wire at the peer's end.
    pub(super) fn throw_away(self: &Rc<Self>, engine: &Rc<Engine>) {
        for _ in 0..limits::READS_PER_CALLBACK {
            match engine.with_driver(|driver| driver.try_recv_chunk(self.key())) {
                Ok(Some(_)) => {}
                Err(error) if error.is_would_block() && self.watch(engine).is_ok() => return,
                Ok(None) | Err(_) => return self.end_lingering(engine),
            }
        }
        self.schedule();
    }

    /// Tells whether it waits for the peer's end.
    pub(super) fn is_lingering(&self) -> bool {
        self.out.lingers().is_some() && self.stage.get() == Stage::Closing
    }

    fn end_lingering(self: &Rc<Self>, engine: &Rc<Engine>) {
        if let Some(timer) = self.out.lingers()
            && self.stage.get() == Stage::Closing
        {
            self.out.set_lingers(None);
            engine.disarm(timer);
            self.submit_close(engine, CloseMode::Flush);
        }
    }
}

impl Callback for GiveUp {
    fn call(self: Rc<Self>) {
        if let Some(wire) = self.0.upgrade()
            && let Ok(engine) = wire.engine()
        {
            wire.end_lingering(&engine);
        }
    }
}
