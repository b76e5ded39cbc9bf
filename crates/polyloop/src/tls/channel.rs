//! A session and the stream of bytes that it speaks over: moves ciphertext between the two.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::{Error, Result, limits};

use super::session::Session;

/// A session over a stream.
///
/// Two tasks may use it, one for each direction. A task that reads polls the stream for writing
/// only while none that writes waits for that, so neither takes the other's place in the stream.
pub(super) struct Channel<S> {
    stream: S,
    session: Session,
    /// Ciphertext that the session did not take yet; seldom any.
    untaken: Vec<u8>,
    /// A task that writes waits for the stream: for room, or until it is flushed or closed.
    writer_waits: bool,
    /// The stream has ended, or failed.
    ended: bool,
}

thread_local! {
    /// What ciphertext is received into. An idle stream so holds no buffer.
    static RECEIVED: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl<S> Channel<S> {
    pub(super) fn new(stream: S, session: Session) -> Channel<S> {
        Channel { stream, session, untaken: Vec::new(), writer_waits: false, ended: false }
    }

    /// Notes that the task that wrote has given up, so that nobody waits.
    pub(super) fn forget_writer(&mut self) {
        self.writer_waits = false;
    }

    /// Gives the session.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Says what was attempted on the stream, and with whom.
    fn below(&self, what: &str, error: io::Error) -> Error {
        let peer = self.session.peer();
        Error::from(error).attempting(format_args!("TLS with {peer}: {what} the stream below"))
    }

    /// Gives the stream, the session, and the ciphertext that the session did not take yet.
    pub(super) fn into_parts(self) -> (S, Session, Vec<u8>) {
        (self.stream, self.session, self.untaken)
    }

    /// Gives the stream.
    pub(super) fn stream(&self) -> &S {
        &self.stream
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    /// Reads plain bytes; zero at the end that the peer announced.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<Result<usize>> {
        loop {
            match self.session.read_plain(buf) {
                Ok(Some(count)) => {
                    self.answer(cx);
                    return Poll::Ready(Ok(count));
                }
                Ok(None) => {}
                Err(error) => {
                    // The peer is told why, if it still listens.
                    self.answer(cx);
                    return Poll::Ready(Err(error));
                }
            }
            let received = self.poll_receive(cx);
            self.answer(cx);
            ready!(received)?;
        }
    }

    /// Takes plain bytes to be sent, and tells how many. They are on their way only once
    /// [`poll_flush`](Self::poll_flush) is done.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        loop {
            let count = self.session.write_plain(bytes)?;
            if count > 0 {
                // What the stream does not take now, a flush or the next write sends: nobody waits.
                let _ = self.poll_send(cx)?;
                self.writer_waits = false;
                return Poll::Ready(Ok(count));
            }
            ready!(self.poll_send(cx))?;
        }
    }

    /// Sends all ciphertext and flushes the stream.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_send(cx))?;
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.writer_waits = flushed.is_pending();
        Poll::Ready(ready!(flushed).map_err(|error| self.below("flush", error)))
    }

    /// Tells the peer that no more comes, and ends the stream's writing direction.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.session.close_notify();
        ready!(self.poll_flush(cx))?;
        let closed = Pin::new(&mut self.stream).poll_close(cx);
        self.writer_waits = closed.is_pending();
        Poll::Ready(ready!(closed).map_err(|error| self.below("close", error)))
    }

    /// Shakes hands, and sends the last of what that gave.
    pub(super) fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        loop {
            let sent = self.poll_flush(cx);
            if let Some(error) = self.session.failure() {
                // The peer was told why, as far as that goes without waiting.
                return Poll::Ready(Err(error));
            }
            if !self.session.is_handshaking() {
                return sent;
            }
            // A peer that gives up says why and closes: that explains why sending failed.
            ready!(self.poll_receive(cx))?;
        }
    }

    /// Receives ciphertext, or the stream's end, into the session.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if !self.untaken.is_empty() {
            let taken = self.session.incoming(&self.untaken);
            debug_assert!(taken > 0, "nothing waits to be read");
            self.untaken.drain(..taken);
            return Poll::Ready(Ok(()));
        }
        if self.ended {
            self.session.eof();
            return Poll::Ready(Ok(()));
        }
        // A stream that is itself TLS finds none there, and makes its own.
        let mut received = RECEIVED.take();
        received.resize(limits::TLS_RECEIVE, 0);
        let polled = Pin::new(&mut self.stream).poll_read(cx, &mut received);
        if let Poll::Ready(Ok(count)) = polled {
            let taken = self.session.incoming(&received[..count]);
            self.untaken.extend_from_slice(&received[taken..count]);
        }
        RECEIVED.set(received);
        match ready!(polled) {
            Ok(count) => self.ended = count == 0,
            Err(error) => return Poll::Ready(Err(self.below("read from", error))),
        }
        Poll::Ready(Ok(()))
    }

    /// Sends all ciphertext, for a task that writes.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.session.outgoing().is_empty() {
            let sent = Pin::new(&mut self.stream).poll_write(cx, self.session.outgoing());
            self.writer_waits = sent.is_pending();
            match ready!(sent) {
                Ok(0) => {
                    let none = io::ErrorKind::WriteZero.into();
                    return Poll::Ready(Err(self.below("write to", none)));
                }
                Ok(count) => self.session.sent(count),
                Err(error) => return Poll::Ready(Err(self.below("write to", error))),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Sends what reading gave (an alert, an answer to new keys) as far as that goes without
    /// waiting; a task that writes sends the rest.
    fn answer(&mut self, cx: &mut Context<'_>) {
        if !self.writer_waits && !self.session.outgoing().is_empty() {
            // A failure is found again by whoever writes; here, what was read comes first.
            let _ = self.poll_flush(cx);
            self.writer_waits = false;
        }
    }
}
