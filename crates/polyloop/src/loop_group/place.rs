//! Where a server of a group listens.

use std::net::SocketAddr;

use polyloop_core::{ListenSpec, Result};
#[cfg(unix)]
use polyloop_core::{UnixAddress, UnixListenSpec};

use crate::net::TcpListener;
#[cfg(unix)]
use crate::net::UnixListener;
use crate::net::resource::Resource;

/// An address of one kind or another.
pub(super) trait Place: Clone + Send + 'static {
    /// Listens here, in the running loop, and says where that is.
    fn listen(self, options: Options) -> impl Future<Output = Result<(Listening, Self)>>;
}

/// How a listener is opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) backlog: Option<u32>,
    pub(super) reuse_port: bool,
}

/// What takes connections.
pub(super) enum Listening {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Place for SocketAddr {
    async fn listen(self, options: Options) -> Result<(Listening, SocketAddr)> {
        let mut spec = ListenSpec::at(self);
        spec.reuse_port = options.reuse_port;
        spec.backlog = options.backlog.unwrap_or(spec.backlog);
        let listener = TcpListener::open(spec).await?;
        let address = listener.local_addr()?;
        Ok((Listening::Tcp(listener), address))
    }
}

#[cfg(unix)]
impl Place for UnixAddress {
    async fn listen(self, options: Options) -> Result<(Listening, UnixAddress)> {
        let mut spec = UnixListenSpec::at(self);
        spec.backlog = options.backlog.unwrap_or(spec.backlog);
        let listener = UnixListener::open(spec).await?;
        let address = listener.local_addr()?;
        Ok((Listening::Unix(listener), address))
    }
}

impl Listening {
    /// Waits for a connection.
    pub(super) async fn accept(&self) -> Result<Resource> {
        match self {
            Listening::Tcp(listener) => Ok(listener.accept().await?.0.into_resource()),
            #[cfg(unix)]
            Listening::Unix(listener) => Ok(listener.accept().await?.0.into_resource()),
        }
    }

    /// Leaves connections to the system until one is waited for again.
    pub(super) fn pause(&self) {
        match self {
            Listening::Tcp(listener) => listener.pause(),
            #[cfg(unix)]
            Listening::Unix(listener) => listener.pause(),
        }
    }
}
