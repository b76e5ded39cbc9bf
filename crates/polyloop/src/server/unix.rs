use polyloop_core::{Result, UnixListenSpec};

use super::builder::{ServerBuilder, streams};
use super::handler::ConnectionOutcome;
use super::server_object::Server;
use crate::net::resource::Resource;
use crate::net::{ToUnixAddress, UnixListener};
use crate::streams::{StreamReader, StreamWriter};

/// Listens at a Unix socket and runs a task for each connection: asyncio's `start_unix_server`. See
/// [`start_server`](crate::start_server).
///
/// # Errors
///
/// As for [`UnixListener::bind`]. The path must not be there yet, and stays when the server is
/// closed.
///
/// # Cancel safety
///
/// Dropping the future closes what was opened; the path may be there.
pub async fn start_unix_server<H, F>(handler: H, address: impl ToUnixAddress) -> Result<Server>
where
    H: Fn(StreamReader, StreamWriter) -> F + 'static,
    F: Future<Output: ConnectionOutcome> + 'static,
{
    ServerBuilder::new().start_unix_server(handler, address).await
}

impl ServerBuilder {
    /// Listens at a Unix socket and runs a task for each connection; see [`start_unix_server`].
    ///
    /// # Errors
    ///
    /// As for [`start_unix_server`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened; the path may be there.
    pub async fn start_unix_server<H, F>(
        self,
        handler: H,
        address: impl ToUnixAddress,
    ) -> Result<Server>
    where
        H: Fn(StreamReader, StreamWriter) -> F + 'static,
        F: Future<Output: ConnectionOutcome> + 'static,
    {
        let listener = self.listen_unix(address).await?;
        self.start(vec![listener], streams(handler))
    }

    pub(crate) async fn listen_unix(&self, address: impl ToUnixAddress) -> Result<Resource> {
        let mut spec = UnixListenSpec::at(address.to_unix_address()?);
        spec.backlog = self.backlog;
        Ok(UnixListener::open(spec).await?.into_resource())
    }
}
