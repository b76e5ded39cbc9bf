use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use polyloop_core::{EventLoop, Key, ListenSpec, Op, OpenSpec, OsHandle, Result, SocketOption};

use super::address::ToAddress;
use super::resource::Resource;
use super::stream::TcpStream;
use crate::engine;
use crate::op_future::{OpFuture, opened};
use crate::task::{Awaited, awaited};

/// A socket that takes TCP connections.
///
/// Once somebody has waited for a connection, the loop takes them ahead, a bounded number, so
/// that a burst costs few turns; those that nobody takes are closed with the listener.
#[derive(Debug)]
pub struct TcpListener {
    resource: Resource,
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
        let home = engine::current().ok_or_else(engine::not_running)?.id;
        let spec = Box::new(OpenSpec::TcpListener(spec));
        let key = opened(OpFuture::new(home, Op::Open { spec }).await)?;
        Ok(TcpListener { resource: Resource::new(home, key) })
    }

    /// Takes a listener of the standard library's into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles; *invalid input* if there is no running
    /// loop.
    pub fn from_std(listener: std::net::TcpListener) -> Result<TcpListener> {
        let resource = Resource::attach(OsHandle::TcpListener(listener))?;
        Ok(TcpListener { resource })
    }

    /// Gives what it stands on, for what else stands on that.
    pub(crate) fn into_resource(self) -> Resource {
        self.resource
    }

    /// Waits for a connection.
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
        loop {
            let key = poll_fn(|cx| self.poll_accept(cx)).await?;
            let stream = TcpStream::of(Resource::new(self.resource.home(), key));
            let Ok(peer) = stream.peer_addr() else { continue };
            if stream.set_option(SocketOption::Nodelay(true)).is_ok() {
                return Ok((stream, peer));
            }
        }
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<Result<Key>> {
        let engine = self.resource.engine()?;
        if !engine.spend() {
            cx.waker().wake_by_ref();
            awaited::note(Awaited::Turn);
            return Poll::Pending;
        }
        if let Some(wait) = self.resource.watch()
            && let Some(accepted) = engine.take_accepted(wait)
        {
            return Poll::Ready(accepted);
        }
        self.resource
            .poll_watch(&engine, cx, |engine| engine.begin_accepts(self.resource.key()))
            .map(Err)
    }

    /// Gives the address that it listens at.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        let key = self.resource.key();
        let address = self.resource.engine()?.with_driver(|driver| driver.local_address(key));
        address?.as_ip().ok_or_else(engine::not_here)
    }
}
