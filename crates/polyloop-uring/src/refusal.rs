//! What stands in where there is no io_uring.

use polyloop_core::{Error, ErrorKind, EventLoop, LoopConfig, LoopFactory, Result};

/// Refuses: io_uring is Linux's.
#[derive(Clone, Debug, Default)]
pub struct UringFactory(());

/// A loop over io_uring; none can be made on this system.
pub type UringLoop = Box<dyn EventLoop>;

/// Gives the factory, which refuses.
pub fn factory() -> UringFactory {
    UringFactory::default()
}

/// Refuses.
///
/// # Errors
///
/// Always, of kind *refused*.
pub fn build(_: &LoopConfig) -> Result<UringLoop> {
    Err(Error::new(ErrorKind::Refused).attempting("io-uring: only Linux has it"))
}

impl LoopFactory for UringFactory {
    fn name(&self) -> &str {
        "io-uring"
    }

    fn build(&self, config: &LoopConfig) -> Result<Box<dyn EventLoop>> {
        build(config)
    }
}
