use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use polyloop_core::{Error, ErrorKind, ListenSpec, Result, SocketOption, limits};
use rustix::io::Errno;

use super::core::{Limits, Serve, ServerCore};
use super::handler::{self, ConnectionOutcome};
use super::server_object::Server;
use crate::names::{AddressHints, AddressQuery, lookup};
use crate::net::resource::Resource;
use crate::net::{HostAddress, TcpListener, ToHostAddress};
use crate::streams::{StreamReader, StreamWriter};
use crate::transport::ListeningSocket;

/// How a server is made: its listener's options, and what it allows its connections.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// polyloop::run(async {
///     let server = polyloop::Server::builder()
///         .connections_max(1000)
///         .idle_timeout(Duration::from_secs(60))
///         .start_server(|_reader, writer| async move { writer.write(b"bye\n") }, "127.0.0.1:0")
///         .await?;
///     assert!(server.is_serving());
///     server.shutdown(Duration::from_secs(5)).await
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ServerBuilder {
    pub(super) backlog: u32,
    reuse_address: Option<bool>,
    reuse_port: bool,
    start_serving: bool,
    limits: Limits,
}

impl ServerBuilder {
    /// Begins with what [`start_server`](crate::start_server) has: no limits.
    pub fn new() -> ServerBuilder {
        ServerBuilder {
            backlog: limits::LISTEN_BACKLOG,
            reuse_address: None,
            reuse_port: false,
            start_serving: true,
            limits: Limits { connections_max: usize::MAX, idle_timeout: None, keep_alive: None },
        }
    }

    /// Sets how many connections may wait to be accepted; the system may lower it.
    pub fn backlog(mut self, backlog: u32) -> Self {
        self.backlog = backlog;
        self
    }

    /// Sets whether an address whose last connections linger can be listened at. It can by default,
    /// except on Windows.
    pub fn reuse_address(mut self, reuse: bool) -> Self {
        self.reuse_address = Some(reuse);
        self
    }

    /// Sets whether several servers may share the port, where the system can.
    pub fn reuse_port(mut self, reuse: bool) -> Self {
        self.reuse_port = reuse;
        self
    }

    /// Has the system probe connections that were idle for that long (SO_KEEPALIVE).
    pub fn keep_alive(mut self, after: Duration) -> Self {
        self.limits.keep_alive = Some(after);
        self
    }

    /// Sets whether connections are taken at once; else when the server is told to
    /// ([`Server::start_serving`]).
    pub fn start_serving(mut self, start: bool) -> Self {
        self.start_serving = start;
        self
    }

    /// Sets how many connections there may be at once; at that number the server stops taking
    /// them until one has ended. The others wait, most of them with the system.
    pub fn connections_max(mut self, connections: usize) -> Self {
        self.limits.connections_max = connections;
        self
    }

    /// Has a connection aborted on which no byte went through, in either direction, for that long
    /// (and up to a quarter more). It tells *timed out*, to who reads and who writes.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.limits.idle_timeout = Some(timeout);
        self
    }

    /// Listens at an address and runs a task for each connection; see
    /// [`start_server`](crate::start_server).
    ///
    /// # Errors
    ///
    /// As for [`start_server`](crate::start_server).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn start_server<H, F>(self, handler: H, address: impl ToHostAddress) -> Result<Server>
    where
        H: Fn(StreamReader, StreamWriter) -> F + 'static,
        F: Future<Output: ConnectionOutcome> + 'static,
    {
        let listeners = self.listen(address).await?;
        self.start(listeners, streams(handler))
    }

    /// Runs a task for each connection of a listener that is there.
    ///
    /// # Errors
    ///
    /// *Invalid input* if the listener's loop does not run here.
    pub fn start_server_over<H, F>(
        self,
        handler: H,
        listener: impl ListeningSocket,
    ) -> Result<Server>
    where
        H: Fn(StreamReader, StreamWriter) -> F + 'static,
        F: Future<Output: ConnectionOutcome> + 'static,
    {
        self.start(vec![listener.into_socket_resource()], streams(handler))
    }

    /// Opens a listener at each address of the host that there is here.
    pub(crate) async fn listen(&self, address: impl ToHostAddress) -> Result<Vec<Resource>> {
        let (host, port) = match address.to_host_address()? {
            HostAddress::Numeric(address) => {
                return Ok(vec![self.listen_at(address, Vec::new()).await?]);
            }
            HostAddress::Named { host, port } => (host, port),
        };
        let what = format!("listen on {host}:{port}");
        let query = AddressQuery::new(host, port, AddressHints::stream());
        let mut listeners = Vec::new();
        let mut passed_over = None;
        // A resolver may give an address twice, for each of its sources.
        let mut seen = HashSet::new();
        for found in lookup(query).await? {
            if !seen.insert(found.address) {
                continue;
            }
            // Else the wildcard of version 6 would take the port of version 4's as well.
            let only_v6 = found.address.is_ipv6().then_some(SocketOption::OnlyV6(true));
            match self.listen_at(found.address, only_v6.into_iter().collect()).await {
                Ok(listener) => listeners.push(listener),
                Err(error) if is_not_here(&error) => {
                    passed_over.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        match passed_over {
            Some(error) if listeners.is_empty() => Err(error.attempting(what)),
            _ => Ok(listeners),
        }
    }

    async fn listen_at(&self, address: SocketAddr, options: Vec<SocketOption>) -> Result<Resource> {
        let mut spec = ListenSpec::at(address);
        spec.backlog = self.backlog;
        spec.reuse_port = self.reuse_port;
        spec.reuse_address = self.reuse_address.unwrap_or(spec.reuse_address);
        spec.options = options;
        Ok(TcpListener::open(spec).await?.into_resource())
    }

    pub(crate) fn start(self, listeners: Vec<Resource>, serve: Serve) -> Result<Server> {
        if self.limits.connections_max == 0 || self.limits.idle_timeout == Some(Duration::ZERO) {
            return Err(Error::new(ErrorKind::InvalidInput)
                .attempting("make a server that allows no connection, or none any time"));
        }
        let engine = listeners.first().map(Resource::engine);
        let without = || Error::new(ErrorKind::InvalidInput).attempting("serve without a listener");
        let engine = engine.unwrap_or_else(|| Err(without()))?;
        let core = ServerCore::new(&engine, listeners, serve, self.limits);
        let server = Server::of(core);
        if self.start_serving {
            server.start_serving()?;
        }
        Ok(server)
    }
}

impl Default for ServerBuilder {
    fn default() -> ServerBuilder {
        ServerBuilder::new()
    }
}

/// Tells whether an address could not be listened at because the machine has no such address, or
/// none of its family.
fn is_not_here(error: &Error) -> bool {
    let family = Errno::AFNOSUPPORT.raw_os_error();
    error.kind() == ErrorKind::Io(io::ErrorKind::AddrNotAvailable)
        || error.raw_os_error() == Some(family)
}

pub(super) fn streams<H, F>(handler: H) -> Serve
where
    H: Fn(StreamReader, StreamWriter) -> F + 'static,
    F: Future<Output: ConnectionOutcome> + 'static,
{
    Box::new(move |engine, wire| handler::serve(engine, &handler, wire))
}
