//! The end of a wire: of its outward direction, in order, or at once.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};

use polyloop_core::{CloseMode, Error, Op, Result};

use super::layer::Layered;
use super::wire_object::{Stage, Wire, WireKind};
use crate::engine::{Begun, Engine};
use crate::task::{Awaited, awaited};
use crate::wakers::Waiter;

impl Wire {
    /// Ends the outward direction after what was written; the peer reads to the end.
    pub(crate) fn write_eof(self: &Rc<Self>) {
        if self.stage.get() >= Stage::Closing || self.out.eof_written.get() {
            return;
        }
        if self.kind() != WireKind::Socket {
            return self.close();
        }
        let Ok(engine) = self.engine() else { return };
        self.out.eof_written.set(true);
        match &mut *self.layer.borrow_mut() {
            Some(layered) if layered.layer.is_handshaking() => self.out.eof_waits.set(true),
            layered => self.end_outward(&engine, layered.as_deref_mut()),
        }
    }

    /// Closes the wire after what was written has been sent, however long the peer takes; nothing
    /// more is read. Under a layer it waits for the peer's end, too, but not for ever.
    /// [`abort`](Self::abort) hurries it.
    pub(crate) fn close(self: &Rc<Self>) {
        if self.stage.get() >= Stage::Closing {
            return;
        }
        if self.with_layer(|layer| layer.is_handshaking()) == Some(true) {
            // What waits for a handshake that nobody moves on cannot be sent.
            return self.abort();
        }
        let Ok(engine) = self.engine() else { return self.stage.set(Stage::Closed) };
        match self.with_layer(|layer| layer.failure().is_none()) {
            // A peer that breaks the rules is not waited for.
            Some(true) => self.linger(&engine),
            _ => {
                self.submit_tail(&engine);
                self.stage.set(Stage::Closing);
                self.submit_close(&engine, CloseMode::Flush);
            }
        }
    }

    /// Closes the wire at once; what was written and not sent is lost.
    pub(crate) fn abort(self: &Rc<Self>) {
        let stage = self.stage.get();
        if stage >= Stage::Aborting {
            return;
        }
        let Ok(engine) = self.engine() else { return self.stage.set(Stage::Closed) };
        self.stage.set(Stage::Aborting);
        drop(self.out.take_tail());
        self.out.drains.wake_all();
        match self.closing.get() {
            Some(id) => engine.cancel(id),
            None => self.submit_close(&engine, CloseMode::Abort),
        }
    }

    /// Closes the wire at once, because of an error that everybody is told who uses it.
    pub(crate) fn abort_with(self: &Rc<Self>, error: Error) {
        self.fail(error);
        self.abort();
    }

    /// Tells whether the wire was closed, by whichever way.
    pub(crate) fn is_closing(&self) -> bool {
        self.stage.get() >= Stage::Closing
    }

    /// Waits until the wire is closed.
    ///
    /// # Errors
    ///
    /// Why writing failed, if it did.
    pub(crate) async fn wait_closed(&self) -> Result<()> {
        let waiter = self.closed.waiter();
        poll_fn(|cx| self.poll_closed(cx, &waiter)).await
    }

    /// Notes that the resource is closed.
    pub(super) fn finish_closing(self: &Rc<Self>, engine: &Engine) {
        self.note_closed(engine);
        self.tell_closed();
    }

    /// Tells everybody who waits for the end, once.
    pub(super) fn tell_closed(self: &Rc<Self>) {
        self.closed.wake_all();
        if let Some(observer) = self.take_observer() {
            observer.on_closed(self);
        }
    }

    pub(super) fn submit_close(self: &Rc<Self>, engine: &Rc<Engine>, mode: CloseMode) {
        // Asked for now: a closed socket does not tell.
        self.peer_address();
        self.resource.disown();
        match engine.begin(Op::Close { key: self.key(), mode }) {
            Begun::Waiting(id) => {
                self.closing.set(Some(id));
                engine.call_on(id, self.clone());
            }
            Begun::Done(_) => {
                self.note_closed(engine);
                self.schedule();
            }
        }
    }

    fn poll_closed(&self, cx: &Context<'_>, waiter: &Waiter<'_>) -> Poll<Result<()>> {
        if self.stage.get() == Stage::Closed {
            return Poll::Ready(self.error().map_or(Ok(()), Err));
        }
        // When the loop is gone, the wire was closed with it.
        self.engine()?;
        waiter.add(cx.waker());
        awaited::note(Awaited::Close);
        Poll::Pending
    }

    fn note_closed(&self, engine: &Engine) {
        self.closing.set(None);
        if let Some(timer) = self.out.lingers() {
            self.out.set_lingers(None);
            engine.disarm(timer);
        }
        self.resource.stop_watching(engine);
        self.stage.set(Stage::Closed);
        self.leave_owner();
    }

    /// Ends the outward direction behind what was written.
    pub(super) fn end_outward(self: &Rc<Self>, engine: &Rc<Engine>, layered: Option<&mut Layered>) {
        if let Some(layered) = layered {
            self.end_layer(engine, layered);
        }
        self.submit_tail(engine);
        let how = std::net::Shutdown::Write;
        engine.submit_and_forget(Op::Shutdown { key: self.key(), how });
    }

    /// Has the layer say that nothing more comes.
    fn end_layer(self: &Rc<Self>, engine: &Rc<Engine>, layered: &mut Layered) {
        layered.layer.close_notify();
        self.pump(engine, layered);
    }
}
