//! What the connections of a listener come with: TCP_NODELAY, where the system hands that on.

use polyloop_core::{OptionName, Result, SocketOption};

use super::resource::Resource;

/// Whether accepted connections have TCP_NODELAY because their listener has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum HandsOn {
    /// No connection has been looked at yet.
    #[default]
    Unknown,
    /// They have, or are of a kind that has no such option: nothing is set.
    Enough,
    /// They have not; it is set for each.
    Nothing,
}

impl Resource {
    /// Sets on a listener what its connections are to have, as far as the system hands it on.
    ///
    /// Linux, FreeBSD and macOS do. Nobody relies on it: the first connection is looked at.
    pub(crate) fn hand_on_nodelay(&self) {
        // What the listener does not take is set for each connection.
        let _ = self.set_option(SocketOption::Nodelay(true));
    }

    /// Notes that its connections come with nothing.
    pub(super) fn hand_on_nothing(&self) {
        self.rare().hands_on.set(HandsOn::Nothing);
    }

    /// Makes small writes of a connection that this listener has accepted go out at once.
    pub(crate) fn hand_nodelay_to(&self, accepted: &Resource) -> Result<()> {
        let hands_on = &self.rare().hands_on;
        match hands_on.get() {
            HandsOn::Enough => return Ok(()),
            HandsOn::Unknown => match accepted.option(OptionName::Nodelay) {
                Ok(SocketOption::Nodelay(true)) => {
                    // Those behind it in the backlog came later, and so after the listener was set.
                    hands_on.set(HandsOn::Enough);
                    return Ok(());
                }
                Ok(_) => hands_on.set(HandsOn::Nothing),
                // It has failed already, and says nothing about the others.
                Err(_) => {}
            },
            HandsOn::Nothing => {}
        }
        accepted.set_option(SocketOption::Nodelay(true))
    }
}
