use std::future::poll_fn;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use polyloop_core::{ListenSpec, OpenSpec, OsHandle, Result};

use super::accepting::{self, Incoming, impl_incoming, poll_accept};
use super::address::{self, ToAddress};
use super::resource::Resource;
use super::stream::TcpStream;
use super::stream_methods::socket_methods;
use crate::wakers::{Waiter, Wakers};

/// A socket that takes TCP connections.
///
/// Once somebody has waited for a connection, the loop takes them ahead, a bounded number, so
/// that a burst costs few turns; those that nobody takes are closed with the listener.
#[derive(Debug)]
pub struct TcpListener {
    resource: Resource,
    /// The tasks that wait for a connection; the loop has it too, to wake them.
    waiting: Rc<Wakers>,
}

impl TcpListener {
    /// Listens at an address; port 0 lets the system choose one.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *address in use* or *permission denied*, saying where.
    /// *Invalid input* if there is no running loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn bind(address: impl ToAddress) -> Result<TcpListener> {
        TcpListener::open(ListenSpec::at(address.to_address()?)).await
    }

    /// Listens as a spec says, which has the backlog and port sharing.
    ///
    /// # Errors
    ///
    /// As for [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn open(spec: ListenSpec) -> Result<TcpListener> {
        Ok(TcpListener::of(Resource::open(OpenSpec::TcpListener(spec)).await?))
    }

    /// Takes a listener of the standard library's into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles; *invalid input* if there is no running
    /// loop.
    pub fn from_std(listener: std::net::TcpListener) -> Result<TcpListener> {
        let resource = Resource::attach(OsHandle::TcpListener(listener))?;
        Ok(TcpListener::of(resource))
    }

    fn of(resource: Resource) -> TcpListener {
        resource.hand_on_nodelay();
        TcpListener { resource, waiting: Rc::default() }
    }

    /// Leaves connections to the system until somebody waits for one; those that were taken ahead stay.
    pub(crate) fn pause(&self) {
        accepting::pause(&self.resource);
    }

    /// Gives what it stands on, for what else stands on that.
    pub(crate) fn into_resource(self) -> Resource {
        self.resource
    }

    /// Waits for a connection; any number of tasks can.
    ///
    /// A connection whose peer has gone before it could be named is passed over. Being out of
    /// descriptors is no error here: the loop pauses and goes on when there are some again.
    ///
    /// # Errors
    ///
    /// The operating system's, if the listener itself fails.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future takes no connection.
    pub async fn accept(&self) -> Result<(TcpStream, SocketAddr)> {
        let waiter = self.waiting.waiter();
        poll_fn(|cx| self.poll_connection(cx, &waiter)).await
    }

    /// Gives the connections as a stream, which has no end.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping it takes no connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// polyloop::run(async {
    ///     let listener = polyloop::TcpListener::bind("127.0.0.1:0").await?;
    ///     let _client = polyloop::TcpStream::connect(listener.local_addr()?).await?;
    ///     let mut incoming = listener.incoming();
    ///     let stream = incoming.next().await.expect("it has no end")?;
    ///     println!("a connection from {}", stream.peer_addr()?);
    ///     Ok::<(), polyloop::Error>(())
    /// })??;
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    pub fn incoming(&self) -> Incoming<'_, TcpListener> {
        Incoming { listener: self, waiter: self.waiting.waiter() }
    }

    fn poll_connection(
        &self,
        cx: &mut Context<'_>,
        waiter: &Waiter<'_>,
    ) -> Poll<Result<(TcpStream, SocketAddr)>> {
        loop {
            let stream =
                TcpStream::of(ready!(poll_accept(&self.resource, &self.waiting, cx, waiter))?);
            let Ok(peer) = stream.peer_addr() else { continue };
            stream.resource.note_peer(peer.into());
            if self.resource.hand_nodelay_to(&stream.resource).is_ok() {
                return Poll::Ready(Ok((stream, peer)));
            }
        }
    }

    /// Gives the address that it listens at.
    ///
    /// # Errors
    ///
    /// The operating system's; *invalid input*, saying which, for an address of another family,
    /// which a socket made of a descriptor may have; *loop closed*.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        address::internet(self.resource.local_address()?)
    }
}

impl_incoming!(TcpListener gives TcpStream);
socket_methods!(TcpListener);
