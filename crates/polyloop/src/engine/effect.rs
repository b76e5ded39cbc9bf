use std::rc::Rc;
use std::task::Waker;

use polyloop_core::{Completion, EventLoop, OpId};

use super::wait_id::WaitId;
use super::{Engine, Ready};
use crate::wakers::Wakers;

/// What a completion causes, once no table is borrowed.
pub(super) enum Effect {
    Nothing,
    Wake(Waker),
    /// Wake, and keep the waker with the entry.
    WakeAndKeep(WaitId, Waker),
    WakeAll(Rc<Wakers>),
    Call(WaitId),
    Discard(Completion),
    /// The op has brought as much as may wait: it ends, and then who waits is told.
    Cancel(OpId, Box<Effect>),
}

impl Effect {
    pub(super) fn apply(self, engine: &Engine) {
        match self {
            Effect::Nothing => {}
            Effect::Wake(waker) => engine.reporter.guard(|| waker.wake()),
            Effect::WakeAndKeep(id, waker) => engine.wake_and_keep(id, waker),
            Effect::WakeAll(wakers) => wakers.wake_all(),
            Effect::Call(id) => engine.push_ready(Ready::Completed(id)),
            Effect::Discard(completion) => engine.discard(completion),
            Effect::Cancel(op, effect) => {
                engine.with_driver(|driver| driver.cancel(op));
                effect.apply(engine);
            }
        }
    }
}
