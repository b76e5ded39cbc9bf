use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use polyloop_core::Result;

use super::query::AddressQuery;
use super::resolved::ResolvedAddress;
use super::system::SystemResolver;
use crate::loop_object::Loop;

/// A lookup under way.
///
/// # Cancel safety
///
/// Dropping it gives the lookup up.
pub type Lookup = Pin<Box<dyn Future<Output = Result<Vec<ResolvedAddress>>>>>;

/// What looks names up for a loop: the system, unless [`Loop::set_resolver`] says otherwise.
///
/// Everything that takes a host's name asks it: [`getaddrinfo`](crate::getaddrinfo),
/// [`TcpStream::connect`](crate::TcpStream::connect), [`Dial`](crate::Dial). It is not asked for
/// what needs no lookup ([`AddressQuery::is_numeric`]), nor for names of addresses
/// ([`getnameinfo`](crate::getnameinfo)).
///
/// An implementor's future is polled on the loop's thread, so it must not block. It gives at
/// least one address, the best first, or an error that says why there is none.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// use polyloop::{AddressQuery, Lookup, Resolve, ResolvedAddress};
///
/// /// Every host is this machine.
/// struct Here;
///
/// impl Resolve for Here {
///     fn lookup(&self, query: AddressQuery) -> Lookup {
///         let port = query.service.port().unwrap_or(0);
///         let here = ResolvedAddress::stream(([127, 0, 0, 1], port).into());
///         Box::pin(async { Ok(vec![here]) })
///     }
/// }
///
/// polyloop::run(async {
///     polyloop::Loop::current()?.set_resolver(Rc::new(Here));
///     let found = polyloop::getaddrinfo("db.example", 5432, Default::default()).await?;
///     assert_eq!(found[0].address, ([127, 0, 0, 1], 5432).into());
///     Ok::<(), polyloop::Error>(())
/// })?
/// # ; Ok::<(), polyloop::Error>(())
/// ```
pub trait Resolve {
    /// Begins a lookup.
    fn lookup(&self, query: AddressQuery) -> Lookup;
}

/// A loop's resolver: none until the first use.
#[derive(Default)]
pub(crate) struct ResolverSlot {
    resolver: RefCell<Option<Rc<dyn Resolve>>>,
}

impl ResolverSlot {
    pub(super) fn get(&self) -> Rc<dyn Resolve> {
        let mut slot = self.resolver.borrow_mut();
        slot.get_or_insert_with(|| Rc::new(SystemResolver::new())).clone()
    }

    fn set(&self, resolver: Rc<dyn Resolve>) {
        let old = self.resolver.replace(Some(resolver));
        drop(old);
    }

    /// Drops the resolver, for the loop's end.
    pub(crate) fn clear(&self) {
        let old = self.resolver.take();
        drop(old);
    }
}

impl Loop {
    /// Chooses what looks names up, in the place of the system's resolver.
    ///
    /// Lookups that have begun go on with the one that they began with. The loop's end drops it.
    pub fn set_resolver(&self, resolver: Rc<dyn Resolve>) {
        self.engine().resolver.set(resolver);
    }
}
