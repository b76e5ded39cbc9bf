use polyloop_core::Key;

use super::Kernel;

impl Kernel {
    /// Gives the stream of the next silent send that has gone; nothing as long as that is not known: a
    /// completion that has not been read may say otherwise.
    #[inline]
    pub(crate) fn next_gone(&mut self) -> Option<Key> {
        if !self.sends.is_unsettled()
            || self.has_completion()
            || self.ring.submission().cq_overflow()
        {
            return None;
        }
        let key = self.sends.next_gone()?;
        self.in_flight -= 1;
        Some(key)
    }
}
