use std::net::SocketAddr;

use polyloop_core::Result;

use super::hints::AddressHints;
use super::name_flags::NameFlags;
use super::query::AddressQuery;
use super::resolved::ResolvedAddress;
use super::service::Service;
use super::system;
use crate::loop_object::Loop;

/// Looks up the addresses of a host: asyncio's `getaddrinfo`.
///
/// The running loop's resolver is asked ([`Loop::set_resolver`]): the system's, on a thread of
/// its own. A numeric address with a numeric port needs no lookup; it is answered here, without a
/// thread. No host means this machine.
///
/// # Errors
///
/// What the resolver said, in its words, with the name: of kind *not found* if it has no
/// such name or no address of it. *Invalid input* if there is no running loop, or for a name with
/// a NUL in it.
///
/// # Cancel safety
///
/// Dropping the future gives the lookup up. One that a thread has begun cannot be stopped: it
/// runs to its end, and what it gives is dropped.
///
/// # Examples
///
/// ```
/// use polyloop::{AddressHints, getaddrinfo};
///
/// polyloop::run(async {
///     for found in getaddrinfo("localhost", 80, AddressHints::stream()).await? {
///         assert!(found.address.ip().is_loopback());
///         assert_eq!(found.address.port(), 80);
///     }
///     Ok::<(), polyloop::Error>(())
/// })?
/// # ; Ok::<(), polyloop::Error>(())
/// ```
pub async fn getaddrinfo<'a>(
    host: impl Into<Option<&'a str>>,
    service: impl Into<Service>,
    hints: AddressHints,
) -> Result<Vec<ResolvedAddress>> {
    lookup(AddressQuery::new(host, service, hints)).await
}

/// Answers a query, by the loop's resolver where that is needed.
///
/// # Cancel safety
///
/// As that of [`getaddrinfo`].
pub(crate) async fn lookup(query: AddressQuery) -> Result<Vec<ResolvedAddress>> {
    let events = Loop::current()?;
    if query.is_numeric() {
        return system::addresses(&query);
    }
    let what = query.to_string();
    let resolver = events.engine().resolver.get();
    let found = resolver.lookup(query).await?;
    if found.is_empty() {
        return Err(system::not_found().attempting(format_args!("look up {what}")));
    }
    Ok(found)
}

/// Looks up the names of an address, its host's and its service's: asyncio's `getnameinfo`.
///
/// What has no name is given as a number, unless the flags say otherwise. The system is asked, on
/// a thread of the default executor; numbers only ([`NameFlags::numeric`]) need none.
///
/// # Errors
///
/// What the resolver said, with the address. *Invalid input* if there is no running loop.
///
/// # Cancel safety
///
/// As that of [`getaddrinfo`].
///
/// # Examples
///
/// ```
/// use polyloop::{NameFlags, getnameinfo};
///
/// polyloop::run(async {
///     let address = "127.0.0.1:80".parse().expect("it is an address");
///     let (host, service) = getnameinfo(address, NameFlags::numeric()).await?;
///     assert_eq!((&*host, &*service), ("127.0.0.1", "80"));
///     Ok::<(), polyloop::Error>(())
/// })?
/// # ; Ok::<(), polyloop::Error>(())
/// ```
pub async fn getnameinfo(address: SocketAddr, flags: NameFlags) -> Result<(String, String)> {
    let events = Loop::current()?;
    if flags.is_numeric() {
        return system::names(address, flags);
    }
    events.run_in_executor(None, move || system::names(address, flags)).await?
}
