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

/// What a transport calls: a [`Protocol`] or a [`BufferedProtocol`].
///
/// Which of the two a type is says the `Kind`, which the compiler finds; for a type that were both
/// it would have to be said. Nothing else can implement it.
pub trait StreamProtocol<Kind>: sealed::Boxed<Kind> + 'static {}

impl<P: Protocol> StreamProtocol<sealed::OfBytes> for P {}
impl<P: BufferedProtocol> StreamProtocol<sealed::OfBuffers> for P {}

impl<P: Protocol> sealed::Boxed<sealed::OfBytes> for P {
    fn boxed(self) -> sealed::Stacked {
        sealed::Stacked(Box::new(Given(self)))
    }
}

impl<P: BufferedProtocol> sealed::Boxed<sealed::OfBuffers> for P {
    fn boxed(self) -> sealed::Stacked {
        sealed::Stacked(Box::new(Buffered(self)))
    }
}

/// The part that only this crate can name.
mod sealed {
    use super::AnyProtocol;

    pub trait Boxed<Kind> {
        #[doc(hidden)]
        fn boxed(self) -> Stacked;
    }

    /// A protocol of either kind.
    #[expect(missing_debug_implementations, reason = "nobody else can name it")]
    pub struct Stacked(pub(in super::super) Box<dyn AnyProtocol>);

    /// The kind of protocols that are given their bytes.
    #[derive(Debug)]
    pub enum OfBytes {}

    /// The kind of protocols that say where their bytes go.
    #[derive(Debug)]
    pub enum OfBuffers {}
}

/// Writes the methods in which both kinds are alike.
macro_rules! alike {
    () => {
        fn made(&mut self, transport: &Transport) {
            self.0.connection_made(transport);
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
    };
}

/// A protocol that is given its bytes.
struct Given<P>(P);

/// A protocol that says where its bytes go.
struct Buffered<P>(P);

impl<P: Protocol> AnyProtocol for Given<P> {
    alike!();

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
}

impl<P: BufferedProtocol> AnyProtocol for Buffered<P> {
    alike!();

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
}
