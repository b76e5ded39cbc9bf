//! What can be asked of a peer.

use std::fmt::{self, Display};
use std::str::FromStr;

/// What a server does with what it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Sends the bytes of each connection back.
    Echo,
    /// Answers each request with [`HELLO`].
    Http,
    /// Sends each datagram back.
    Datagrams,
}

/// What a peer does by itself, over and over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alone {
    /// Reads blocks of 4 KiB, so many at a time.
    Reads(u32),
    SpawnAndAwait,
    SpawnThousand,
    Yield,
    YieldAmong100,
    PingPong,
    QueuePingPong,
    TimerInsert,
    TimerCancel,
    TimerFire,
    /// Memory of tasks that wait.
    IdleTasks,
    ThreadWake,
}

/// One of both: a child process is started for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Serve(Service),
    Alone(Alone),
}

/// The answer of the HTTP servers: the same bytes from every peer.
pub(crate) const HELLO: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 13\r\n\r\nHello, world!";

/// What is asked of them.
pub(crate) const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nhost: localhost\r\nuser-agent: polyloop-compare\r\naccept: */*\r\n\r\n";

/// The names in command lines.
const WORKS: [(&str, Work); 16] = [
    ("echo", Work::Serve(Service::Echo)),
    ("http", Work::Serve(Service::Http)),
    ("udp", Work::Serve(Service::Datagrams)),
    ("read-1", Work::Alone(Alone::Reads(1))),
    ("read-32", Work::Alone(Alone::Reads(32))),
    ("spawn", Work::Alone(Alone::SpawnAndAwait)),
    ("spawn-1000", Work::Alone(Alone::SpawnThousand)),
    ("yield", Work::Alone(Alone::Yield)),
    ("yield-100", Work::Alone(Alone::YieldAmong100)),
    ("ping-pong", Work::Alone(Alone::PingPong)),
    ("queue-ping-pong", Work::Alone(Alone::QueuePingPong)),
    ("timer-insert", Work::Alone(Alone::TimerInsert)),
    ("timer-cancel", Work::Alone(Alone::TimerCancel)),
    ("timer-fire", Work::Alone(Alone::TimerFire)),
    ("idle-task", Work::Alone(Alone::IdleTasks)),
    ("thread-wake", Work::Alone(Alone::ThreadWake)),
];

impl Display for Work {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = WORKS.iter().find(|(_, work)| work == self).map(|(name, _)| *name);
        out.write_str(name.unwrap_or("read"))
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(text: &str) -> Result<Work, String> {
        let known = WORKS.iter().find(|(name, _)| *name == text);
        known.map(|(_, work)| *work).ok_or_else(|| {
            let names: Vec<&str> = WORKS.iter().map(|(name, _)| *name).collect();
            format!("no such work; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests;
