//! One TLS conversation without I/O: ciphertext in and out on one side, plain bytes on the other.

#[cfg(all(test, feature = "__tls-tests"))]
mod tests;

use std::io::{self, Read, Write};
use std::sync::Arc;

use polyloop_core::{Error, Result, limits};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};

use super::failure::{Failure, FirstBytes};

/// The ciphertext buffer's capacity that a session keeps while there is nothing to send.
const OUTGOING_KEPT: usize = 4 * 1024;

/// A TLS conversation, of a client or a server.
///
/// Whoever moves the bytes gives it what came ([`incoming`](Self::incoming), [`eof`](Self::eof)) and
/// sends what it has [`outgoing`](Self::outgoing), also and above all after a failure: that is
/// how the peer learns why.
///
/// Always true between calls: what rustls has encrypted is in `outgoing`; `plain_len` is how many
/// decrypted bytes rustls holds, as long as there is no failure.
pub(crate) struct Session {
    connection: Connection,
    /// Who is at the other end, for error messages.
    peer: Box<str>,
    /// What the peer sent first, to tell plain text from TLS.
    first: FirstBytes,
    outgoing: Vec<u8>,
    /// How much of `outgoing` has been sent.
    sent: usize,
    plain_len: usize,
    failure: Option<Failure>,
    /// The peer has said that it sends no more.
    peer_closed: bool,
    /// `close_notify` has been encrypted, so nothing may follow it.
    closed: bool,
}

impl Session {
    /// Begins as a client that wants to speak to the named server.
    pub(crate) fn client(config: Arc<ClientConfig>, name: ServerName<'static>) -> Result<Session> {
        let peer: Box<str> = name.to_str().into();
        let connection = ClientConnection::new(config, name)
            .map_err(|error| Failure::Tls(error).to_error(&peer, &FirstBytes::default()))?;
        Ok(Session::new(connection.into(), peer))
    }

    /// Begins as a server.
    pub(crate) fn server(config: Arc<ServerConfig>) -> Result<Session> {
        let peer: Box<str> = "a client".into();
        let connection = ServerConnection::new(config)
            .map_err(|error| Failure::Tls(error).to_error(&peer, &FirstBytes::default()))?;
        Ok(Session::new(connection.into(), peer))
    }

    fn new(connection: Connection, peer: Box<str>) -> Session {
        let mut session = Session {
            connection,
            peer,
            first: FirstBytes::default(),
            outgoing: Vec::new(),
            sent: 0,
            plain_len: 0,
            failure: None,
            peer_closed: false,
            closed: false,
        };
        session.collect_outgoing();
        session
    }

    /// Takes ciphertext from the peer and tells how much of it: less than all means that plain
    /// bytes must be read first.
    ///
    /// After a failure, and after the peer's `close_notify`, it takes everything and ignores it.
    pub(crate) fn incoming(&mut self, bytes: &[u8]) -> usize {
        self.first.note(bytes);
        let mut rest = bytes;
        while !rest.is_empty() && self.plain_len <= limits::TLS_PLAIN_MAX {
            if self.failure.is_some() || self.peer_closed {
                return bytes.len();
            }
            match self.connection.read_tls(&mut rest) {
                Ok(_) => self.process(),
                // A slice does not fail: a message is longer than rustls takes.
                Err(_) => self.failure = Some(Failure::TooLong),
            }
        }
        bytes.len() - rest.len()
    }

    /// Notes that the transport has ended: no more ciphertext comes.
    pub(crate) fn eof(&mut self) {
        if self.failure.is_none() && !self.peer_closed {
            self.failure = Some(match self.connection.is_handshaking() {
                true => Failure::EndInHandshake,
                false => Failure::Truncated,
            });
        }
    }

    /// Reads plain bytes: how many, zero at the end that the peer announced, nothing while more
    /// ciphertext is needed.
    ///
    /// # Errors
    ///
    /// Why the conversation failed, after all bytes that came before; again at each later call.
    pub(crate) fn read_plain(&mut self, buf: &mut [u8]) -> Result<Option<usize>> {
        if buf.is_empty() {
            return Ok(Some(0));
        }
        match self.connection.reader().read(buf) {
            Ok(count) => {
                self.plain_len = self.plain_len.saturating_sub(count);
                Ok(Some(count))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => match self.failure() {
                Some(error) => Err(error),
                None => Ok(None),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Encrypts plain bytes and tells how many: none while too much ciphertext waits to be sent,
    /// or, during the handshake, too many plain bytes wait for its end.
    ///
    /// # Errors
    ///
    /// Why the conversation failed; *broken pipe* after [`close_notify`](Self::close_notify).
    pub(crate) fn write_plain(&mut self, bytes: &[u8]) -> Result<usize> {
        if let Some(error) = self.failure() {
            return Err(error);
        }
        if self.closed {
            return Err(Error::from(io::Error::from(io::ErrorKind::BrokenPipe))
                .attempting(format_args!("write to {} after close_notify", self.peer)));
        }
        let space = limits::TLS_OUTGOING_MAX.saturating_sub(self.outgoing().len());
        let count = self.connection.writer().write(&bytes[..bytes.len().min(space)])?;
        self.collect_outgoing();
        Ok(count)
    }

    /// Says to the peer that no more plain bytes come. Once is enough.
    pub(crate) fn close_notify(&mut self) {
        self.closed = true;
        self.connection.send_close_notify();
        self.collect_outgoing();
    }

    /// Gives the ciphertext that is to be sent.
    pub(crate) fn outgoing(&self) -> &[u8] {
        &self.outgoing[self.sent..]
    }

    /// Notes that the first bytes of [`outgoing`](Self::outgoing) have been sent.
    pub(crate) fn sent(&mut self, count: usize) {
        self.sent += count;
        if self.sent == self.outgoing.len() {
            self.sent = 0;
            self.outgoing.clear();
            self.outgoing.shrink_to(OUTGOING_KEPT);
        }
    }

    /// Tells whether the handshake has neither succeeded nor failed.
    pub(crate) fn is_handshaking(&self) -> bool {
        self.failure.is_none() && self.connection.is_handshaking()
    }

    /// Gives why the conversation failed, if it did.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.failure.as_ref().map(|failure| failure.to_error(&self.peer, &self.first))
    }

    /// Gives what was agreed.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Names the other end, for error messages.
    pub(crate) fn peer(&self) -> &str {
        &self.peer
    }

    fn process(&mut self) {
        match self.connection.process_new_packets() {
            Ok(state) => {
                self.plain_len = state.plaintext_bytes_to_read();
                self.peer_closed = state.peer_has_closed();
            }
            Err(error) => self.failure = Some(Failure::Tls(error)),
        }
        self.collect_outgoing();
    }

    fn collect_outgoing(&mut self) {
        while self.connection.wants_write() {
            let written = self.connection.write_tls(&mut self.outgoing);
            debug_assert!(written.is_ok_and(|count| count > 0), "a vector takes everything");
        }
    }
}
