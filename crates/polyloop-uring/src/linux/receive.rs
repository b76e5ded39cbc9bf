//! Receiving ahead.
//!
//! While a multishot receive is at the head of a stream's inward lane, the loop keeps one of two
//! things in the kernel for it: a multishot receive into published chunks, or, where there are
//! no chunks or no buffer ring, a one-shot poll after which the reader receives directly. Stopping
//! the former for backpressure, and arming it again, happens here too.

use polyloop_core::{
    Batch, Chunk, Completion, Error, ErrorKind, Interest, Key, OpKind, Output, Result, Route,
};

use polyloop_os::HandleKind;

use crate::linux::UringLoop;
use crate::linux::kernel::{Landed, Request};
use crate::linux::own_request::OwnRequest;
use crate::linux::resource::{HangUp, Receive, Resource, Side};

impl UringLoop {
    /// Puts something into the kernel for the stream, if that is due; else does nothing.
    pub(crate) fn arm(&mut self, key: Key) {
        let unread_max = self.config.unread_chunks_max;
        let Some(resource) = self.resources.get(key) else { return };
        if resource.reader().is_none()
            || resource.receive != Receive::Idle
            || resource.inbound.has_ended()
            || resource.inbound.chunks() >= unread_max
        {
            return;
        }
        // Who was told comes and receives directly; it arms again when that would block.
        let is_with_reader = resource.told || resource.inbound.is_readable();
        let pushes = self.pushes_to(key);
        if !pushes && is_with_reader {
            return;
        }
        let interest = Interest::READABLE;
        let (own, request, receive) = match pushes {
            true => (OwnRequest::Receive, Request::ReceiveMulti, Receive::Armed),
            false => {
                let request = Request::Poll { interest, multi: false };
                (OwnRequest::Poll, request, Receive::Polling)
            }
        };
        let is_asked = self.ask(key, own, request);
        if let Some(resource) = self.resources.get_mut(key).filter(|_| is_asked) {
            resource.receive = receive;
        }
    }

    /// Asks the kernel to receive no more for the stream; what it has received still comes.
    pub(crate) fn stop_receive(&mut self, key: Key) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        let own = match resource.receive {
            Receive::Armed => OwnRequest::Receive,
            Receive::Polling => OwnRequest::Poll,
            Receive::Idle | Receive::Stopping => return,
        };
        resource.receive = Receive::Stopping;
        self.kernel.cancel(own.name(key));
    }

    /// Stops receiving for the streams whose readers have not kept up, and for those whose end the
    /// receive may not tell of.
    pub(crate) fn stop_full(&mut self) {
        while let Some(key) = self.full.pop() {
            let is_due = self.resources.get(key).is_some_and(|resource| {
                let is_full = resource.inbound.chunks() >= self.config.unread_chunks_max;
                let is_over = resource.hang_up == HangUp::Seen;
                (is_full || is_over) && resource.receive == Receive::Armed
            });
            if is_due {
                self.stop_receive(key);
            }
        }
    }

    /// Tells the multishot receive of *readable*, if it is active and was not told; `certain`
    /// that there is something, even if it is with the kernel.
    pub(crate) fn tell_readable(&mut self, key: Key, certain: bool) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        let Some(reader) = resource.reader() else { return };
        if !resource.told && (certain || resource.inbound.is_readable()) {
            resource.told = true;
            self.done.push_back(Completion::more(reader.token(), Output::Readable));
        }
    }

    pub(crate) fn receive_landed(&mut self, key: Key, landed: Landed) {
        let unread_max = self.config.unread_chunks_max;
        let Some(resource) = self.resources.get_mut(key) else { return };
        let was_readable = resource.inbound.is_readable();
        let was_polling = resource.receive == Receive::Polling;
        let mut is_certain = was_polling && landed.result != Err(libc::ECANCELED);
        if let Some(chunk) = landed.chunk {
            resource.inbound.push(chunk);
        }
        if resource.inbound.chunks() >= unread_max {
            self.full.push(key);
        }
        if !landed.more {
            resource.receive = Receive::Idle;
        }
        if !was_polling {
            is_certain = self.note_end(key, landed.result);
        }
        self.tell_readable(key, is_certain);
        let is_readable = self.resources.get(key).is_some_and(|it| it.inbound.is_readable());
        if is_readable && !was_readable {
            self.tell_polls(key);
        }
        if !landed.more {
            // Ends a cancelled multishot receive, begins a receive that waited, or arms again.
            self.advance(key, Side::Inward);
        }
    }

    /// Takes in what was received ahead, of which there will be more: what comes most often.
    /// What it tells goes into the batch, which has room, unless something is to be told before.
    #[inline]
    pub(crate) fn chunk_landed(&mut self, key: Key, chunk: Chunk, batch: &mut Batch) {
        let Some(resource) = self.resources.get_mut(key) else { return };
        let mut unread = 1;
        let mut was_readable = false;
        if let Err(chunk) = resource.inbound.push_first(chunk) {
            was_readable = resource.inbound.is_readable();
            resource.inbound.push(chunk);
            unread = resource.inbound.chunks();
        }
        if unread >= self.config.unread_chunks_max {
            self.full.push(key);
        }
        if !resource.told
            && let Some(reader) = resource.reader()
        {
            resource.told = true;
            let token = reader.token();
            let is_told = self.done.is_empty() && batch.push_readable(token);
            if !is_told {
                self.done.push_back(Completion::more(token, Output::Readable));
            }
        }
        let is_unwatched = resource.hang_up == HangUp::Unwatched;
        if !was_readable && !resource.lane(Side::Unordered).is_empty() {
            self.tell_polls(key);
        }
        if is_unwatched {
            self.watch_hang_up(key);
        }
    }

    /// Notes how a multishot receive ended, if it has; tells whether the reader had better look
    /// for itself.
    fn note_end(&mut self, key: Key, result: Result<u32, i32>) -> bool {
        let Some(resource) = self.resources.get_mut(key) else { return false };
        match result {
            Ok(0) => resource.inbound.finish(),
            // ENOBUFS: no published chunk is left. It is armed again, or polled, by what the
            // pool has by then.
            Ok(_) | Err(libc::ECANCELED | libc::ENOBUFS | libc::EINTR | libc::EAGAIN) => {}
            Err(libc::EINVAL) if !self.routes.is_modern => self.refuse_push(),
            Err(libc::EOPNOTSUPP | libc::EPERM) if self.routes.receive_multi => self.refuse_push(),
            // Not an end: the stream may be connected yet.
            Err(libc::ENOTCONN) => return true,
            Err(errno) => resource.inbound.fail(Error::from_errno(errno)),
        }
        false
    }

    /// Tells whether the kernel can receive into chunks for this stream now.
    fn pushes_to(&mut self, key: Key) -> bool {
        let takes_chunks = self.resources.get(key).is_some_and(|resource| {
            resource.kind == HandleKind::Stream && resource.hang_up != HangUp::Seen
        });
        if !takes_chunks || !self.routes.receive_multi {
            return false;
        }
        match self.kernel.publish(&mut self.pool) {
            Ok(has_chunks) => has_chunks,
            Err(_) => {
                self.refuse_push();
                false
            }
        }
    }

    fn refuse_push(&mut self) {
        self.routes.receive_multi = false;
        self.capabilities.set_route(OpKind::RecvMulti, Route::Emulated);
        self.capabilities.receives_ahead = false;
    }
}

impl Resource {
    /// Notes how a send failed: the kernel may tell of a reset only once, and the reader is to learn
    /// of it too.
    pub(crate) fn note_failed_send(&mut self, error: &Error) {
        let is_reset = error.kind() == ErrorKind::Io(std::io::ErrorKind::ConnectionReset);
        if is_reset && self.kind == HandleKind::Stream {
            self.inbound.send_met_reset(error.clone());
        }
    }

    /// Notes that a read has met the end, or gives the reset that a send has met.
    pub(crate) fn meet_end(&mut self) -> Result<()> {
        if self.kind == HandleKind::Stream { self.inbound.meet_end() } else { Ok(()) }
    }

    /// Adds a copy of bytes behind what was received ahead.
    pub(crate) fn append_inbound(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            self.inbound.finish();
            return;
        }
        let mut chunk = polyloop_core::Chunk::standalone(bytes.len());
        chunk.storage_mut().copy_from_slice(bytes);
        chunk.fill(bytes.len());
        self.inbound.push(chunk);
    }
}
