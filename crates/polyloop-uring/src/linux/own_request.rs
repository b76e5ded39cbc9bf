//! What the loop asks of the kernel for itself: to receive ahead, to tell of a hang-up, to wake it.

use std::rc::Rc;

use polyloop_core::{Key, OpId, OsHandle, Result, Slab, SlabKey};

use crate::linux::UringLoop;
use crate::linux::kernel::{Held, Kernel, Request};
use crate::linux::record::Owner;

/// The requests that are in the kernel, in a table of their own: a stream that waits has two of them
/// and nothing to hold for them but its handle.
///
/// Between calls each of them is in the kernel, but for the waker's while it is renewed.
#[derive(Default)]
pub(crate) struct OwnRequests {
    requests: Slab<OpId, OwnRequest>,
}

/// One of them; the waker's is of no key.
pub(crate) struct OwnRequest {
    key: Key,
    pub(crate) held: Held,
}

// A server has two for each connection.
const _: () = assert!(size_of::<OwnRequest>() <= 32);

/// Set in the positions of the names of these requests, which so are never those of ops.
const OWN: u32 = 1 << 31;

const NOWHERE: Key = Key::from_bits(0);

impl OwnRequests {
    /// Tells whether an id names one of these.
    #[inline]
    pub(crate) fn has_name(id: OpId) -> bool {
        id.index() & OWN != 0
    }

    /// Gives the stream of a request, if it is there.
    #[inline]
    pub(crate) fn key(&self, id: OpId) -> Option<Key> {
        self.requests.get(place(id)).map(|request| request.key)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: OpId) -> Option<&mut OwnRequest> {
        self.requests.get_mut(place(id))
    }

    /// Takes one out that has landed. Of one that has not, what the kernel uses is leaked.
    #[inline]
    pub(crate) fn remove(&mut self, id: OpId) {
        drop(self.requests.remove(place(id)));
    }

    /// Asks the kernel to end all of them.
    pub(crate) fn cancel_all(&self, kernel: &mut Kernel) {
        self.requests.keys().into_iter().for_each(|id| kernel.cancel(name(id)));
    }

    fn insert(&mut self, key: Key) -> OpId {
        name(self.requests.insert(OwnRequest { key, held: Held::new(None) }))
    }
}

impl OwnRequest {
    /// Tells whose the answers are.
    #[inline]
    pub(crate) fn owner(&self) -> (Owner, Option<Key>) {
        match self.key {
            NOWHERE => (Owner::Waker, None),
            key => (Owner::Stream, Some(key)),
        }
    }
}

impl UringLoop {
    /// Asks the kernel for something of a stream; nothing if it cannot be asked that.
    pub(crate) fn ask(&mut self, key: Key, request: Request) -> Option<OpId> {
        let id = self.own.insert(key);
        let handle = self.resources.get(key).map(|resource| &resource.handle);
        let own = self.own.get_mut(id)?;
        let asked = self.kernel.start(id, &mut own.held, handle, request);
        if asked.is_err() {
            self.own.remove(id);
        }
        asked.ok().map(|()| id)
    }

    /// Names the request of the waker, which has yet to be made.
    pub(crate) fn name_waker(&mut self) -> OpId {
        self.own.insert(NOWHERE)
    }

    /// Makes the request of the waker, or makes it again.
    pub(crate) fn ask_for_waker(&mut self, id: OpId, bell: &Rc<OsHandle>) -> Result<()> {
        let interest = polyloop_core::Interest::READABLE;
        let request = Request::Poll { interest, multi: self.routes.poll_multi };
        let Some(own) = self.own.get_mut(id) else { return Ok(()) };
        self.kernel.start(id, &mut own.held, Some(bell), request)
    }
}

#[inline]
fn name(place: OpId) -> OpId {
    OpId::from_parts(place.index() | OWN, place.generation())
}

#[inline]
fn place(name: OpId) -> OpId {
    OpId::from_parts(name.index() & !OWN, name.generation())
}
