use std::net::SocketAddr;

use dns_lookup::{AddrInfo, AddrInfoHints, LookupError, LookupErrorKind, SockType};
use polyloop_core::{Error, ErrorKind, Result, limits};

use super::hints::{AddressFamily, AddressHints, SocketKind};
use super::name_flags::NameFlags;
use super::query::AddressQuery;
use super::resolve::{Lookup, Resolve};
use super::resolved::ResolvedAddress;
use crate::executor::Executor;
use crate::sys::name_constants as c;

/// The system's resolver (`getaddrinfo`), asked on threads of its own.
///
/// It blocks, for half a minute where name servers are silent, and cannot be interrupted. So it
/// has threads that are not the default executor's, a bounded number; lookups beyond it
/// wait, first come, first served. No thread is made before there is something to look up.
///
/// # Platform notes
///
/// What it consults (files, DNS, multicast) and how it orders addresses is the system's affair.
#[derive(Debug)]
pub struct SystemResolver {
    executor: Executor,
    /// Whether the threads are this resolver's, and end with it.
    ours: bool,
}

impl SystemResolver {
    /// Makes a resolver with threads of its own.
    pub fn new() -> SystemResolver {
        SystemResolver {
            executor: Executor::named("polyloop-names", limits::LOOKUPS_MAX),
            ours: true,
        }
    }

    /// Makes a resolver that uses an executor's threads.
    pub fn on(executor: Executor) -> SystemResolver {
        SystemResolver { executor, ours: false }
    }

    /// Gives the executor whose threads it uses.
    pub fn executor(&self) -> &Executor {
        &self.executor
    }
}

impl Default for SystemResolver {
    fn default() -> SystemResolver {
        SystemResolver::new()
    }
}

impl Drop for SystemResolver {
    fn drop(&mut self) {
        if self.ours {
            self.executor.abandon();
        }
    }
}

impl Resolve for SystemResolver {
    fn lookup(&self, query: AddressQuery) -> Lookup {
        let what = query.to_string();
        let task = self.executor.submit(move || addresses(&query));
        Box::pin(async move {
            let refused = |error| Error::from(error).attempting(format_args!("look up {what}"));
            task.await.map_err(refused)?
        })
    }
}

/// Asks the system for addresses; blocks, unless the query is numeric.
pub(super) fn addresses(query: &AddressQuery) -> Result<Vec<ResolvedAddress>> {
    let failed = |error: Error| error.attempting(format_args!("look up {query}"));
    let service = query.service.to_string();
    let hints = hints_of(query);
    let found = dns_lookup::getaddrinfo(query.host.as_deref(), Some(&service), Some(hints));
    let found = found.map_err(|error| failed(error_of(error)))?;
    let found: std::io::Result<Vec<ResolvedAddress>> =
        found.map(|answer| answer.map(resolved)).collect();
    let found = found.map_err(|error| failed(error.into()))?;
    if found.is_empty() {
        return Err(failed(not_found()));
    }
    Ok(found)
}

/// Asks the system for the names of an address; blocks, unless the flags ask for numbers.
pub(super) fn names(address: SocketAddr, flags: NameFlags) -> Result<(String, String)> {
    let bits = [
        (flags.numeric_host, c::NI_NUMERICHOST),
        (flags.numeric_service, c::NI_NUMERICSERV),
        (flags.name_required, c::NI_NAMEREQD),
        (flags.local_part, c::NI_NOFQDN),
        (flags.datagram, c::NI_DGRAM),
    ];
    dns_lookup::getnameinfo(&address, join(&bits))
        .map_err(|error| error_of(error).attempting(format_args!("find the name of {address}")))
}

/// The error of a lookup without an answer.
pub(super) fn not_found() -> Error {
    Error::new(ErrorKind::Io(std::io::ErrorKind::NotFound)).attempting("it has no address")
}

fn hints_of(query: &AddressQuery) -> AddrInfoHints {
    let AddressHints { family, kind, protocol, .. } = query.hints;
    // What needs no lookup says so to the system too, so that it cannot begin one.
    let numeric = query.is_numeric();
    let bits = [
        (query.hints.passive, c::AI_PASSIVE),
        (query.hints.canonical_name && query.host.is_some(), c::AI_CANONNAME),
        (query.hints.numeric_host || numeric && query.host.is_some(), c::AI_NUMERICHOST),
        (query.hints.numeric_service || numeric, c::AI_NUMERICSERV),
        (query.hints.v4_mapped, c::AI_V4MAPPED),
        (query.hints.all, c::AI_ALL),
        (query.hints.configured_only, c::AI_ADDRCONFIG),
    ];
    AddrInfoHints {
        flags: join(&bits),
        address: match family {
            None => 0,
            Some(AddressFamily::V4) => dns_lookup::AddrFamily::Inet.into(),
            Some(AddressFamily::V6) => dns_lookup::AddrFamily::Inet6.into(),
        },
        socktype: match kind {
            None => 0,
            Some(SocketKind::Stream) => SockType::Stream.into(),
            Some(SocketKind::Datagram) => SockType::DGram.into(),
            Some(SocketKind::Raw) => SockType::Raw.into(),
        },
        protocol: protocol.into(),
    }
}

fn resolved(answer: AddrInfo) -> ResolvedAddress {
    let kinds = [
        (SockType::Stream, SocketKind::Stream),
        (SockType::DGram, SocketKind::Datagram),
        (SockType::Raw, SocketKind::Raw),
    ];
    let kind = kinds.into_iter().find(|(number, _)| *number == answer.socktype);
    ResolvedAddress {
        address: answer.sockaddr,
        kind: kind.map(|(_, kind)| kind),
        protocol: u8::try_from(answer.protocol).unwrap_or(0),
        canonical_name: answer.canonname,
    }
}

/// Keeps the resolver's words. A name that does not exist is *not found*; the system's own failures
/// keep their errno.
fn error_of(error: LookupError) -> Error {
    let kind = match error.kind() {
        LookupErrorKind::NoName | LookupErrorKind::NoData => std::io::ErrorKind::NotFound,
        LookupErrorKind::System | LookupErrorKind::IO => {
            return std::io::Error::from(error).into();
        }
        _ => std::io::ErrorKind::Other,
    };
    Error::new(ErrorKind::Io(kind)).attempting(error)
}

fn join(bits: &[(bool, i32)]) -> i32 {
    bits.iter().filter(|(on, _)| *on).fold(0, |joined, (_, bit)| joined | bit)
}
