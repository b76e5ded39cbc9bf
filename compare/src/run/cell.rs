use std::time::Duration;

use super::Settings;
use crate::peer::Peer;
use crate::work::{Alone, Service, Work};

/// One table of the report: a work, and how it is loaded.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// The name for `--only`.
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) about: String,
    /// What is counted.
    pub(crate) unit: &'static str,
    pub(crate) load: Load,
    /// Whether a quick run has it too.
    pub(crate) in_quick: bool,
    /// Whether instructions are worth the time they take to count under callgrind.
    pub(crate) with_callgrind: bool,
}

/// How a child is kept busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    Echo {
        connections: usize,
        size: usize,
        depth: usize,
    },
    /// 50 connections with 1 KiB, for long.
    UserTime,
    Accept,
    Datagrams {
        size: usize,
    },
    Http,
    Idle,
    Alone(Alone),
}

/// Connections that are opened at a time, where opening is the matter.
pub(crate) const ACCEPTS_AT_ONCE: usize = 16;
/// Sockets that send datagrams.
pub(crate) const DATAGRAM_SOCKETS: usize = 32;
/// Connections of HTTP clients.
pub(crate) const HTTP_CONNECTIONS: usize = 64;

impl Cell {
    pub(crate) fn work(&self) -> Work {
        match self.load {
            Load::Echo { .. } | Load::UserTime | Load::Accept | Load::Idle => {
                Work::Serve(Service::Echo)
            }
            Load::Datagrams { .. } => Work::Serve(Service::Datagrams),
            Load::Http => Work::Serve(Service::Http),
            Load::Alone(alone) => Work::Alone(alone),
        }
    }

    /// Gives how large the buffer of a connection is, where a peer reads into one: a message of the
    /// usual sizes fits, and large ones come in few pieces.
    pub(crate) fn buffer_bytes(&self) -> usize {
        match self.load {
            Load::Echo { size, depth, .. } => (size * depth).clamp(4 * 1024, 64 * 1024),
            _ => 4 * 1024,
        }
    }

    /// Gives how often it is measured. Memory repeats, so that a few times are enough.
    pub(crate) fn repetitions(&self, settings: &Settings) -> u32 {
        match self.load {
            Load::Idle | Load::Alone(Alone::IdleTasks) => settings.repetitions.min(3),
            Load::UserTime => settings.for_user_time.0,
            _ => settings.repetitions,
        }
    }

    /// Gives how long it is measured each time.
    pub(crate) fn measured(&self, settings: &Settings) -> Duration {
        if self.load == Load::UserTime { settings.for_user_time.1 } else { settings.measured }
    }

    /// Says why a peer is left out of a run of all peers, if so.
    pub(crate) fn leaves_out(&self, peer: Peer) -> Option<&'static str> {
        let wanted = [
            Peer::BareEpoll,
            Peer::BareRing,
            Peer::Tokio,
            Peer::MonoioRing,
            Peer::PolyloopMio,
            Peer::PolyloopRing,
        ];
        let is_long = self.load == Load::UserTime && !wanted.contains(&peer);
        is_long.then_some("left out, unless `--peers` names it: a peer takes almost a minute")
    }
}

/// Gives every cell there is.
pub(crate) fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for connections in [1, 50, 1000] {
        for size in [64, 1024, 16 * 1024, 128 * 1024] {
            cells.push(echo(connections, size, 1));
        }
    }
    cells.insert(8, echo(50, 64, 16));
    cells.push(cell(
        "user-time",
        "User time of an echo, 50 connections, 1 KiB",
        "as above, in runs that are long enough for an estimate by ticks",
        "message",
        Load::UserTime,
    ));
    cells.push(cell(
        "accept",
        "Connections",
        &format!("opened, echoed 64 bytes once, reset; {ACCEPTS_AT_ONCE} at a time"),
        "connection",
        Load::Accept,
    ));
    for size in [64, 1200] {
        cells.push(cell(
            &format!("udp-{size}"),
            &format!("Datagrams of {size} bytes"),
            &format!("{DATAGRAM_SOCKETS} clients, one on its way from each"),
            "datagram",
            Load::Datagrams { size },
        ));
    }
    cells.push(cell(
        "http",
        "HTTP hello",
        &format!("{HTTP_CONNECTIONS} connections that stay; as little of HTTP as the load needs"),
        "request",
        Load::Http,
    ));
    cells.push(cell(
        "idle",
        "Idle connections",
        "each has echoed 64 bytes once and waits; memory of the process, without the kernel's",
        "connection",
        Load::Idle,
    ));
    cells.extend(alone());
    for cell in &mut cells {
        const QUICK: [&str; 13] = [
            "echo-1x64",
            "echo-50x64",
            "echo-50x1K",
            "echo-50x64-by-16",
            "echo-1000x16K",
            "accept",
            "udp-64",
            "http",
            "idle",
            "read-32",
            "spawn",
            "yield",
            "queue-ping-pong",
        ];
        const CALLGRIND: [&str; 9] = [
            "echo-50x64",
            "echo-50x1K",
            "http",
            "spawn",
            "spawn-1000",
            "yield",
            "yield-100",
            "ping-pong",
            "queue-ping-pong",
        ];
        cell.in_quick = QUICK.contains(&cell.name.as_str());
        cell.with_callgrind = CALLGRIND.contains(&cell.name.as_str());
    }
    cells
}

fn alone() -> Vec<Cell> {
    let waiting = "what the allocator has given out for each of 100,000 that wait";
    let pending = "of 100,000 that are armed at once";
    let works = [
        (Alone::Reads(1), "Reads of 4 KiB, one at a time", "from the page cache", "read"),
        (Alone::Reads(32), "Reads of 4 KiB, 32 at a time", "from the page cache", "read"),
        (Alone::SpawnAndAwait, "Spawn and await", "a task that does nothing", "task"),
        (Alone::SpawnThousand, "Spawn 1,000 and join", "tasks that do nothing", "task"),
        (Alone::Yield, "Yield alone", "the only task", "yield"),
        (Alone::YieldAmong100, "Yield among 100", "tasks that all yield", "yield"),
        (Alone::PingPong, "Ping-pong by wakers", "two tasks, there and back", "round trip"),
        (Alone::QueuePingPong, "Ping-pong by queues", "there and back", "round trip"),
        (Alone::TimerInsert, "Arming a timer", pending, "timer"),
        (Alone::TimerCancel, "Cancelling a timer", pending, "timer"),
        (Alone::TimerFire, "Firing a timer", pending, "timer"),
        (Alone::IdleTasks, "Idle tasks", waiting, "task"),
        (
            Alone::ThreadWake,
            "Wake from another thread",
            "there and back, both threads on one processor",
            "round trip",
        ),
    ];
    let cell = |(alone, title, about, unit): (Alone, &str, &str, &'static str)| {
        cell(&Work::Alone(alone).to_string(), title, about, unit, Load::Alone(alone))
    };
    works.map(cell).into()
}

fn echo(connections: usize, size: usize, depth: usize) -> Cell {
    let by = if depth > 1 { format!("-by-{depth}") } else { String::new() };
    let size_text = if size < 1024 { size.to_string() } else { format!("{}K", size / 1024) };
    let plural = if connections == 1 { "" } else { "s" };
    let mut title = format!("Echo, {connections} connection{plural}, ");
    title += &if size < 1024 { format!("{size} B") } else { format!("{} KiB", size / 1024) };
    let about = match depth {
        1 => "one message on its way at a time".to_owned(),
        depth => format!("{depth} messages on their way at a time on each"),
    };
    let load = Load::Echo { connections, size, depth };
    cell(
        &format!("echo-{connections}x{size_text}{by}"),
        &(title + by_words(depth)),
        &about,
        "message",
        load,
    )
}

fn by_words(depth: usize) -> &'static str {
    if depth > 1 { ", 16 in flight" } else { "" }
}

fn cell(name: &str, title: &str, about: &str, unit: &'static str, load: Load) -> Cell {
    Cell {
        name: name.to_owned(),
        title: title.to_owned(),
        about: about.to_owned(),
        unit,
        load,
        in_quick: false,
        with_callgrind: false,
    }
}
