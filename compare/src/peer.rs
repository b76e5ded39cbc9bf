//! Who is compared.

use std::fmt::{self, Display};
use std::str::FromStr;

use crate::serve::loops::{self, Bare};
use crate::work::{Alone, Work};

/// A loop or runtime that does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Peer {
    BareEpoll,
    BareRing,
    BareMio,
    BareTasks,
    Uv,
    Tokio,
    Smol,
    MonoioRing,
    MonoioLegacy,
    Compio,
    Glommio,
    PolyloopMio,
    PolyloopRing,
    PolyloopPolling,
}

/// What a peer is to the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Written by hand for the one purpose: what the ratios refer to.
    Bare,
    Peer,
    Ours,
}

impl Peer {
    /// Everyone, in the order of tables.
    pub(crate) const ALL: [Peer; 14] = [
        Peer::BareEpoll,
        Peer::BareRing,
        Peer::BareMio,
        Peer::BareTasks,
        Peer::Uv,
        Peer::Tokio,
        Peer::Smol,
        Peer::MonoioRing,
        Peer::MonoioLegacy,
        Peer::Compio,
        Peer::Glommio,
        Peer::PolyloopMio,
        Peer::PolyloopRing,
        Peer::PolyloopPolling,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Peer::BareEpoll => "epoll",
            Peer::BareRing => "io_uring",
            Peer::BareMio => "mio",
            Peer::BareTasks => "async-task",
            Peer::Uv => "libuv",
            Peer::Tokio => "tokio",
            Peer::Smol => "smol",
            Peer::MonoioRing => "monoio-ring",
            Peer::MonoioLegacy => "monoio-legacy",
            Peer::Compio => "compio",
            Peer::Glommio => "glommio",
            Peer::PolyloopMio => "polyloop-mio",
            Peer::PolyloopRing => "polyloop-io-uring",
            Peer::PolyloopPolling => "polyloop-polling",
        }
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Peer::BareEpoll | Peer::BareRing | Peer::BareMio | Peer::BareTasks => Kind::Bare,
            Peer::PolyloopMio | Peer::PolyloopRing | Peer::PolyloopPolling => Kind::Ours,
            _ => Kind::Peer,
        }
    }

    /// Says what it is and how it is set up.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Peer::BareEpoll => "a loop in C: edge-triggered, one shared buffer; files by pread",
            Peer::BareRing => {
                "a loop in C: multishot accept and receive into a ring of buffers, deferred task work"
            }
            Peer::BareMio => "a loop over mio, one shared buffer",
            Peer::BareTasks => {
                "tasks of that crate and a queue, polled in a loop: no I/O, no timers"
            }
            Peer::Uv => "in C, one shared buffer",
            Peer::Tokio => "the current-thread runtime with a LocalSet",
            Peer::Smol => "LocalExecutor",
            Peer::MonoioRing => "its io_uring driver, as it comes",
            Peer::MonoioLegacy => "its epoll driver",
            Peer::Compio => "io_uring with cooperative task work and its flag",
            Peer::Glommio => "as it comes",
            Peer::PolyloopMio => "epoll by mio",
            Peer::PolyloopRing => "io_uring",
            Peer::PolyloopPolling => "epoll by polling",
        }
    }

    /// Gives the version in use; Cargo.toml pins those of crates.
    pub(crate) fn version(self) -> String {
        match self {
            Peer::BareEpoll | Peer::BareRing => String::new(),
            Peer::BareTasks => "4.7".to_owned(),
            Peer::BareMio => "1.2.4".to_owned(),
            Peer::Uv => loops::uv_version(),
            Peer::Tokio => "1.54.1".to_owned(),
            Peer::Smol => "2.0.2".to_owned(),
            Peer::MonoioRing | Peer::MonoioLegacy => "0.2.4".to_owned(),
            Peer::Compio => "0.19.2".to_owned(),
            Peer::Glommio => "0.9.0".to_owned(),
            Peer::PolyloopMio | Peer::PolyloopRing | Peer::PolyloopPolling => {
                env!("CARGO_PKG_VERSION").to_owned()
            }
        }
    }

    /// Tells whether the global allocator, which counts, is also this peer's.
    pub(crate) fn counts_allocations(self) -> bool {
        !matches!(self, Peer::BareEpoll | Peer::BareRing | Peer::Uv)
    }

    /// Says why the peer cannot run here, if so.
    pub(crate) fn refusal(self) -> Option<String> {
        match self {
            Peer::BareRing => loops::refusal(Bare::Ring),
            Peer::Uv => loops::refusal(Bare::Uv),
            Peer::MonoioRing | Peer::MonoioLegacy | Peer::Compio | Peer::Glommio
                if !cfg!(feature = "peers") =>
            {
                Some("not compiled in: the feature `peers` is off".to_owned())
            }
            Peer::MonoioRing | Peer::Glommio => loops::refusal(Bare::Ring),
            Peer::PolyloopRing => {
                let probed = polyloop::Backend::IoUring.probe();
                probed.err().map(|error| error.to_string())
            }
            _ => None,
        }
    }

    /// Says why the peer has nothing to do a work with, if so.
    pub(crate) fn lacks(self, work: Work) -> Option<&'static str> {
        const NO_TASKS: &str = "a bare loop has no tasks or timers";
        match (self, work) {
            (
                Peer::BareTasks,
                Work::Alone(
                    Alone::SpawnAndAwait
                    | Alone::SpawnThousand
                    | Alone::Yield
                    | Alone::YieldAmong100
                    | Alone::PingPong
                    | Alone::IdleTasks,
                ),
            ) => None,
            (Peer::BareTasks, _) => Some("it has tasks and nothing else"),
            (Peer::BareEpoll | Peer::BareRing, Work::Alone(Alone::Reads(_))) => None,
            (Peer::BareMio, Work::Alone(Alone::Reads(_))) => Some("mio has no files"),
            (Peer::Uv, Work::Alone(Alone::Reads(_))) => Some("not written for libuv"),
            (Peer::BareEpoll | Peer::BareRing | Peer::BareMio | Peer::Uv, Work::Alone(_)) => {
                Some(NO_TASKS)
            }
            _ => None,
        }
    }
}

impl Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Peer, String> {
        Peer::ALL.into_iter().find(|peer| peer.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Peer::ALL.iter().map(|peer| peer.name()).collect();
            format!("no such peer; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests;
