//! What a wire tells a transport becomes calls of its protocol.

use std::rc::Rc;

use polyloop_core::limits;

use super::any_protocol::{AnyProtocol, Received};
use super::core::TransportCore;
use super::protocol_slot::Called;
use super::transport_handle::Transport;
use crate::wire::{Observer, Wire};

impl TransportCore {
    /// Calls a method of the protocol; nothing if it is away, or panics, which ends the
    /// connection.
    pub(super) fn call<R>(
        self: &Rc<Self>,
        wire: &Rc<Wire>,
        name: &str,
        call: impl FnOnce(&mut dyn AnyProtocol, &Transport) -> R,
    ) -> Option<R> {
        let transport = Transport::of(wire.clone(), self.clone());
        let called = self.slot.call(name, |protocol| call(protocol, &transport));
        let returned = match called {
            Called::Returned(result) => Some(result),
            Called::Panicked => {
                wire.abort();
                None
            }
            Called::Away => return None,
        };
        self.settle(wire);
        returned
    }

    /// Tells the protocol to pause or resume writing, as long as that is news. While one of its
    /// methods runs, that is done when it has returned.
    pub(super) fn settle(self: &Rc<Self>, wire: &Rc<Wire>) {
        let pauses = wire.is_paused() && !wire.is_closing();
        if pauses == self.told_pause.get() || !self.made.get() || wire.is_closing() {
            return;
        }
        let told = match pauses {
            true => self.call_flow(wire, "pause_writing", pauses, |p, t| p.pause(t)),
            false => self.call_flow(wire, "resume_writing", pauses, |p, t| p.resume(t)),
        };
        if told {
            // What it did may have changed it again.
            self.settle(wire);
        }
    }

    fn call_flow(
        self: &Rc<Self>,
        wire: &Rc<Wire>,
        name: &str,
        pauses: bool,
        call: impl FnOnce(&mut dyn AnyProtocol, &Transport),
    ) -> bool {
        let transport = Transport::of(wire.clone(), self.clone());
        let called = self.slot.call(name, |protocol| {
            self.told_pause.set(pauses);
            call(protocol, &transport);
        });
        if let Called::Panicked = called {
            wire.abort();
        }
        matches!(called, Called::Returned(()))
    }

    /// Says that the connection is there, once.
    fn make(self: &Rc<Self>, wire: &Rc<Wire>) {
        if !self.made.replace(true) {
            self.call(wire, "connection_made", |protocol, transport| protocol.made(transport));
            self.made_wakers.wake_all();
        }
    }

    /// Receives what is there, within a bound; the rest has its turn behind what is ready.
    fn read(self: &Rc<Self>, wire: &Rc<Wire>) {
        for _ in 0..limits::READS_PER_CALLBACK {
            if !self.reads(wire) {
                return;
            }
            let Ok(engine) = wire.engine() else { return };
            let received = self.call(wire, "data_received", |protocol, transport| {
                protocol.receive(transport, &engine)
            });
            match received {
                Some(Ok(Received::Data)) => {}
                Some(Ok(Received::Eof)) => return self.end(wire),
                Some(Err(error)) if error.is_would_block() => return,
                Some(Err(error)) => {
                    self.ended.set(true);
                    return wire.abort_with(error);
                }
                None => return,
            }
        }
        if self.reads(wire) {
            wire.schedule();
        }
    }

    fn reads(&self, wire: &Rc<Wire>) -> bool {
        let stops = self.reading_paused.get() || self.ended.get() || wire.is_closing();
        self.made.get() && !stops && wire.kind().reads()
    }

    fn end(self: &Rc<Self>, wire: &Rc<Wire>) {
        if wire.is_closing() {
            return;
        }
        self.ended.set(true);
        let keeps = self.call(wire, "eof_received", |protocol, transport| protocol.eof(transport));
        if keeps == Some(false) {
            wire.close();
        }
    }
}

impl Observer for TransportCore {
    fn on_readable(self: Rc<Self>, wire: &Rc<Wire>) {
        self.read(wire);
    }

    fn on_drained(self: Rc<Self>, wire: &Rc<Wire>) {
        self.settle(wire);
    }

    /// Makes the connection, and else goes on reading.
    fn on_scheduled(self: Rc<Self>, wire: &Rc<Wire>) {
        if self.made.get() {
            return self.read(wire);
        }
        self.make(wire);
        if wire.kind().reads()
            && !wire.is_closing()
            && let Ok(engine) = wire.engine()
            && let Err(error) = wire.watch(&engine)
        {
            wire.abort_with(error);
        }
    }

    /// What had come before is received first.
    fn on_failed(self: Rc<Self>, wire: &Rc<Wire>) {
        self.make(wire);
        self.read(wire);
        wire.abort();
    }

    fn on_closed(self: Rc<Self>, wire: &Rc<Wire>) {
        self.make(wire);
        let error = wire.error();
        self.call(wire, "connection_lost", |protocol, transport| protocol.lost(transport, error));
        self.slot.end();
    }

    fn on_loop_closed(self: Rc<Self>, _: &Rc<Wire>) {
        self.slot.end();
    }
}
