use crate::{EventLoop, LoopConfig, Result};

/// Makes loops of one kind: for groups of loops, for choosing one at run time, and for the suite.
pub trait LoopFactory: Send + Sync {
    /// Gives the name of the kind, as users write it.
    fn name(&self) -> &str;

    /// Makes a loop on this thread.
    ///
    /// # Errors
    ///
    /// Of kind *refused*, saying which backend and why, if it cannot run here; of kind *invalid
    /// input* if [`LoopConfig::validate`] finds fault, which an implementor calls first; otherwise
    /// what the operating system answered, with nothing leaked.
    fn build(&self, config: &LoopConfig) -> Result<Box<dyn EventLoop>>;
}

/// A factory of a name and a function.
#[derive(Clone, Copy, Debug)]
pub struct FnFactory<F> {
    name: &'static str,
    build: F,
}

impl<F> FnFactory<F>
where
    F: Fn(&LoopConfig) -> Result<Box<dyn EventLoop>> + Send + Sync,
{
    /// Makes the factory.
    pub const fn new(name: &'static str, build: F) -> Self {
        FnFactory { name, build }
    }
}

impl<F> LoopFactory for FnFactory<F>
where
    F: Fn(&LoopConfig) -> Result<Box<dyn EventLoop>> + Send + Sync,
{
    fn name(&self) -> &str {
        self.name
    }

    fn build(&self, config: &LoopConfig) -> Result<Box<dyn EventLoop>> {
        (self.build)(config)
    }
}
