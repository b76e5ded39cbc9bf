//! Names of hosts and services: looked up off the loop.

mod hints;
mod lookup;
mod name_flags;
mod query;
mod resolve;
mod resolved;
mod service;
mod system;

pub use hints::{AddressFamily, AddressHints, SocketKind};
pub(crate) use lookup::lookup;
pub use lookup::{getaddrinfo, getnameinfo};
pub use name_flags::NameFlags;
pub use query::AddressQuery;
pub(crate) use resolve::ResolverSlot;
pub use resolve::{Lookup, Resolve};
pub use resolved::ResolvedAddress;
pub use service::Service;
pub use system::SystemResolver;
