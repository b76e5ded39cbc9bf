use std::fs::File;

/// Bytes that came with handles, as
/// [`EventLoop::try_recv_handles`](crate::EventLoop::try_recv_handles) gives them.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReceivedHandles {
    /// How many bytes are in the buffer; zero is the end of a stream.
    pub len: usize,
    /// The handles that came with them, close-on-exec, in the order in which they were sent.
    pub handles: Vec<File>,
    /// More handles came than were asked for, or than this process may have open: the others are
    /// closed.
    pub truncated: bool,
}

impl ReceivedHandles {
    /// Makes what came.
    pub const fn new(len: usize, handles: Vec<File>, truncated: bool) -> ReceivedHandles {
        ReceivedHandles { len, handles, truncated }
    }
}
