use polyloop_core::{Error, ErrorKind, EventLoop, LoopConfig, Result};

/// A loop over mio; none can be made on this system.
pub type MioLoop = Box<dyn EventLoop>;

pub(crate) fn build(_: &LoopConfig) -> Result<MioLoop> {
    Err(Error::new(ErrorKind::Refused)
        .attempting("mio: on this system it registers only sockets that it made itself"))
}
