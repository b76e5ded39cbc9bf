//! A session in its place on a wire.

use std::any::Any;

use polyloop_core::{Error, Result};

use super::session::Session;
use crate::wire::Layer;

impl Layer for Session {
    fn incoming(&mut self, bytes: &[u8]) -> usize {
        self.incoming(bytes)
    }

    fn eof(&mut self) {
        self.eof();
    }

    fn read_plain(&mut self, buf: &mut [u8]) -> Result<Option<usize>> {
        self.read_plain(buf)
    }

    fn write_plain(&mut self, bytes: &[u8]) -> Result<usize> {
        self.write_plain(bytes)
    }

    fn close_notify(&mut self) {
        self.close_notify();
    }

    fn outgoing(&self) -> &[u8] {
        self.outgoing()
    }

    fn sent(&mut self, count: usize) {
        self.sent(count);
    }

    fn is_handshaking(&self) -> bool {
        self.is_handshaking()
    }

    fn failure(&self) -> Option<Error> {
        self.failure()
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
