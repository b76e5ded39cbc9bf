use polyloop_core::{Chunk, Error, Result};

/// What stands between the bytes of the program (*plain*) and those of the connection: TLS.
///
/// It does no I/O. The wire gives it what came and sends what it has, also after a failure: that is
/// how the peer learns why. It is called while the wire's layer is borrowed, so what it runs of the
/// user's (verifiers, say) must not use the wire.
pub(crate) trait Layer {
    /// Takes bytes of the connection and tells how many: less than all means that plain bytes must
    /// be read first.
    fn incoming(&mut self, bytes: &[u8]) -> usize;

    /// Notes that the connection has ended: no more comes in.
    fn eof(&mut self);

    /// Reads plain bytes: how many, zero at the end that the peer announced, nothing while more
    /// must come in.
    ///
    /// # Errors
    ///
    /// Why the conversation failed, after all bytes that came before.
    fn read_plain(&mut self, buf: &mut [u8]) -> Result<Option<usize>>;

    /// Takes plain bytes to send and tells how many: less than all until the handshake has ended.
    ///
    /// # Errors
    ///
    /// Why the conversation failed.
    fn write_plain(&mut self, bytes: &[u8]) -> Result<usize>;

    /// Says to the peer that no more plain bytes come.
    fn close_notify(&mut self);

    /// Gives what is to be sent.
    fn outgoing(&self) -> &[u8];

    /// Notes that the first bytes of [`outgoing`](Self::outgoing) have been taken.
    fn sent(&mut self, count: usize);

    /// Tells whether the handshake has neither succeeded nor failed.
    fn is_handshaking(&self) -> bool;

    /// Gives why the conversation failed, if it did.
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "TLS plugs in here"))]
    fn failure(&self) -> Option<Error>;

    /// Gives itself to those who want to ask what only this kind of layer knows.
    #[cfg(feature = "tls")]
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        None
    }
}

/// A layer in its place on a wire.
pub(super) struct Layered {
    pub(super) layer: Box<dyn Layer>,
    /// What came in and the layer could not take yet.
    pub(super) unread: Option<Chunk>,
    /// Plain bytes that wait for the end of the handshake.
    pub(super) held: Vec<u8>,
}

impl Layered {
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "TLS plugs in here"))]
    pub(super) fn new(layer: Box<dyn Layer>) -> Layered {
        Layered { layer, unread: None, held: Vec::new() }
    }

    /// Gives the layer what had come in before it was there.
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "TLS plugs in here"))]
    pub(super) fn take_in(&mut self, incoming: &[u8]) {
        if incoming.is_empty() {
            return;
        }
        let mut chunk = Chunk::standalone(incoming.len());
        chunk.storage_mut().copy_from_slice(incoming);
        chunk.fill(incoming.len());
        self.feed(Some(chunk));
    }

    /// Gives the layer what came in; nothing is the end of the connection.
    pub(super) fn feed(&mut self, incoming: Option<Chunk>) {
        let Some(mut chunk) = incoming else { return self.layer.eof() };
        let count = self.layer.incoming(&chunk);
        chunk.consume(count);
        self.unread = (!chunk.is_empty()).then_some(chunk);
    }
}
