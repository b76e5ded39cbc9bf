//! Reading from a wire: attempts, polls, and watching for an observer.

use std::rc::Rc;
use std::task::{Context, Poll, ready};

use polyloop_core::{Chunk, Error, EventLoop, Result};

use super::layer::Layered;
use super::wire_object::{Stage, Wire};
use crate::engine::Engine;

/// Bytes of a chunk that is made for plain bytes of a layer: a TLS record's.
const PLAIN_CHUNK: usize = 16 * 1024;

impl Wire {
    /// Reads what is there, zero at the end; *would block* if nothing is.
    pub(crate) fn try_read(self: &Rc<Self>, engine: &Rc<Engine>, buf: &mut [u8]) -> Result<usize> {
        if self.stage.get() >= Stage::Closing || buf.is_empty() {
            return self.why_aborted().map_or(Ok(0), Err);
        }
        let result = match &mut *self.layer.borrow_mut() {
            None => self.received(engine.with_driver(|driver| driver.try_recv(self.key(), buf))),
            Some(layered) => self.try_read_plain(engine, layered, buf),
        };
        self.note_read(&result);
        result
    }

    /// Reads what is there into a chunk, nothing at the end; without a copy where no layer is.
    pub(crate) fn try_read_chunk(self: &Rc<Self>, engine: &Rc<Engine>) -> Result<Option<Chunk>> {
        if self.has_layer() {
            let mut chunk = Chunk::standalone(PLAIN_CHUNK);
            let count = self.try_read(engine, chunk.storage_mut())?;
            chunk.fill(count);
            return Ok((count > 0).then_some(chunk));
        }
        if self.stage.get() >= Stage::Closing {
            return self.why_aborted().map_or(Ok(None), Err);
        }
        let result = self.try_receive(engine);
        self.note_read(&result);
        result
    }

    /// Reads into a slice; zero at the end of the stream.
    pub(crate) fn poll_read(
        self: &Rc<Self>,
        cx: &Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        self.poll_attempt(cx, |engine| self.try_read(engine, buf))
    }

    /// Reads a chunk; nothing at the end of the stream.
    pub(crate) fn poll_read_chunk(
        self: &Rc<Self>,
        cx: &Context<'_>,
    ) -> Poll<Result<Option<Chunk>>> {
        self.poll_attempt(cx, |engine| self.try_read_chunk(engine))
    }

    /// Moves the layer's handshake on until it has succeeded.
    ///
    /// # Errors
    ///
    /// Why it failed, or that the connection did.
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "TLS plugs in here"))]
    pub(crate) fn poll_handshake(self: &Rc<Self>, cx: &Context<'_>) -> Poll<Result<()>> {
        self.poll_attempt(cx, |engine| {
            let mut slot = self.layer.borrow_mut();
            let Some(layered) = &mut *slot else { return Ok(()) };
            while layered.layer.is_handshaking() {
                self.feed(engine, layered)?;
            }
            layered.layer.failure().map_or(Ok(()), Err)
        })
    }

    /// Has the observer called whenever there is something to read, until the wire is closed.
    ///
    /// It is told anew only after an attempt has met *would block*.
    pub(crate) fn watch(self: &Rc<Self>, engine: &Engine) -> Result<()> {
        let begin = |engine: &Engine| engine.begin_readable(self.key());
        self.received(self.resource.watch_calling(engine, begin, self.clone()))
    }

    pub(crate) fn has_layer(&self) -> bool {
        self.layer.borrow().is_some()
    }

    fn poll_attempt<R>(
        &self,
        cx: &Context<'_>,
        attempt: impl FnOnce(&Rc<Engine>) -> Result<R>,
    ) -> Poll<Result<R>> {
        let engine = self.engine()?;
        ready!(engine.poll_spend(cx));
        if self.stage.get() < Stage::Closing {
            self.resource.receive_ahead(&engine);
        }
        match attempt(&engine) {
            Err(error) if error.is_would_block() => {}
            result => return Poll::Ready(result),
        }
        self.resource
            .poll_watch(&engine, cx, |engine| engine.begin_readable(self.key()))
            .map(|error| self.received(Err(error)))
    }

    fn try_read_plain(
        self: &Rc<Self>,
        engine: &Rc<Engine>,
        layered: &mut Layered,
        buf: &mut [u8],
    ) -> Result<usize> {
        loop {
            if let Some(count) = layered.layer.read_plain(buf)? {
                return Ok(count);
            }
            self.feed(engine, layered)?;
        }
    }

    /// Gives the layer what came in, and sends what it has to say to that.
    fn feed(self: &Rc<Self>, engine: &Rc<Engine>, layered: &mut Layered) -> Result<()> {
        let incoming = match layered.unread.take() {
            Some(chunk) => Some(chunk),
            None if self.stage.get() >= Stage::Closing => None,
            None => self.try_receive(engine)?,
        };
        layered.feed(incoming);
        self.pump(engine, layered);
        Ok(())
    }

    /// Gives the error for which the wire was aborted; a reader of one that was closed only finds
    /// its end.
    fn why_aborted(&self) -> Option<Error> {
        if self.stage.get() == Stage::Closing { None } else { self.error() }
    }

    /// Takes a chunk of what came.
    fn try_receive(&self, engine: &Engine) -> Result<Option<Chunk>> {
        self.received(engine.with_driver(|driver| driver.try_recv_chunk(self.key())))
    }

    /// Says in a failure from whom reading was attempted.
    fn received<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| self.resource.reading(error))
    }

    fn note_read<T>(&self, result: &Result<T>) {
        if result.is_ok() {
            self.out.active.set(true);
        }
    }
}
