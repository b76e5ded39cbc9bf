use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use polyloop_core::{Address, Error, ErrorKind, Result};

use super::builder::ServerBuilder;
use super::core::ServerCore;
use crate::task::{Awaited, awaited};
use crate::time;
use crate::wire::Wire;

/// What listens and takes connections: asyncio's `Server`.
///
/// Dropping it stops listening; connections that were taken go on.
#[must_use = "a server stops listening when it is dropped"]
pub struct Server {
    core: Rc<ServerCore>,
}

impl Server {
    /// Begins to make a server with options and limits.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::new()
    }

    pub(super) fn of(core: Rc<ServerCore>) -> Server {
        Server { core }
    }

    /// Begins to take connections, if it does not yet.
    ///
    /// # Errors
    ///
    /// The operating system's, if a listener fails; *stale key* if the server was closed; *loop
    /// closed*.
    pub fn start_serving(&self) -> Result<()> {
        self.check_open("take connections by a server")?;
        self.core.start()
    }

    /// Tells whether it takes connections.
    pub fn is_serving(&self) -> bool {
        self.core.serving.get()
    }

    /// Serves until it is closed. Dropping the future closes the server, as cancelling it does in
    /// asyncio.
    ///
    /// # Errors
    ///
    /// As for [`start_serving`](Self::start_serving).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the server; connections that were taken go on.
    pub async fn serve_forever(&self) -> Result<()> {
        struct CloseAtEnd<'a>(&'a Server);
        impl Drop for CloseAtEnd<'_> {
            fn drop(&mut self) {
                self.0.close();
            }
        }
        self.start_serving()?;
        let _closing = CloseAtEnd(self);
        self.until(|core| core.is_closed()).await;
        Ok(())
    }

    /// Stops listening. Connections that were taken go on.
    pub fn close(&self) {
        self.core.close();
    }

    /// Closes every connection, each after what was written to it has been sent.
    pub fn close_clients(&self) {
        self.core.clients().iter().for_each(Wire::close);
    }

    /// Closes every connection at once; what was not sent is lost.
    pub fn abort_clients(&self) {
        self.core.clients().iter().for_each(Wire::abort);
    }

    /// Counts the connections that have not ended.
    pub fn connections(&self) -> usize {
        self.core.connected.get()
    }

    /// Waits until the server was closed and its last connection has ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: it only waits.
    pub async fn wait_closed(&self) {
        self.until(|core| core.is_closed() && core.connected.get() == 0).await;
    }

    /// Stops gracefully: takes no more connections, lets those that are there run until `grace` has
    /// passed, and aborts the rest.
    ///
    /// # Errors
    ///
    /// *Timed out* if connections had to be aborted, saying how many.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the server closed and its connections running.
    pub async fn shutdown(&self, grace: Duration) -> Result<()> {
        self.close();
        if time::timeout(grace, self.wait_closed()).await.is_ok() {
            return Ok(());
        }
        let aborted = self.connections();
        self.abort_clients();
        self.wait_closed().await;
        Err(Error::new(ErrorKind::TimedOut)
            .attempting(format_args!("let {aborted} connections end in {grace:?}")))
    }

    /// Gives the addresses that it listens at; none once it is closed.
    pub fn sockets(&self) -> Vec<Address> {
        self.core.addresses()
    }

    /// Gives the first internet address that it listens at.
    ///
    /// # Errors
    ///
    /// *Stale key* if the server is closed; *loop closed*; *invalid input*, saying where it listens, if
    /// that is at no internet address.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        self.check_open("give the address of a server")?;
        self.core.engine()?;
        let addresses = self.sockets();
        addresses.iter().find_map(Address::as_ip).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput)
                .attempting(format_args!("give the internet address of a server at {addresses:?}"))
        })
    }

    fn check_open(&self, attempt: &str) -> Result<()> {
        match self.core.is_closed() {
            true => Err(Error::new(ErrorKind::StaleKey).attempting(attempt)),
            false => Ok(()),
        }
    }

    async fn until(&self, holds: impl Fn(&ServerCore) -> bool) {
        let waiter = self.core.changed.waiter();
        poll_fn(|cx| {
            if holds(&self.core) {
                return Poll::Ready(());
            }
            waiter.add(cx.waker());
            awaited::note(Awaited::Server);
            Poll::Pending
        })
        .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut server = f.debug_struct("Server");
        server.field("sockets", &self.sockets()).field("connections", &self.connections());
        server.field("serving", &self.is_serving()).finish()
    }
}
