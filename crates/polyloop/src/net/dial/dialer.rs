use std::net::SocketAddr;
use std::time::Duration;

use polyloop_core::{Error, ErrorKind, Result, limits};

use super::error::DialError;
use super::interleave::interleave;
use super::{attempt, race};
use crate::names::{AddressFamily, AddressHints, AddressQuery, lookup};
use crate::net::TcpStream;
use crate::net::host_address::{HostAddress, ToHostAddress};

/// How to connect to a host: happy eyeballs, RFC 8305.
///
/// A host's addresses are tried one after the other, families in turn. The next attempt begins when
/// the last has failed, or has had a quarter of a second; those before it go on. The first
/// to be connected wins, and the others are closed.
///
/// A value of this type can be used for any number of connections.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use polyloop::{Dial, TcpListener};
///
/// polyloop::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let port = listener.local_addr()?.port();
///     let dial = Dial::new().delay(Duration::from_millis(100));
///     let stream = dial.connect(("localhost", port)).await?;
///     assert_eq!(stream.peer_addr()?.port(), port);
///     Ok::<(), polyloop::Error>(())
/// })?
/// # ; Ok::<(), polyloop::Error>(())
/// ```
#[must_use]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dial {
    delay: Option<Duration>,
    interleave: usize,
    family: Option<AddressFamily>,
    local_v4: Option<SocketAddr>,
    local_v6: Option<SocketAddr>,
}

impl Dial {
    /// Makes the usual way: 250 milliseconds between attempts, families in turn, from any local
    /// address.
    pub fn new() -> Dial {
        Dial {
            delay: Some(limits::DIAL_DELAY),
            interleave: 1,
            family: None,
            local_v4: None,
            local_v6: None,
        }
    }

    /// Sets how long an attempt has before the next begins (`happy_eyeballs_delay`). With `None`
    /// the next begins only when the last has failed.
    pub fn delay(mut self, delay: impl Into<Option<Duration>>) -> Dial {
        self.delay = delay.into();
        self
    }

    /// Sets how many addresses of the family that the resolver prefers come first, before families
    /// take turns; zero leaves the resolver's order alone.
    pub fn interleave(mut self, first_family_count: usize) -> Dial {
        self.interleave = first_family_count;
        self
    }

    /// Tries addresses of one family only.
    pub fn family(mut self, family: impl Into<Option<AddressFamily>>) -> Dial {
        self.family = family.into();
        self
    }

    /// Sets the local address to connect from; port 0 lets the system choose one.
    ///
    /// Said once for each family, it holds for that family. Where it was said for one only, addresses
    /// of the other are not connected to.
    pub fn local_addr(mut self, address: SocketAddr) -> Dial {
        match AddressFamily::of(&address) {
            AddressFamily::V4 => self.local_v4 = Some(address),
            AddressFamily::V6 => self.local_v6 = Some(address),
        }
        self
    }

    /// Connects.
    ///
    /// The running loop's resolver is asked for the host's addresses
    /// ([`Loop::set_resolver`](crate::Loop::set_resolver)); a numeric address needs none, and nothing
    /// leaves the loop's thread for it. Of a host with more than 64 addresses the first 64 are
    /// tried.
    ///
    /// # Errors
    ///
    /// A [`DialError`] with the error of every address, or of the lookup. It converts to an
    /// [`Error`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the lookup up, abandons every attempt and closes its socket.
    pub async fn connect(&self, to: impl ToHostAddress) -> Result<TcpStream, DialError> {
        let place = to.to_host_address();
        let place = place.map_err(|error| DialError::before("a host".to_owned(), error))?;
        match place {
            HostAddress::Numeric(address) => self.race(vec![address], || address.to_string()).await,
            HostAddress::Named { host, port } => self.connect_to(host, port).await,
        }
    }

    /// Connects to a host, whose name may be a numeric address.
    async fn connect_to(&self, host: &str, port: u16) -> Result<TcpStream, DialError> {
        let what = || format!("{host}:{port}");
        let hints = AddressHints::stream().family(self.family);
        let found = lookup(AddressQuery::new(host, port, hints)).await;
        let found = found.map_err(|error| DialError::before(what(), error))?;
        let addresses = found.into_iter().map(|found| found.address).collect();
        let mut addresses = interleave(addresses, self.interleave);
        addresses.truncate(limits::DIAL_ADDRESSES_MAX);
        self.race(addresses, what).await
    }

    async fn race(
        &self,
        addresses: Vec<SocketAddr>,
        what: impl FnOnce() -> String,
    ) -> Result<TcpStream, DialError> {
        let attempts = addresses
            .iter()
            .map(|address| -> race::Attempt<'_, TcpStream> { Box::pin(self.attempt(*address)) });
        race::race(attempts, self.delay).await.map_err(|errors| {
            DialError::of(what(), addresses.iter().copied().zip(errors).collect())
        })
    }

    async fn attempt(&self, peer: SocketAddr) -> Result<TcpStream> {
        let (local, other) = match AddressFamily::of(&peer) {
            AddressFamily::V4 => (self.local_v4, self.local_v6),
            AddressFamily::V6 => (self.local_v6, self.local_v4),
        };
        if local.is_none() && other.is_some() {
            return Err(Error::new(ErrorKind::InvalidInput).attempting(format_args!(
                "connect to {peer} (the local address is of the other family)"
            )));
        }
        attempt(peer, local).await
    }
}

impl Default for Dial {
    fn default() -> Dial {
        Dial::new()
    }
}
