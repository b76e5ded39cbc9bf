use std::rc::Rc;

use polyloop_core::Buffer;

use crate::engine::Engine;

/// A buffer of the loop's, given back when this is dropped, also by a panic.
pub(super) struct Lent<'a> {
    engine: &'a Rc<Engine>,
    buffer: Buffer,
}

impl<'a> Lent<'a> {
    pub(super) fn new(engine: &'a Rc<Engine>) -> Lent<'a> {
        Lent { engine, buffer: engine.lend_buffer() }
    }

    pub(super) fn storage_mut(&mut self) -> &mut [u8] {
        self.buffer.storage_mut()
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.engine.return_buffer(std::mem::take(&mut self.buffer));
    }
}
