use std::cell::Cell;
use std::rc::Rc;

use super::any_protocol::{AnyProtocol, Buffered, Given};
use super::protocol_slot::ProtocolSlot;
use super::transport_handle::Transport;
use super::{BufferedProtocol, Protocol};
use crate::wakers::Wakers;
use crate::wire::Wire;

/// A transport beside its wire: the protocol, and what it has been told.
///
/// `told_pause` is what the protocol knows of the wire's marks; after each call of the protocol
/// it is compared with what is. `ended` is: no more is received.
pub(super) struct TransportCore {
    pub(super) slot: ProtocolSlot<dyn AnyProtocol>,
    pub(super) made: Cell<bool>,
    pub(super) reading_paused: Cell<bool>,
    pub(super) ended: Cell<bool>,
    pub(super) told_pause: Cell<bool>,
    pub(super) made_wakers: Wakers,
}

impl TransportCore {
    /// Puts a protocol on a wire. Its first call is queued.
    fn start(wire: &Rc<Wire>, protocol: Box<dyn AnyProtocol>) -> Transport {
        let core = Rc::new(TransportCore {
            slot: ProtocolSlot::new(protocol),
            made: Cell::new(false),
            reading_paused: Cell::new(false),
            ended: Cell::new(false),
            told_pause: Cell::new(false),
            made_wakers: Wakers::default(),
        });
        wire.observe(core.clone());
        wire.schedule();
        Transport::of(wire.clone(), core)
    }
}

pub(super) fn start<P: Protocol>(wire: &Rc<Wire>, protocol: P) -> Transport {
    TransportCore::start(wire, Box::new(Given(protocol)))
}

pub(super) fn start_buffered<P: BufferedProtocol>(wire: &Rc<Wire>, protocol: P) -> Transport {
    TransportCore::start(wire, Box::new(Buffered(protocol)))
}
