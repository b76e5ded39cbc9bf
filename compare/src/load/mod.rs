//! The load generator: one thread, epoll, plain sockets; it knows no runtime.
//!
//! The load is closed: each connection has so many messages on their way, and sends the next
//! when one has come back. What comes back is compared with what was sent. Every phase ends with
//! nothing on its way, so what is counted on both sides belongs to whole messages.

mod accepts;
mod datagrams;
mod exchange;
mod idle;
mod latencies;
mod streams;
#[cfg(test)]
mod tests;

use std::io;
use std::time::{Duration, Instant};

use rustix::event::Timespec;

pub(crate) use accepts::Accepts;
pub(crate) use datagrams::Datagrams;
pub(crate) use exchange::Exchange;
pub(crate) use idle::Idle;
pub(crate) use latencies::Latencies;
pub(crate) use streams::Streams;

/// How long nothing may happen before a server is given up.
const STALL: Duration = Duration::from_secs(5);

/// Events that are taken from the kernel at once.
const EVENTS: usize = 256;

/// When a phase ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    Elapsed(Duration),
    Messages(u64),
}

impl Until {
    fn is_over(self, begin: Instant, now: Instant, messages: u64) -> bool {
        match self {
            Until::Elapsed(duration) => now - begin >= duration,
            Until::Messages(count) => messages >= count,
        }
    }
}

/// What a phase came to.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    /// Messages that came back whole and right; connections, where these are counted.
    pub(crate) messages: u64,
    pub(crate) elapsed: Duration,
    pub(crate) latencies: Latencies,
    /// Messages that were lost, which only datagrams may be.
    pub(crate) lost: u64,
}

/// Something that can be done to a server again and again.
pub(crate) trait Load {
    /// Runs until then, and until nothing is on its way.
    fn run(&mut self, until: Until) -> io::Result<Phase>;
}

fn stalled() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("the server did nothing for {STALL:?}"))
}

fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: duration.as_secs() as i64, tv_nsec: i64::from(duration.subsec_nanos()) }
}
