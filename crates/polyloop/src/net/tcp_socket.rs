use std::net::SocketAddr;
use std::time::Duration;

use polyloop_core::{Error, ErrorKind, ListenSpec, OpenSpec, Result, SocketOption, TcpSpec};

use super::address::ToAddress;
use super::listener::TcpListener;
use super::resource::Resource;
use super::stream::TcpStream;

/// A TCP socket in the making: options and a local address, then a connection or a listener.
///
/// Nothing is asked of the system before [`connect`](Self::connect) or [`listen`](Self::listen), so
/// errors of options and of the address come from there.
///
/// # Examples
///
/// ```
/// polyloop::run(async {
///     let listener = polyloop::TcpSocket::new_v4()
///         .reuse_address(true)
///         .bind("127.0.0.1:0")?
///         .listen(128)
///         .await?;
///     let stream = polyloop::TcpSocket::new_v4()
///         .send_buffer_size(64 * 1024)
///         .bind("127.0.0.1:0")?
///         .connect(listener.local_addr()?)
///         .await?;
///     assert_eq!(stream.peer_addr()?, listener.local_addr()?);
///     Ok::<(), polyloop::Error>(())
/// })??;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TcpSocket {
    is_v6: bool,
    local: Option<SocketAddr>,
    reuse_address: Option<bool>,
    reuse_port: bool,
    nodelay: bool,
    options: Vec<SocketOption>,
}

impl TcpSocket {
    /// Begins a socket of internet version 4.
    pub fn new_v4() -> TcpSocket {
        TcpSocket::new(false)
    }

    /// Begins a socket of internet version 6.
    pub fn new_v6() -> TcpSocket {
        TcpSocket::new(true)
    }

    fn new(is_v6: bool) -> TcpSocket {
        TcpSocket {
            is_v6,
            local: None,
            reuse_address: None,
            reuse_port: false,
            nodelay: true,
            options: Vec::new(),
        }
    }

    /// Whether an address whose last connections linger can be bound (SO_REUSEADDR). A listener does
    /// so by default, except on Windows.
    pub fn reuse_address(mut self, on: bool) -> TcpSocket {
        self.reuse_address = Some(on);
        self
    }

    /// Whether several sockets may share the port (SO_REUSEPORT).
    pub fn reuse_port(mut self, on: bool) -> TcpSocket {
        self.reuse_port = on;
        self
    }

    /// Whether small writes go out at once (TCP_NODELAY); they do by default.
    pub fn nodelay(mut self, on: bool) -> TcpSocket {
        self.nodelay = on;
        self
    }

    /// Has the system probe the peer of an idle connection after that long, or not at all
    /// (SO_KEEPALIVE).
    pub fn keep_alive(self, idle: impl Into<Option<Duration>>) -> TcpSocket {
        self.option(SocketOption::KeepAlive(idle.into()))
    }

    /// Sets how long closing waits for what is unsent (SO_LINGER).
    pub fn linger(self, linger: impl Into<Option<Duration>>) -> TcpSocket {
        self.option(SocketOption::Linger(linger.into()))
    }

    /// Sets the size of the send buffer, in bytes.
    pub fn send_buffer_size(self, bytes: usize) -> TcpSocket {
        self.option(SocketOption::SendBuffer(bytes))
    }

    /// Sets the size of the receive buffer, in bytes; set here it also bounds the window that the
    /// handshake offers (tcp(7)).
    pub fn receive_buffer_size(self, bytes: usize) -> TcpSocket {
        self.option(SocketOption::ReceiveBuffer(bytes))
    }

    /// Sets any option, before binding.
    pub fn option(mut self, option: SocketOption) -> TcpSocket {
        self.options.push(option);
        self
    }

    /// Names the local address; port 0 lets the system choose one.
    ///
    /// # Errors
    ///
    /// *Invalid input* for an address of the other family, or text that is none.
    pub fn bind(mut self, address: impl ToAddress) -> Result<TcpSocket> {
        let address = address.to_address()?;
        self.check(address, "bind")?;
        self.local = Some(address);
        Ok(self)
    }

    /// Connects to an address.
    ///
    /// # Errors
    ///
    /// The operating system's, saying what was attempted: opening, binding, connecting. *Invalid
    /// input* for an address of the other family.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt and closes the socket.
    pub async fn connect(self, peer: impl ToAddress) -> Result<TcpStream> {
        let peer = peer.to_address()?;
        self.check(peer, "connect to")?;
        let mut spec = TcpSpec::to(peer);
        spec.bind = self.local;
        spec.reuse_address = self.reuse_address.unwrap_or(false);
        spec.reuse_port = self.reuse_port;
        spec.nodelay = self.nodelay;
        spec.options = self.options;
        let resource = Resource::open(OpenSpec::Tcp(spec)).await?;
        resource.connect(peer.into()).await?;
        Ok(TcpStream::of(resource))
    }

    /// Listens at the local address, any address and any port if none was named; at most
    /// `backlog` connections wait to be accepted, and the system may lower that.
    ///
    /// # Errors
    ///
    /// The operating system's, saying where.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes what was opened.
    pub async fn listen(self, backlog: u32) -> Result<TcpListener> {
        let any: SocketAddr = match self.is_v6 {
            true => (std::net::Ipv6Addr::UNSPECIFIED, 0).into(),
            false => (std::net::Ipv4Addr::UNSPECIFIED, 0).into(),
        };
        let mut spec = ListenSpec::at(self.local.unwrap_or(any));
        spec.backlog = backlog;
        spec.reuse_address = self.reuse_address.unwrap_or(spec.reuse_address);
        spec.reuse_port = self.reuse_port;
        spec.options = self.options;
        TcpListener::open(spec).await
    }

    fn check(&self, address: SocketAddr, what: &str) -> Result<()> {
        if address.is_ipv6() == self.is_v6 {
            return Ok(());
        }
        let said = format!("{what} {address} by a socket of the other family");
        Err(Error::new(ErrorKind::InvalidInput).attempting(said))
    }
}
