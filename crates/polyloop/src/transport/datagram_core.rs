use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::io::IoSlice;
use std::rc::{Rc, Weak};

use polyloop_core::{
    Address, Buffer, CloseMode, Completion, Error, EventLoop, Op, Result, TimerId, limits,
};

use super::datagram_handle::DatagramTransport;
use super::lender::Lent;
use super::protocol::DatagramProtocol;
use super::protocol_slot::{Called, ProtocolSlot};
use crate::callback::Callback;
use crate::engine::{Begun, Due, Engine, OnCompletion, Ready, WaitId};
use crate::net::resource::Resource;
use crate::streams::Subject;
use crate::wakers::Wakers;
use crate::wire::Marks;
#[cfg(feature = "tls")]
use crate::wire::Wire;

/// A datagram socket, its protocol, and what it has been told.
///
/// `waiting` bytes are in sends of the backend. `errors` are told in their place in the ready
/// queue, for which `scheduled` stands.
pub(super) struct DatagramCore {
    pub(super) resource: Resource,
    slot: ProtocolSlot<dyn DatagramProtocol>,
    waiting: Cell<usize>,
    marks: Cell<Marks>,
    told_pause: Cell<bool>,
    made: Cell<bool>,
    closing: Cell<Closing>,
    errors: RefCell<VecDeque<Error>>,
    scheduled: Cell<bool>,
    /// Receiving has failed, and neither succeeded nor found nothing since.
    has_failed: Cell<bool>,
    /// Until when nothing is received.
    pause: Cell<Option<TimerId>>,
    pub(super) made_wakers: Wakers,
    peer: OnceCell<Option<Address>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    No,
    InFlight(WaitId),
    Done,
}

/// The end of a pause.
struct GoOn(Weak<DatagramCore>);

impl DatagramCore {
    pub(super) fn start(
        resource: Resource,
        protocol: Box<dyn DatagramProtocol>,
    ) -> Rc<DatagramCore> {
        let core = Rc::new(DatagramCore {
            resource,
            slot: ProtocolSlot::new(protocol),
            waiting: Cell::new(0),
            marks: Cell::default(),
            told_pause: Cell::new(false),
            made: Cell::new(false),
            closing: Cell::new(Closing::No),
            errors: RefCell::default(),
            scheduled: Cell::new(false),
            has_failed: Cell::new(false),
            pause: Cell::new(None),
            made_wakers: Wakers::default(),
            peer: OnceCell::new(),
        });
        core.schedule();
        core
    }

    pub(super) fn is_made(&self) -> bool {
        self.made.get()
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.get() != Closing::No
    }

    pub(super) fn outstanding(&self) -> usize {
        self.waiting.get()
    }

    pub(super) fn marks(&self) -> Marks {
        self.marks.get()
    }

    pub(super) fn set_marks(self: &Rc<Self>, marks: Marks) {
        self.marks.set(marks);
        self.settle();
    }

    pub(super) fn send(self: &Rc<Self>, data: &[u8], to: Option<Address>) {
        let Ok(engine) = self.resource.engine() else { return };
        if self.is_closing() {
            return;
        }
        let (key, bufs) = (self.resource.key(), [IoSlice::new(data)]);
        let sent = engine.with_driver(|driver| match &to {
            Some(address) => driver.try_send_to(key, &bufs, address),
            None => driver.try_send(key, &bufs),
        });
        match sent {
            Ok(_) => {}
            Err(error) if error.is_would_block() => self.send_later(&engine, data, to),
            Err(error) => self.note(self.resource.sending(error, to.as_ref())),
        }
    }

    pub(super) fn close(self: &Rc<Self>, mode: CloseMode) {
        let Ok(engine) = self.resource.engine() else { return };
        match (self.closing.get(), mode) {
            (Closing::No, _) => {}
            (Closing::InFlight(id), CloseMode::Abort) => return engine.cancel(id),
            _ => return,
        }
        // Asked for now: a closed socket does not tell.
        self.peer_address();
        self.resource.disown();
        match engine.begin(Op::Close { key: self.resource.key(), mode }) {
            Begun::Waiting(id) => {
                self.closing.set(Closing::InFlight(id));
                engine.call_on(id, self.clone());
            }
            Begun::Done(_) => {
                self.closing.set(Closing::Done);
                self.schedule();
            }
        }
    }

    fn send_later(self: &Rc<Self>, engine: &Rc<Engine>, data: &[u8], to: Option<Address>) {
        let (key, buffer) = (self.resource.key(), Buffer::from(data));
        self.waiting.set(self.waiting.get() + data.len());
        let op = match to {
            Some(address) => Op::SendTo { key, buffer, address },
            None => Op::Send { key, buffer },
        };
        match engine.begin(op) {
            Begun::Waiting(id) => engine.call_on(id, self.clone()),
            Begun::Done(completion) => self.finish_send(completion),
        }
        self.settle();
    }

    fn finish_send(self: &Rc<Self>, completion: Completion) {
        if let Some(Op::Send { buffer, .. } | Op::SendTo { buffer, .. }) = &completion.op {
            self.waiting.set(self.waiting.get().saturating_sub(buffer.len()));
        }
        if let Err(error) = completion.result
            && !self.is_closing()
        {
            let to = match &completion.op {
                Some(Op::SendTo { address, .. }) => Some(address),
                _ => None,
            };
            self.note(self.resource.sending(error, to));
        }
    }

    /// Has the protocol told of an error.
    fn note(self: &Rc<Self>, error: Error) {
        let mut errors = self.errors.borrow_mut();
        if errors.len() < limits::DATAGRAM_ERRORS_MAX {
            errors.push_back(error);
        }
        drop(errors);
        self.schedule();
    }

    fn schedule(self: &Rc<Self>) {
        if let Ok(engine) = self.resource.engine()
            && !self.scheduled.replace(true)
        {
            engine.push_ready(Ready::Callback(self.clone()));
        }
    }

    fn call(
        self: &Rc<Self>,
        name: &str,
        call: impl FnOnce(&mut dyn DatagramProtocol, &DatagramTransport),
    ) {
        let transport = DatagramTransport::of(self.clone());
        match self.slot.call(name, |protocol| call(protocol, &transport)) {
            Called::Returned(()) => self.settle(),
            Called::Panicked => self.close(CloseMode::Abort),
            Called::Away => {}
        }
    }

    /// Tells the protocol to pause or resume writing, if that is news.
    fn settle(self: &Rc<Self>) {
        let (marks, waiting) = (self.marks.get(), self.waiting.get());
        let paused = self.told_pause.get();
        if !self.made.get() || self.is_closing() {
            return;
        }
        if !paused && waiting > marks.high {
            self.call("pause_writing", |protocol, transport| {
                self.told_pause.set(true);
                protocol.pause_writing(transport);
            });
        } else if paused && waiting <= marks.low {
            self.call("resume_writing", |protocol, transport| {
                self.told_pause.set(false);
                protocol.resume_writing(transport);
            });
        }
    }

    fn make(self: &Rc<Self>) {
        if !self.made.replace(true) {
            self.call("connection_made", |protocol, transport| protocol.connection_made(transport));
            self.made_wakers.wake_all();
        }
    }

    fn watch(self: &Rc<Self>, engine: &Engine) -> Result<()> {
        let begin = |engine: &Engine| engine.begin_poll_readable(self.resource.key());
        self.resource.watch_calling(engine, begin, self.clone())
    }

    /// Receives what is there, within a bound.
    fn receive(self: &Rc<Self>, engine: &Rc<Engine>) {
        let mut lent = Lent::new(engine);
        for _ in 0..limits::DATAGRAMS_PER_CALLBACK {
            if self.is_closing() || self.pause.get().is_some() {
                return;
            }
            let key = self.resource.key();
            match engine.with_driver(|driver| driver.try_recv_from(key, lent.storage_mut())) {
                Ok((count, from)) => {
                    self.has_failed.set(false);
                    let data = &lent.storage_mut()[..count];
                    self.call("datagram_received", |protocol, transport| {
                        protocol.datagram_received(transport, data, &from);
                    });
                }
                Err(error) if error.is_would_block() => return self.has_failed.set(false),
                Err(error) => {
                    let error = self.resource.receiving(error);
                    if self.has_failed.replace(true) {
                        // One that fails again and again is not tried again and again.
                        let go_on = Due::Call(Rc::new(GoOn(Rc::downgrade(self))));
                        let until = engine.now() + limits::RECEIVE_BACKOFF;
                        self.pause.set(Some(engine.arm(until, go_on)));
                    }
                    self.call("error_received", |protocol, transport| {
                        protocol.error_received(transport, error);
                    });
                }
            }
        }
        self.schedule();
    }

    fn lose(self: &Rc<Self>, engine: &Engine) {
        if let Some(timer) = self.pause.take() {
            engine.disarm(timer);
        }
        self.resource.stop_watching(engine);
        self.make();
        self.call("connection_lost", |protocol, transport| {
            protocol.connection_lost(transport, None)
        });
        self.slot.end();
    }
}

impl Subject for DatagramCore {
    fn resource(&self) -> &Resource {
        &self.resource
    }

    fn peer_address(&self) -> Option<Address> {
        self.peer.get_or_init(|| self.resource.peer_address().ok()).clone()
    }

    #[cfg(feature = "tls")]
    fn wire(&self) -> Option<&Wire> {
        None
    }
}

impl OnCompletion for DatagramCore {
    fn on_completion(self: Rc<Self>, engine: &Rc<Engine>, id: WaitId) {
        if self.resource.watch() == Some(id) {
            return self.receive(engine);
        }
        let Some(completion) = engine.take_completed(id) else { return };
        if self.closing.get() == Closing::InFlight(id) {
            self.closing.set(Closing::Done);
            return self.lose(engine);
        }
        self.finish_send(completion);
        self.settle();
    }

    fn on_loop_closed(self: Rc<Self>) {
        self.slot.end();
    }
}

/// Makes the connection, tells errors, and goes on receiving; or tells the end.
impl Callback for DatagramCore {
    fn call(self: Rc<Self>) {
        self.scheduled.set(false);
        let Ok(engine) = self.resource.engine() else { return };
        if self.closing.get() == Closing::Done {
            return self.lose(&engine);
        }
        self.make();
        // Those that are there now: what the protocol causes by being told has its own call.
        let count = self.errors.borrow().len();
        for _ in 0..count {
            let Some(error) = self.errors.borrow_mut().pop_front() else { break };
            DatagramCore::call(&self, "error_received", |protocol, transport| {
                protocol.error_received(transport, error);
            });
        }
        if self.is_closing() {
            return;
        }
        match self.watch(&engine) {
            Ok(()) => self.receive(&engine),
            Err(_) => self.close(CloseMode::Abort),
        }
    }
}

impl Callback for GoOn {
    fn call(self: Rc<Self>) {
        if let Some(core) = self.0.upgrade() {
            core.pause.set(None);
            core.schedule();
        }
    }
}
