use polyloop_core::{Error, ErrorKind, EventLoop, LoopConfig, Result};

pub(crate) fn build(_: &LoopConfig) -> Result<Box<dyn EventLoop>> {
    Err(Error::new(ErrorKind::Refused)
        .attempting("mio: on this system it registers only sockets that it made itself"))
}
