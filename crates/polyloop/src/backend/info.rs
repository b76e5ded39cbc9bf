use std::fmt;

use polyloop_core::{Capabilities, OpKind, Route};

/// Which backend a loop runs on, why, and what it can do.
#[derive(Clone, Debug)]
pub struct BackendInfo {
    name: String,
    reason: String,
    refusals: Vec<Refusal>,
    capabilities: Capabilities,
}

/// Why a backend that came earlier in the order was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The backend's name.
    pub backend: String,
    /// What it said.
    pub reason: String,
}

impl BackendInfo {
    pub(crate) fn new(
        name: &str,
        reason: String,
        refusals: Vec<Refusal>,
        capabilities: Capabilities,
    ) -> BackendInfo {
        BackendInfo { name: name.to_owned(), reason, refusals, capabilities }
    }

    /// Gives the backend's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells why it was taken.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Gives the backends that were tried before and refused.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// Tells what the loop could do when it was asked: routes change when the kernel refuses one.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Visits every kind of op with the route by which it goes.
    pub fn routes(&self) -> impl Iterator<Item = (OpKind, Route)> {
        self.capabilities.routes()
    }
}

/// One line: the name and the reason, then the refusals.
impl fmt::Display for BackendInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.reason)?;
        for refusal in &self.refusals {
            write!(f, "; {} refused: {}", refusal.backend, refusal.reason)?;
        }
        Ok(())
    }
}
