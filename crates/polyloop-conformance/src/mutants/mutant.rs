use std::fmt;
use std::sync::Arc;

use polyloop_core::{EventLoop, LoopConfig, LoopFactory, Result};

use super::fault::Fault;
use super::mutant_loop::MutantLoop;
use crate::model::{Flaw, ModelLoop};

/// One broken loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mutant {
    /// A model loop with a mistake inside.
    Flaw(Flaw),
    /// A loop with a mistake around it.
    Fault(Fault),
}

impl Mutant {
    /// Gives every mutant, by clause; those that need a real backend too.
    pub fn all() -> Vec<Mutant> {
        let flaws = Flaw::ALL.iter().copied().map(Mutant::Flaw);
        let faults = Fault::ALL.iter().copied().map(Mutant::Fault);
        let mut all: Vec<Mutant> = flaws.chain(faults).collect();
        all.sort_by_key(|mutant| mutant.clause());
        all
    }

    /// Gives the name as tables show it.
    pub fn name(self) -> &'static str {
        match self {
            Mutant::Flaw(flaw) => flaw.name(),
            Mutant::Fault(fault) => fault.name(),
        }
    }

    /// Gives the clause of the contract that it breaks.
    pub fn clause(self) -> u8 {
        match self {
            Mutant::Flaw(flaw) => flaw.clause(),
            Mutant::Fault(fault) => fault.clause(),
        }
    }

    /// Says what is wrong, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Mutant::Flaw(flaw) => flaw.about().trim(),
            Mutant::Fault(fault) => fault.about().trim(),
        }
    }

    /// Gives the factory of such loops: model loops, with the mistake inside or around.
    pub fn factory(self) -> MutantFactory {
        MutantFactory { mutant: self, inner: Arc::new(ModelLoop::factory()) }
    }
}

/// Makes broken loops.
pub struct MutantFactory {
    mutant: Mutant,
    inner: Arc<dyn LoopFactory>,
}

impl MutantFactory {
    /// Makes the factory of loops of `inner` with a mistake around them.
    pub fn around(fault: Fault, inner: Arc<dyn LoopFactory>) -> MutantFactory {
        MutantFactory { mutant: Mutant::Fault(fault), inner }
    }
}

impl LoopFactory for MutantFactory {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn build(&self, config: &LoopConfig) -> Result<Box<dyn EventLoop>> {
        let is_unchecked = self.mutant == Mutant::Fault(Fault::BoundsUnchecked);
        let defaults = LoopConfig::default();
        let config = if is_unchecked && config.validate().is_err() { &defaults } else { config };
        Ok(match self.mutant {
            Mutant::Flaw(flaw) => Box::new(ModelLoop::with_flaw(config, flaw)),
            Mutant::Fault(fault) => Box::new(MutantLoop::new(self.inner.build(config)?, fault)),
        })
    }
}

impl fmt::Debug for MutantFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutantFactory").field("mutant", &self.mutant).finish_non_exhaustive()
    }
}
