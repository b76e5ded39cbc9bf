use std::future::poll_fn;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use polyloop_core::{OpenSpec, OsHandle, Result, UnixAddress, UnixListenSpec};

use super::address::{ToUnixAddress, unix};
use super::stream::UnixStream;
use crate::net::accepting::{self, Incoming, impl_incoming, poll_accept};
use crate::net::handing_on::HandsOn;
use crate::net::resource::Resource;
use crate::net::stream_methods::socket_methods;
use crate::wakers::{Waiter, Wakers};

/// A socket that takes connections from this machine.
///
/// Once somebody has waited for a connection, the loop takes them ahead, a bounded number. Dropping
/// it closes it and **leaves its path in the file system**: remove that when the program ends, or
/// before it listens there again ([`std::fs::remove_file`]).
///
/// # Examples
///
/// ```
/// use polyloop::{UnixListener, UnixStream};
///
/// # let directory = std::env::temp_dir();
/// let path = directory.join(format!("polyloop-doc-{}.sock", std::process::id()));
/// polyloop::run(async move {
///     let listener = UnixListener::bind(&path).await?;
///     let mut client = UnixStream::connect(&path).await?;
///     let (mut server, _unnamed) = listener.accept().await?;
///     client.write_all(b"hello").await?;
///     let mut buf = [0; 5];
///     server.read_exact(&mut buf).await?;
///     assert_eq!(&buf, b"hello");
///     std::fs::remove_file(&path)?;
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Debug)]
pub struct UnixListener {
    resource: Resource,
    /// The tasks that wait for a connection; the loop has it too, to wake them.
    waiting: Rc<Wakers>,
}

impl UnixListener {
    /// Listens at an address. A path must not be there yet.
    ///
    /// # Errors
    ///
    /// The operating system's, such as *address in use* for a path that is there, saying where.
    /// *Invalid input* for a name that is too long, saying how long it may be, or if there is no
    /// running loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened; the path may be there.
    pub async fn bind(address: impl ToUnixAddress) -> Result<UnixListener> {
        UnixListener::open(UnixListenSpec::at(address.to_unix_address()?)).await
    }

    /// Listens as a spec says, which has the backlog.
    ///
    /// # Errors
    ///
    /// As for [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened; the path may be there.
    pub async fn open(spec: UnixListenSpec) -> Result<UnixListener> {
        Ok(UnixListener::of(Resource::open(OpenSpec::UnixListener(spec)).await?))
    }

    fn of(resource: Resource) -> UnixListener {
        resource.rare().hands_on.set(HandsOn::Enough);
        UnixListener { resource, waiting: Rc::default() }
    }

    /// Leaves connections to the system until somebody waits for one; those that were taken ahead stay.
    pub(crate) fn pause(&self) {
        accepting::pause(&self.resource);
    }

    /// Gives what it stands on, for what else stands on that.
    pub(crate) fn into_resource(self) -> Resource {
        self.resource
    }

    /// Takes a listener of the standard library's into the running loop.
    ///
    /// # Errors
    ///
    /// *Unsupported* if the loop cannot attach handles; *invalid input* if there is no running
    /// loop.
    pub fn from_std(listener: std::os::unix::net::UnixListener) -> Result<UnixListener> {
        let handle = OsHandle::UnixListener(OwnedFd::from(listener).into());
        Ok(UnixListener::of(Resource::attach(handle)?))
    }

    /// Waits for a connection, as any number of tasks can; the address is the peer's, mostly unnamed.
    ///
    /// # Errors
    ///
    /// The operating system's, if the listener itself fails.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping the future takes no connection.
    pub async fn accept(&self) -> Result<(UnixStream, UnixAddress)> {
        let waiter = self.waiting.waiter();
        poll_fn(|cx| self.poll_connection(cx, &waiter)).await
    }

    /// Gives the connections as a stream, which has no end.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropping it takes no connection.
    pub fn incoming(&self) -> Incoming<'_, UnixListener> {
        Incoming { listener: self, waiter: self.waiting.waiter() }
    }

    /// Gives the address that it listens at.
    ///
    /// # Errors
    ///
    /// The operating system's; *invalid input*, saying which, for an address that is no Unix
    /// socket's, which a socket made of a descriptor may have; *loop closed*.
    pub fn local_addr(&self) -> Result<UnixAddress> {
        unix(self.resource.local_address()?)
    }

    fn poll_connection(
        &self,
        cx: &mut Context<'_>,
        waiter: &Waiter<'_>,
    ) -> Poll<Result<(UnixStream, UnixAddress)>> {
        let stream =
            UnixStream::of(ready!(poll_accept(&self.resource, &self.waiting, cx, waiter))?);
        // Who has gone already can no longer be asked for a name.
        let peer = stream.peer_addr().unwrap_or(UnixAddress::UNNAMED);
        if !peer.is_unnamed() {
            stream.resource.note_peer(peer.clone().into());
        }
        Poll::Ready(Ok((stream, peer)))
    }
}

impl_incoming!(UnixListener gives UnixStream);
socket_methods!(UnixListener);
