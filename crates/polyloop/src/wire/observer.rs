use std::rc::Rc;

use super::Wire;

/// Who is called when something happens on a wire: the callback side of it.
///
/// Each call has its own place in the ready queue and may use the wire in any way; nothing is
/// borrowed meanwhile.
pub(crate) trait Observer {
    /// There may be something to read: bytes, the end, or an error.
    fn on_readable(self: Rc<Self>, wire: &Rc<Wire>);

    /// Less is on its way out than the low mark, after it had been more than the high one.
    fn on_drained(self: Rc<Self>, wire: &Rc<Wire>);

    /// A call that was asked for by [`Wire::schedule`].
    fn on_scheduled(self: Rc<Self>, wire: &Rc<Wire>);

    /// Writing has failed; [`Wire::error`] tells why.
    fn on_failed(self: Rc<Self>, wire: &Rc<Wire>);

    /// The wire is closed, and nothing more happens on it.
    fn on_closed(self: Rc<Self>, wire: &Rc<Wire>);

    /// The loop closes: what would keep the wire alive has to go.
    fn on_loop_closed(self: Rc<Self>, wire: &Rc<Wire>);
}
