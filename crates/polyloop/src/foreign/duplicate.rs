use std::rc::Rc;

use polyloop_core::{CloseMode, EventLoop, Interest, Key, Op, Output, Result};

use crate::engine::{self, Engine, LoopId};
use crate::op_future::{OpFuture, wrong_answer};
use crate::sys::pollable::{self, Pollable};

/// A duplicate of something of the user's, attached to a loop to be polled and nothing else.
/// Dropping it closes the duplicate.
pub(super) struct Duplicate {
    home: LoopId,
    key: Key,
}

impl Duplicate {
    /// # Errors
    ///
    /// The operating system's, for want of descriptors mostly; *unsupported* if the loop cannot
    /// attach.
    pub(super) fn of(engine: &Rc<Engine>, source: &impl Pollable) -> Result<Duplicate> {
        let handle = pollable::duplicate(source)?;
        let attached = engine.with_driver(|driver| driver.attach(handle));
        let key = attached.map_err(|rejected| rejected.error)?;
        Ok(Duplicate { home: engine.id, key })
    }

    pub(super) fn home(&self) -> LoopId {
        self.home
    }

    /// Gives the op that waits until it is ready.
    pub(super) fn poll(&self, interest: Interest) -> Op {
        Op::Poll { key: self.key, interest }
    }

    /// Waits until it is ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future consumes nothing.
    pub(super) async fn ready(&self, interest: Interest) -> Result<()> {
        match OpFuture::new(self.home, self.poll(interest)).await.result? {
            Output::Ready(_) => Ok(()),
            other => Err(wrong_answer(&other)),
        }
    }
}

impl Drop for Duplicate {
    fn drop(&mut self) {
        if let Some(engine) = engine::find(self.home) {
            engine.submit_and_forget(Op::Close { key: self.key, mode: CloseMode::Abort });
        }
    }
}
