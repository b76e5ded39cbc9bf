//! Writing to a wire: directly where that is the shorter way, else in pieces that the loop owns.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use polyloop_core::{Completion, Error, ErrorKind, EventLoop, Op, Result};

use super::layer::Layered;
use super::marks::Marks;
use super::wire_object::{Stage, Wire};
use crate::engine::{Begun, Engine};
use crate::task::{Awaited, awaited};

impl Wire {
    /// Writes all of it, without ever waiting: what does not go at once is kept.
    ///
    /// What is written after the wire has failed or was closed is dropped; after
    /// [`write_eof`](Self::write_eof) that is an error, which is kept.
    pub(crate) fn write(self: &Rc<Self>, bytes: &[u8]) {
        self.write_all([bytes]);
    }

    /// Writes several slices as one.
    pub(crate) fn write_all<'a>(self: &Rc<Self>, slices: impl IntoIterator<Item = &'a [u8]>) {
        if !self.takes_writes() {
            return;
        }
        let Ok(engine) = self.engine() else { return };
        for bytes in slices {
            // The iterator is the caller's, and may have used the wire: nothing is borrowed here.
            if !self.takes_writes() || !self.write_one(&engine, bytes) {
                break;
            }
        }
        self.flush_tail(&engine);
        self.out.active.set(true);
        self.settle();
    }

    /// Counts the bytes that were written and that the kernel has not taken.
    pub(crate) fn outstanding(&self) -> usize {
        // A layer is borrowed only in here, for calls that run nothing of the user's.
        let held = self.layer.borrow().as_ref().map_or(0, |layered| layered.held.len());
        self.out.outstanding() + held
    }

    /// Tells whether more is outstanding than the high mark, and has not yet come down to the low.
    pub(crate) fn is_paused(&self) -> bool {
        self.out.paused.get()
    }

    /// Sets the marks; tells whether the writer may go on by that.
    pub(crate) fn set_marks(&self, marks: Marks) -> bool {
        self.out.set_marks(marks);
        self.settle()
    }

    /// Waits until the writer may go on.
    ///
    /// # Errors
    ///
    /// Why writing failed; that the connection was closed.
    pub(crate) fn drain(&self) -> impl Future<Output = Result<()>> {
        let waiter = self.out.drains.waiter();
        poll_fn(move |cx| self.poll_drain(cx, || self.out.drains.add(&waiter.place, cx.waker())))
    }

    /// As [`drain`](Self::drain), for who writes by the traits of futures-io.
    pub(crate) fn poll_drain_writer(&self, cx: &Context<'_>) -> Poll<Result<()>> {
        self.poll_drain(cx, || self.out.add_writer(cx.waker()))
    }

    /// Waits, if need be in the place of the caller's.
    fn poll_drain(&self, cx: &Context<'_>, wait: impl FnOnce()) -> Poll<Result<()>> {
        if let Some(error) = self.error() {
            return Poll::Ready(Err(error));
        }
        if self.stage.get() >= Stage::Aborting {
            let closed = Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
            let error = closed.attempting("it was closed on this side");
            return Poll::Ready(Err(self.resource.writing(error)));
        }
        // A writer that is never stopped still lets others run.
        ready!(self.engine()?.poll_spend(cx));
        if !self.is_paused() {
            return Poll::Ready(Ok(()));
        }
        wait();
        awaited::note(Awaited::Drain);
        Poll::Pending
    }

    /// Waits, for who writes by the traits of futures-io, until the kernel has taken everything.
    ///
    /// # Errors
    ///
    /// As for [`drain`](Self::drain).
    pub(crate) fn poll_flush(&self, cx: &Context<'_>) -> Poll<Result<()>> {
        if let Some(error) = self.error() {
            return Poll::Ready(Err(error));
        }
        if self.outstanding() == 0 {
            return Poll::Ready(Ok(()));
        }
        self.out.add_writer(cx.waker());
        awaited::note(Awaited::Drain);
        Poll::Pending
    }

    /// Gives up the place of who writes by the traits of futures-io.
    pub(crate) fn leave_writer(&self) {
        self.out.leave_writer();
    }

    /// Sends what the layer has to say, and what waited for its handshake.
    pub(super) fn pump(self: &Rc<Self>, engine: &Rc<Engine>, layered: &mut Layered) {
        self.send_outgoing(engine, layered);
        if layered.layer.is_handshaking() {
            return;
        }
        if !layered.held.is_empty() {
            let held = std::mem::take(&mut layered.held);
            self.write_plain(engine, layered, &held);
            // What is outstanding cannot be counted in here: it is compared with the marks soon.
            self.schedule();
        }
        if self.out.eof_waits.take() {
            self.end_outward(engine, Some(layered));
        }
    }

    /// Takes the end of a send; tells whether the writer may go on by that.
    pub(super) fn finish_send(
        self: &Rc<Self>,
        engine: &Rc<Engine>,
        completion: Completion,
    ) -> bool {
        self.count_sent(engine, completion);
        if self.out.sends() == 0 {
            self.submit_tail(engine);
        }
        self.settle()
    }

    /// Submits what does not fill a piece.
    pub(super) fn submit_tail(self: &Rc<Self>, engine: &Rc<Engine>) {
        let Some(buffer) = self.out.take_tail() else { return };
        self.out.begin_send(buffer.len());
        match engine.begin(Op::Send { key: self.key(), buffer }) {
            Begun::Done(completion) => self.count_sent(engine, completion),
            Begun::Waiting(id) => engine.call_on(id, self.clone()),
        }
    }

    /// Compares what is outstanding with the marks; tells whether the writer may go on now.
    pub(super) fn settle(&self) -> bool {
        let outstanding = self.outstanding();
        let resumes = self.out.settle(outstanding);
        if resumes || outstanding == 0 {
            self.out.drains.wake_all();
        }
        resumes
    }

    /// Keeps the first error; who waits is told in a place of its own in the ready queue.
    pub(super) fn fail(self: &Rc<Self>, error: Error) {
        if self.stage.get() >= Stage::Aborting || self.out.has_failed() {
            return;
        }
        self.out.set_error(error);
        self.out.failure_is_news.set(true);
        self.schedule();
    }

    fn takes_writes(self: &Rc<Self>) -> bool {
        if self.stage.get() >= Stage::Closing || self.out.has_failed() {
            return false;
        }
        if self.out.eof_written.get() {
            let error = Error::new(ErrorKind::InvalidInput).attempting("after its end was written");
            self.out.set_error(self.resource.writing(error));
            return false;
        }
        true
    }

    /// Writes a slice, and tells whether there is any use in more.
    fn write_one(self: &Rc<Self>, engine: &Rc<Engine>, bytes: &[u8]) -> bool {
        match &mut *self.layer.borrow_mut() {
            None => self.send(engine, bytes),
            Some(layered) => {
                self.write_plain(engine, layered, bytes);
                true
            }
        }
    }

    /// Sends bytes of the connection: what the kernel takes at once where that is the shorter way,
    /// the rest in pieces, of which the last may wait for more. Tells whether there is any use in more.
    fn send(self: &Rc<Self>, engine: &Rc<Engine>, bytes: &[u8]) -> bool {
        let rest = self.send_directly(engine, bytes);
        rest.inspect(|rest| self.append(engine, rest)).is_some()
    }

    /// Submits what waits for more, unless a send is in flight that more may come behind.
    fn flush_tail(self: &Rc<Self>, engine: &Rc<Engine>) {
        if self.out.sends() == 0 {
            self.submit_tail(engine);
        }
    }

    /// Gives the loop what it takes at once, and tells what it did not; nothing if that failed.
    fn send_directly<'a>(self: &Rc<Self>, engine: &Engine, bytes: &'a [u8]) -> Option<&'a [u8]> {
        if bytes.is_empty() || !self.out.is_idle() {
            return Some(bytes);
        }
        let bufs = [IoSlice::new(bytes)];
        match engine.with_driver(|driver| driver.try_send_soon(self.key(), &bufs)) {
            Ok(count) => Some(&bytes[count..]),
            Err(error) if error.is_would_block() => Some(bytes),
            Err(error) => {
                self.fail(self.resource.writing(error));
                None
            }
        }
    }

    /// Copies bytes behind what waits, and submits each piece that they fill.
    fn append(self: &Rc<Self>, engine: &Rc<Engine>, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let mut buffer = self.out.take_tail().unwrap_or_else(|| engine.lend_buffer());
            bytes = &bytes[buffer.append(bytes)..];
            let is_full = buffer.len() == buffer.capacity();
            self.out.set_tail(buffer);
            if is_full {
                self.submit_tail(engine);
            }
        }
    }

    fn write_plain(self: &Rc<Self>, engine: &Rc<Engine>, layered: &mut Layered, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if !layered.held.is_empty() {
                return layered.held.extend_from_slice(rest);
            }
            match layered.layer.write_plain(rest) {
                Ok(0) => return layered.held.extend_from_slice(rest),
                Ok(count) => rest = &rest[count..],
                Err(error) => {
                    self.send_outgoing(engine, layered);
                    return self.fail(error);
                }
            }
            self.send_outgoing(engine, layered);
        }
    }

    fn send_outgoing(self: &Rc<Self>, engine: &Rc<Engine>, layered: &mut Layered) {
        let outgoing = layered.layer.outgoing();
        if outgoing.is_empty() {
            return;
        }
        let count = outgoing.len();
        // After a failure, too: that is how the peer learns why.
        self.send(engine, outgoing);
        self.flush_tail(engine);
        layered.layer.sent(count);
    }

    /// Counts a send that has ended, and keeps its error.
    fn count_sent(self: &Rc<Self>, engine: &Engine, completion: Completion) {
        let mut count = 0;
        if let Some(Op::Send { buffer, .. }) = completion.op {
            count = buffer.len();
            engine.return_buffer(buffer);
        }
        self.out.end_send(count);
        match completion.result {
            Ok(_) => self.out.active.set(true),
            Err(error) => {
                drop(self.out.take_tail());
                self.fail(self.resource.writing(error));
            }
        }
    }
}
