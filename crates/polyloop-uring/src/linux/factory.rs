use polyloop_core::{EventLoop, LoopConfig, LoopFactory, Result};

use crate::linux::{Setup, UringLoop};

/// Makes io_uring loops.
#[derive(Clone, Debug, Default)]
pub struct UringFactory {
    setup: Setup,
}

/// Gives the factory of loops with the best ring that the kernel gives.
pub fn factory() -> UringFactory {
    UringFactory::default()
}

/// Makes a loop on this thread, with the best ring that the kernel gives.
///
/// # Errors
///
/// As [`UringLoop::new`].
pub fn build(config: &LoopConfig) -> Result<UringLoop> {
    UringLoop::new(config)
}

impl UringFactory {
    /// Makes a factory of loops that begin at a setup.
    pub const fn with_setup(setup: Setup) -> UringFactory {
        UringFactory { setup }
    }
}

impl LoopFactory for UringFactory {
    fn name(&self) -> &str {
        "io-uring"
    }

    fn build(&self, config: &LoopConfig) -> Result<Box<dyn EventLoop>> {
        Ok(Box::new(UringLoop::with_setup(config, self.setup.clone())?))
    }
}
