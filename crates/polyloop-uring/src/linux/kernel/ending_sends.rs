use polyloop_core::Key;

use super::{Completed, Kernel};

/// The sends of the loop's own.
impl Kernel {
    /// Asks the kernel to end the sends of the loop's own.
    pub(crate) fn cancel_sends(&mut self) {
        self.sends.flying().into_iter().for_each(|id| self.cancel(id));
    }

    /// Notes that a send of the loop's own has landed; gives its stream if everything has gone.
    #[inline]
    pub(crate) fn land_soon(&mut self, completed: Completed) -> Option<Key> {
        self.in_flight -= 1;
        self.sends.land(completed.id, completed.answer)
    }

    /// Gives the stream of the next silent send that has gone; nothing as long as that is not known: a
    /// completion that has not been read may say otherwise.
    #[inline]
    pub(crate) fn next_gone(&mut self) -> Option<Key> {
        if self.has_completion() || self.ring.submission().cq_overflow() {
            return None;
        }
        let key = self.sends.next_gone()?;
        self.in_flight -= 1;
        Some(key)
    }
}
