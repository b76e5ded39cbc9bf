use polyloop_core::{Key, OpId};

use super::Kernel;

/// The silent sends of the loop's own.
impl Kernel {
    /// Gives the silent sends that have gone, those that have landed otherwise among them. To be asked when all
    /// completions have been read.
    #[inline]
    pub(crate) fn take_unanswered(&mut self) -> Option<Vec<OpId>> {
        if self.ring.submission().cq_overflow() {
            return None;
        }
        self.sends.take_unanswered()
    }

    /// Notes that one of them has gone, unless it has landed otherwise; gives its stream.
    #[inline]
    pub(crate) fn land_silent(&mut self, id: OpId) -> Option<Key> {
        let key = self.sends.land_silent(id);
        self.in_flight -= usize::from(key.is_some());
        key
    }

    /// Takes the memory of their list back.
    #[inline]
    pub(crate) fn keep_unanswered(&mut self, emptied: Vec<OpId>) {
        self.sends.keep_unanswered(emptied);
    }
}
