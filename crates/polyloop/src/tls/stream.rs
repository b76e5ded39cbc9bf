use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use polyloop_core::{Error, ErrorKind, Result, limits};

use super::channel::Channel;
use super::halves::{self, TlsOwnedReadHalf, TlsOwnedWriteHalf, TlsReadHalf, TlsWriteHalf};
use super::info::ConnectionInfo;
use super::session::Session;
use super::upgrade;
use crate::streams::{StreamReader, StreamWriter, pair_of};
use crate::time::timeout;
use crate::transport::{StreamSocket, wire};

/// A TLS connection over a stream of bytes, made by
/// [`TlsConnector::connect`](super::TlsConnector::connect) or [`TlsAcceptor::accept`](super::TlsAcceptor::accept).
///
/// The peer's end is an end only if the peer said so (`close_notify`): without it, reading
/// fails with *unexpected end of file* after all bytes that came, because anybody on the way can
/// cut a connection. So end with [`shutdown`](Self::shutdown) or [`close`](Self::close): dropping this is a cut too.
///
/// An idle connection holds no read buffer of ours; rustls keeps one of 4 KiB.
pub struct TlsStream<S> {
    pub(super) channel: RefCell<Channel<S>>,
    shutdown_timeout: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    /// Shakes hands over a stream.
    pub(super) async fn handshake(
        stream: S,
        session: Session,
        handshake_timeout: Duration,
        shutdown_timeout: Duration,
    ) -> Result<TlsStream<S>> {
        let mut channel = Channel::new(stream, session);
        let shaken = timeout(handshake_timeout, poll_fn(|cx| channel.poll_handshake(cx))).await;
        shaken.unwrap_or_else(|_| {
            Err(upgrade::timed_out(channel.session().peer(), handshake_timeout))
        })?;
        Ok(TlsStream { channel: RefCell::new(channel), shutdown_timeout })
    }

    /// Reads some bytes, and tells how many; zero is the end that the peer announced (or that of
    /// `buf`, if it is empty).
    ///
    /// # Errors
    ///
    /// *Unexpected end of file* if the connection ended without such an announcement; *invalid
    /// data* if it was tampered with; the stream's. All after the bytes that came before.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future reads nothing; bytes stay in the stream.
    pub async fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        halves::read(&self.channel, buf).await
    }

    /// Reads as many bytes as `buf` is long.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read), and *unexpected end of file*, with
    /// [`Error::transferred`](crate::Error::transferred) telling how many had come.
    ///
    /// # Cancel safety
    ///
    /// Not cancel-safe: what had been read is in `buf`, and nobody knows how much that is.
    pub async fn read_exact(&mut self, buf: &mut [u8]) -> Result<()> {
        halves::read_exact(&self.channel, buf).await
    }

    /// Reads to the end of the stream, behind what `bytes` holds, and tells how many bytes that were.
    /// There is no bound: do not read so from whom you do not trust.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read); what came before is in `bytes`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves in `bytes` what had been read; nothing is lost.
    pub async fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> Result<usize> {
        halves::read_to_end(&self.channel, bytes).await
    }

    /// Writes all of it: done when the stream below has taken it, encrypted.
    ///
    /// At most 64 KiB wait encrypted; beyond that it waits for the peer.
    ///
    /// # Errors
    ///
    /// Of the stream below, such as *broken pipe*, which this is too after
    /// [`shutdown`](Self::shutdown). An unspecified part has been written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has written an unspecified part. Records are never cut: what was
    /// encrypted goes out before what is written next.
    pub async fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        halves::write_all(&self.channel, bytes).await
    }

    /// Says to the peer that no more comes (`close_notify`), after what was written, and ends the
    /// writing direction of the stream below. Reading goes on.
    ///
    /// # Errors
    ///
    /// Of the stream below.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may or may not have said it; calling again is right.
    pub async fn shutdown(&mut self) -> Result<()> {
        halves::shutdown(&self.channel).await
    }

    /// Ends the connection in order: [`shutdown`](Self::shutdown), then waits for the peer to do the same, ignoring
    /// what it still sends.
    ///
    /// # Errors
    ///
    /// *Timed out* if that takes longer than the connector's or acceptor's shutdown timeout, else as for
    /// [`read`](Self::read). The connection is closed all the same.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection at once.
    pub async fn close(self) -> Result<()> {
        let ended = async {
            halves::shutdown(&self.channel).await?;
            let mut ignored = vec![0; limits::TLS_PLAIN_MAX];
            while halves::read(&self.channel, &mut ignored).await? > 0 {}
            Ok(())
        };
        match timeout(self.shutdown_timeout, ended).await {
            Ok(ended) => ended,
            Err(_) => Err(Error::new(ErrorKind::TimedOut).attempting(format_args!(
                "TLS with {}: end it within {:?}",
                self.channel.borrow().session().peer(),
                self.shutdown_timeout
            ))),
        }
    }

    /// Lends the two directions, for one task that reads and writes at once.
    pub fn split(&mut self) -> (TlsReadHalf<'_, S>, TlsWriteHalf<'_, S>) {
        halves::split(&self.channel)
    }

    /// Makes the two directions independent, for two tasks of the loop. The connection closes with
    /// the second half.
    pub fn into_split(self) -> (TlsOwnedReadHalf<S>, TlsOwnedWriteHalf<S>) {
        halves::into_split(Rc::new(self.channel))
    }

    /// Makes of the connection a reader with a buffer and a writer that never waits, which go on with
    /// the same session. Closing is theirs then: the shutdown timeout no longer counts.
    pub fn into_streams(self) -> (StreamReader, StreamWriter)
    where
        S: StreamSocket,
    {
        let (stream, session, received) = self.channel.into_inner().into_parts();
        let wire = wire(stream.into_socket_resource());
        wire.install_layer(Box::new(session), &received);
        pair_of(wire)
    }

    /// Tells what was agreed upon.
    pub fn connection_info(&self) -> ConnectionInfo {
        ConnectionInfo::of(self.channel.borrow().session())
    }

    /// Gives the stream below, to ask it for addresses and options. Reading from it or writing to it
    /// would break the connection.
    pub fn stream(&mut self) -> &S {
        self.channel.get_mut().stream()
    }
}

impl<S> fmt::Debug for TlsStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream").finish_non_exhaustive()
    }
}
