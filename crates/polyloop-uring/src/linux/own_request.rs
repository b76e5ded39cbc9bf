//! What the loop asks of the kernel for itself: to receive ahead, to tell of a hang-up, to wake it.
//!
//! These requests have nothing to hold, so there is no table of them. Their names say what they are and
//! of which stream, and what the kernel has of each stream is noted with it: one of each kind at most. A
//! stream stays until they have landed.
//!
//! The next of a kind has the name of the one before. A cancel of that cannot meet it: the kernel takes
//! entries in order, and looks for what a cancel names when it takes that.

use polyloop_core::{Key, OpId, OsHandle, Result, SlabKey};

use crate::linux::UringLoop;
use crate::linux::kernel::Request;
use crate::linux::resource::{HangUp, Receive};

/// A kind of these requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OwnRequest {
    /// A multishot receive into published chunks.
    Receive,
    /// A poll, after which the reader receives directly.
    Poll,
    /// A poll for the hang-up.
    HangUp,
    /// The poll of the waker, which is of no stream.
    Waker,
}

/// Set in the positions of the names of these requests, with the kind in the two bits below: none of them is
/// the name of an op or a send.
const OWN: u32 = 1 << 31;
const KIND: u32 = 29;

const NOWHERE: Key = Key::from_bits(0);

impl OwnRequest {
    /// Gives the name of the stream's request of this kind.
    #[inline]
    pub(crate) fn name(self, key: Key) -> OpId {
        OpId::from_parts(OWN | (self as u32) << KIND | key.index(), key.generation())
    }

    /// Tells what is of this name: a request, and its stream.
    #[inline]
    pub(crate) fn named(id: OpId) -> Option<(OwnRequest, Key)> {
        if id.index() & OWN == 0 {
            return None;
        }
        let kind = match id.index() >> KIND & 0b11 {
            0 => OwnRequest::Receive,
            1 => OwnRequest::Poll,
            2 => OwnRequest::HangUp,
            _ => OwnRequest::Waker,
        };
        let position = id.index() & ((1 << KIND) - 1);
        Some((kind, Key::from_parts(position, id.generation())))
    }
}

impl UringLoop {
    /// Asks the kernel for something of a stream; tells whether it can be asked that.
    pub(crate) fn ask(&mut self, key: Key, own: OwnRequest, request: Request) -> bool {
        let Some(resource) = self.resources.get(key) else { return false };
        self.kernel.ask(own.name(key), &resource.handle, request).is_ok()
    }

    /// Makes the request of the waker, or makes it again.
    pub(crate) fn ask_for_waker(&mut self, bell: &OsHandle) -> Result<()> {
        let interest = polyloop_core::Interest::READABLE;
        let request = Request::Poll { interest, multi: self.routes.poll_multi };
        self.kernel.ask(OwnRequest::Waker.name(NOWHERE), bell, request)
    }

    /// Asks the kernel to end all of them.
    pub(crate) fn cancel_own(&mut self) {
        self.kernel.cancel(OwnRequest::Waker.name(NOWHERE));
        for key in self.resources.keys() {
            let Some(resource) = self.resources.get(key) else { continue };
            let (receive, hang_up) = (resource.receive, resource.hang_up);
            match receive {
                Receive::Armed => self.kernel.cancel(OwnRequest::Receive.name(key)),
                Receive::Polling => self.kernel.cancel(OwnRequest::Poll.name(key)),
                Receive::Idle | Receive::Stopping => {}
            }
            if hang_up == HangUp::Watched {
                self.kernel.cancel(OwnRequest::HangUp.name(key));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::kernel::SOON;

    #[test]
    fn a_name_tells_the_kind_and_the_stream() {
        let key = Key::from_parts((1 << 28) - 1, 7);
        for own in [OwnRequest::Receive, OwnRequest::Poll, OwnRequest::HangUp, OwnRequest::Waker] {
            assert_eq!(OwnRequest::named(own.name(key)), Some((own, key)));
        }
        assert_eq!(OwnRequest::named(OpId::from_parts(SOON | 5, 1)), None);
        assert_eq!(OwnRequest::named(OpId::from_parts(5, 1)), None);
    }
}
