//! Protocols of both kinds, as a transport calls them.

use std::any::Any;
use std::rc::Rc;

use polyloop_core::{Error, Result, limits};

use super::lender::Lent;
use super::protocol::{BufferedProtocol, Protocol};
use super::transport_handle::Transport;
use crate::engine::Engine;

/// What came of trying to receive.
pub(super) enum Received {
    Data,
    Eof,
}

pub(super) trait AnyProtocol {
    fn made(&mut self, transport: &Transport);
    /// Receives once and hands over what came.
    fn receive(&mut self, transport: &Transport, engine: &Rc<Engine>) -> Result<Received>;
    fn eof(&mut self, transport: &Transport) -> bool;
    fn lost(&mut self, transport: &Transport, error: Option<Error>);
    fn pause(&mut self, transport: &Transport);
    fn resume(&mut self, transport: &Transport);
    /// Gives the protocol itself.
    fn protocol(&mut self) -> &mut dyn Any;
}

/// A protocol that is given its bytes.
pub(super) struct Given<P>(pub(super) P);

/// A protocol that says where its bytes go.
pub(super) struct Buffered<P>(pub(super) P);

impl<P: Protocol> AnyProtocol for Given<P> {
    fn made(&mut self, transport: &Transport) {
        self.0.connection_made(transport);
    }

    fn receive(&mut self, transport: &Transport, engine: &Rc<Engine>) -> Result<Received> {
        let wire = transport.wire();
        if !wire.has_layer() {
            let Some(chunk) = wire.try_read_chunk(engine)? else { return Ok(Received::Eof) };
            self.0.data_received(transport, &chunk);
            return Ok(Received::Data);
        }
        let mut lent = Lent::new(engine);
        let count = wire.try_read(engine, lent.storage_mut())?;
        if count == 0 {
            return Ok(Received::Eof);
        }
        self.0.data_received(transport, &lent.storage_mut()[..count]);
        Ok(Received::Data)
    }

    fn eof(&mut self, transport: &Transport) -> bool {
        self.0.eof_received(transport)
    }

    fn lost(&mut self, transport: &Transport, error: Option<Error>) {
        self.0.connection_lost(transport, error);
    }

    fn pause(&mut self, transport: &Transport) {
        self.0.pause_writing(transport);
    }

    fn resume(&mut self, transport: &Transport) {
        self.0.resume_writing(transport);
    }

    fn protocol(&mut self) -> &mut dyn Any {
        &mut self.0
    }
}

impl<P: BufferedProtocol> AnyProtocol for Buffered<P> {
    fn made(&mut self, transport: &Transport) {
        self.0.connection_made(transport);
    }

    fn receive(&mut self, transport: &Transport, engine: &Rc<Engine>) -> Result<Received> {
        let buf = self.0.get_buffer(limits::CHUNK_SIZE);
        assert!(!buf.is_empty(), "a protocol gave a buffer without room");
        match transport.wire().try_read(engine, buf)? {
            0 => Ok(Received::Eof),
            count => {
                self.0.buffer_updated(transport, count);
                Ok(Received::Data)
            }
        }
    }

    fn eof(&mut self, transport: &Transport) -> bool {
        self.0.eof_received(transport)
    }

    fn lost(&mut self, transport: &Transport, error: Option<Error>) {
        self.0.connection_lost(transport, error);
    }

    fn pause(&mut self, transport: &Transport) {
        self.0.pause_writing(transport);
    }

    fn resume(&mut self, transport: &Transport) {
        self.0.resume_writing(transport);
    }

    fn protocol(&mut self) -> &mut dyn Any {
        &mut self.0
    }
}
