//! `sock_recv`, `sock_sendall` and their kin: asyncio's calls on sockets that stay the user's.

use std::future::poll_fn;
use std::io;

use polyloop_core::{Address, ErrorKind, Interest, Result};

use super::duplicate::Duplicate;
use crate::loop_object::Loop;
use crate::sys::pollable::{self, Pollable};

impl Loop {
    /// Receives at most `count` bytes from a socket; none at the end of a stream.
    ///
    /// The call is tried first, and again whenever the socket becomes readable, so what is received
    /// is always the caller's. Several tasks may receive from one socket. The socket may be
    /// blocking; on Windows it must be non-blocking.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *connection reset*; *loop closed*.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future receives nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// polyloop::run(async {
    ///     let events = polyloop::Loop::current()?;
    ///     let one = std::net::UdpSocket::bind("127.0.0.1:0")?;
    ///     let other = std::net::UdpSocket::bind("127.0.0.1:0")?;
    ///     one.set_nonblocking(true)?;
    ///     events.sock_sendto(&other, b"hello", one.local_addr()?).await?;
    ///     assert_eq!(events.sock_recv(&one, 100).await?, b"hello");
    ///     Ok::<(), polyloop::Error>(())
    /// })?
    /// # ; Ok::<(), polyloop::Error>(())
    /// ```
    pub async fn sock_recv(&self, socket: &impl Pollable, count: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        let received = self.sock_recv_into(socket, &mut bytes).await?;
        bytes.truncate(received);
        Ok(bytes)
    }

    /// Receives some bytes into a slice, and tells how many; zero at the end of a stream.
    ///
    /// # Errors
    ///
    /// As for [`sock_recv`](Self::sock_recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe, as [`sock_recv`](Self::sock_recv) is.
    pub async fn sock_recv_into(&self, socket: &impl Pollable, buf: &mut [u8]) -> Result<usize> {
        let attempt = || pollable::recv(socket, buf);
        self.retry(socket, Interest::READABLE, "receive from", attempt).await
    }

    /// Receives one datagram of at most `count` bytes, and who sent it, where the system tells.
    ///
    /// # Errors
    ///
    /// As for [`sock_recv`](Self::sock_recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe, as [`sock_recv`](Self::sock_recv) is.
    pub async fn sock_recvfrom(
        &self,
        socket: &impl Pollable,
        count: usize,
    ) -> Result<(Vec<u8>, Option<Address>)> {
        let mut bytes = vec![0; count];
        let (received, peer) = self.sock_recvfrom_into(socket, &mut bytes).await?;
        bytes.truncate(received);
        Ok((bytes, peer))
    }

    /// Receives one datagram into a slice, and tells its length and who sent it, where the system
    /// tells. What does not fit is lost, as the socket API has it.
    ///
    /// # Errors
    ///
    /// As for [`sock_recv`](Self::sock_recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe, as [`sock_recv`](Self::sock_recv) is.
    pub async fn sock_recvfrom_into(
        &self,
        socket: &impl Pollable,
        buf: &mut [u8],
    ) -> Result<(usize, Option<Address>)> {
        let attempt = || pollable::recv_from(socket, buf);
        let (received, peer) =
            self.retry(socket, Interest::READABLE, "receive from", attempt).await?;
        Ok((received, peer.map(Address::from)))
    }

    /// Sends all bytes.
    ///
    /// The socket may be blocking; on Windows it must be non-blocking. A peer that is gone is an error, not
    /// a signal.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *broken pipe*;
    /// [`Error::transferred`](crate::Error::transferred) tells how much had gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has sent an unspecified part.
    pub async fn sock_sendall(&self, socket: &impl Pollable, bytes: &[u8]) -> Result<()> {
        let mut sent = 0;
        while sent < bytes.len() {
            let attempt = || pollable::send(socket, &bytes[sent..]);
            let count = self.retry(socket, Interest::WRITABLE, "send to", attempt).await;
            sent += count.map_err(|error| error.after_transferring(sent))?;
        }
        Ok(())
    }

    /// Sends one datagram, and tells how many bytes it was.
    ///
    /// # Errors
    ///
    /// The operating system's, with the address; *unsupported* for an address that is not an internet
    /// one.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has sent the datagram or not.
    pub async fn sock_sendto(
        &self,
        socket: &impl Pollable,
        bytes: &[u8],
        address: impl Into<Address>,
    ) -> Result<usize> {
        let address = address.into();
        let peer = address.as_ip().ok_or(ErrorKind::Unsupported)?;
        let attempt = || pollable::send_to(socket, bytes, peer);
        let sent = self.retry(socket, Interest::WRITABLE, "send to", attempt).await;
        sent.map_err(|error| error.attempting(format_args!("send to {address}")))
    }

    /// Makes a call that does not wait, again and again, each time when the socket is ready, until
    /// it gives something.
    ///
    /// The socket is duplicated, and the duplicate attached, for the first wait only.
    pub(super) async fn retry<T>(
        &self,
        socket: &impl Pollable,
        interest: Interest,
        what: &str,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> Result<T> {
        let failed = |error: polyloop_core::Error| {
            let number = pollable::number(socket);
            error.attempting(format_args!("{what} socket {number}"))
        };
        let engine = self.engine();
        let mut duplicate = None;
        loop {
            engine.check_open()?;
            self.spend().await;
            match attempt() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => return result.map_err(|error| failed(error.into())),
            }
            let duplicate = match &duplicate {
                Some(duplicate) => duplicate,
                None => duplicate.insert(Duplicate::of(engine, socket).map_err(failed)?),
            };
            duplicate.ready(interest).await.map_err(failed)?;
        }
    }

    /// Spends one op of the task's budget, in the next iteration if none is left.
    pub(super) async fn spend(&self) {
        poll_fn(|cx| self.engine().poll_spend(cx)).await;
    }
}
