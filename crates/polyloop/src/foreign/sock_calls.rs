//! `sock_connect` and `sock_accept`.

use std::io;

use polyloop_core::{Address, Error, ErrorKind, Interest, Result};
use socket2::SockRef;

use super::duplicate::Duplicate;
use crate::loop_object::Loop;
use crate::sys::pollable::{self, OwnedSocket, Pollable};

impl Loop {
    /// Connects a socket to an address.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *connection refused*, with the address; *invalid input* if the
    /// socket is blocking, where the system tells (not on Windows); *unsupported* for an address that
    /// is not an internet one.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the socket connecting; closing it is the way to end that.
    ///
    /// # Examples
    ///
    /// ```
    /// polyloop::run(async {
    ///     let events = polyloop::Loop::current()?;
    ///     let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    ///     listener.set_nonblocking(true)?;
    ///     let client = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    ///     client.set_nonblocking(true)?;
    ///     events.sock_connect(&client, listener.local_addr()?).await?;
    ///     let (server, _peer) = events.sock_accept(&listener).await?;
    ///     events.sock_sendall(&client, b"hello").await?;
    ///     assert_eq!(events.sock_recv(&server, 100).await?, b"hello");
    ///     let _server = std::net::TcpStream::from(server);
    ///     Ok::<(), polyloop::Error>(())
    /// })?
    /// # ; Ok::<(), polyloop::Error>(())
    /// ```
    pub async fn sock_connect(
        &self,
        socket: &impl Pollable,
        address: impl Into<Address>,
    ) -> Result<()> {
        let address = address.into();
        let failed = |error: Error| error.attempting(format_args!("connect to {address}"));
        let engine = self.engine();
        engine.check_open()?;
        pollable::check_nonblocking(socket).map_err(failed)?;
        let peer = address.as_ip().ok_or_else(|| failed(ErrorKind::Unsupported.into()))?;
        self.spend().await;
        match SockRef::from(socket).connect(&peer.into()) {
            Ok(()) => return Ok(()),
            Err(error) if pollable::is_in_progress(&error) => {}
            Err(error) => return Err(failed(error.into())),
        }
        let duplicate = Duplicate::of(engine, socket).map_err(failed)?;
        loop {
            duplicate.ready(Interest::WRITABLE).await.map_err(failed)?;
            match ended(&SockRef::from(socket)) {
                Ok(true) => return Ok(()),
                // Writable without a peer and without an error: it was of before the connect.
                Ok(false) => self.spend().await,
                Err(error) => return Err(failed(error.into())),
            }
        }
    }

    /// Takes a connection from a listening socket, and tells its peer, where the system does. The
    /// connection is non-blocking.
    ///
    /// # Errors
    ///
    /// The operating system's, *too many open files* included; *invalid input* if the socket is
    /// blocking, where the system tells (not on Windows).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future takes no connection.
    pub async fn sock_accept(
        &self,
        socket: &impl Pollable,
    ) -> Result<(OwnedSocket, Option<Address>)> {
        self.engine().check_open()?;
        pollable::check_nonblocking(socket).map_err(|error| {
            let number = pollable::number(socket);
            error.attempting(format_args!("accept from socket {number}"))
        })?;
        let attempt = || pollable::accept(socket);
        let (accepted, peer) =
            self.retry(socket, Interest::READABLE, "accept from", attempt).await?;
        Ok((accepted, peer.as_socket().map(Address::from)))
    }
}

/// Tells whether a connect has ended well, not yet, or how it failed.
fn ended(socket: &SockRef<'_>) -> io::Result<bool> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}
