//! Which loop runs underneath.

mod driver;
mod info;
mod select;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use polyloop_core::{Error, ErrorKind, LoopFactory, Result};

pub(crate) use driver::Driver;
pub use info::{BackendInfo, Refusal};
pub(crate) use select::build;

/// Which loop a [`Runner`](crate::Runner) builds.
///
/// An explicit choice is obeyed or fails with the reason; it never falls back.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Backend {
    /// The one that the environment variable `POLYLOOP_BACKEND` names; without it the first of
    /// io_uring, mio, polling that can be built here.
    #[default]
    Auto,
    /// epoll or kqueue, over the `mio` crate.
    Mio,
    /// io_uring, over the `io-uring` crate.
    IoUring,
    /// Portable polling, over the `polling` crate.
    Polling,
    /// A loop of one's own. Needs the feature `custom`.
    Custom(Arc<dyn LoopFactory>),
}

impl Backend {
    /// The backends that polyloop brings, in the order in which [`Backend::Auto`] tries them.
    pub const BUILT_IN: [Backend; 3] = [Backend::IoUring, Backend::Mio, Backend::Polling];

    /// Gives the name, as `POLYLOOP_BACKEND` and `--backend` options spell it.
    pub fn name(&self) -> &str {
        match self {
            Backend::Auto => "auto",
            Backend::Mio => "mio",
            Backend::IoUring => "io-uring",
            Backend::Polling => "polling",
            Backend::Custom(factory) => factory.name(),
        }
    }

    /// Builds a loop of this kind and drops it, to learn whether it can be built here, and what
    /// it can do.
    ///
    /// # Errors
    ///
    /// Of kind [`Refused`](ErrorKind::Refused) if it cannot run here, saying why.
    pub fn probe(&self) -> Result<BackendInfo> {
        select::build(self, &polyloop_core::LoopConfig::default()).map(|(_, info)| info)
    }
}

/// Parses the names that [`Backend::name`] gives, of all but custom ones.
impl FromStr for Backend {
    type Err = Error;

    fn from_str(name: &str) -> Result<Backend> {
        let known = [Backend::Auto, Backend::Mio, Backend::IoUring, Backend::Polling];
        known.into_iter().find(|backend| backend.name() == name).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput).attempting(format_args!(
                "choose the backend {name:?} (known: auto, mio, io-uring, polling)"
            ))
        })
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backend({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for backend in Backend::BUILT_IN {
            assert_eq!(backend.name().parse::<Backend>().unwrap().name(), backend.name());
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let message = "epol".parse::<Backend>().unwrap_err().to_string();
        for part in ["epol", "auto", "mio", "io-uring", "polling"] {
            assert!(message.contains(part), "{message}");
        }
    }
}
