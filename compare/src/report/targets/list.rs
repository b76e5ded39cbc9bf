//! The targets themselves.

use super::super::Metric;
use super::OURS;
use super::aim::Aim;

/// One thing that polyloop is to reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) what: &'static str,
    /// The aim in words.
    pub(super) told: &'static str,
    pub(super) cell: &'static str,
    pub(super) metric: Metric,
    pub(super) aim: Aim,
    pub(super) bare: Bare,
    /// The backends of which it is asked.
    pub(super) ours: &'static [&'static str],
}

/// Which bare loop stands beside polyloop's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    /// The one of the same kind: epoll for mio, io_uring for io_uring.
    OfItsKind,
    This(&'static str),
    None,
}

impl Bare {
    pub(super) fn of(self, ours: &str) -> Option<&'static str> {
        match self {
            Bare::OfItsKind if ours == OURS[1].0 => Some("io_uring"),
            Bare::OfItsKind => Some("epoll"),
            Bare::This(name) => Some(name),
            Bare::None => None,
        }
    }
}

const BOTH: &[&str] = &[OURS[0].0, OURS[1].0];

const fn both(
    what: &'static str,
    told: &'static str,
    cell: &'static str,
    metric: Metric,
    aim: Aim,
    bare: Bare,
) -> Target {
    Target { what, told, cell, metric, aim, bare, ours: BOTH }
}

/// The cell with runs that are long enough to tell user time.
pub(super) const USER_TIME: &str = "user-time";

/// After how many of these the row of every other echo cell stands.
pub(super) const OTHERS_AT: usize = 5;

pub(super) const TARGETS: &[Target] = &[
    Target {
        what: "user ns of a 1 KiB message, 50 connections",
        told: "bare epoll + 80",
        cell: USER_TIME,
        metric: Metric::UserNs,
        aim: Aim::BarePlus(80.0),
        bare: Bare::This("epoll"),
        ours: &[OURS[0].0],
    },
    Target {
        what: "the same on io_uring",
        told: "bare ring + 80",
        cell: USER_TIME,
        metric: Metric::UserNs,
        aim: Aim::BarePlus(80.0),
        bare: Bare::This("io_uring"),
        ours: &[OURS[1].0],
    },
    both(
        "CPU ns of a 64 B message, 50 connections, 16 in flight each",
        "within 5 % of bare",
        "echo-50x64-by-16",
        Metric::CpuNs,
        Aim::OfBare(1.05),
        Bare::OfItsKind,
    ),
    both(
        "messages a second, 1,000 connections, 16 KiB",
        "within 10 % of bare",
        "echo-1000x16K",
        Metric::Rate,
        Aim::OfBare(0.9),
        Bare::OfItsKind,
    ),
    both(
        "messages a second, 1,000 connections, 128 KiB",
        "within 10 % of bare",
        "echo-1000x128K",
        Metric::Rate,
        Aim::OfBare(0.9),
        Bare::OfItsKind,
    ),
    both(
        "system calls a message, 50 connections",
        "at or under bare",
        "echo-50x1K",
        Metric::SystemCalls,
        Aim::OfBare(1.0),
        Bare::OfItsKind,
    ),
    both(
        "user memory of an idle connection, bytes",
        "under 600",
        "idle",
        Metric::BytesPerConnection,
        Aim::Under(600.0),
        Bare::OfItsKind,
    ),
    both("allocations a message", "0", "echo-50x1K", Metric::Allocations, Aim::Nothing, Bare::None),
    both(
        "allocations a wake-up (two are a round trip)",
        "0",
        "ping-pong",
        Metric::Allocations,
        Aim::Nothing,
        Bare::None,
    ),
    both(
        "allocations a timer armed",
        "0",
        "timer-insert",
        Metric::Allocations,
        Aim::Nothing,
        Bare::None,
    ),
    both(
        "allocations a timer cancelled",
        "0",
        "timer-cancel",
        Metric::Allocations,
        Aim::Nothing,
        Bare::None,
    ),
    both(
        "allocations a timer fired",
        "0",
        "timer-fire",
        Metric::Allocations,
        Aim::Nothing,
        Bare::None,
    ),
    both(
        "spawn and await, ns",
        "under every peer",
        "spawn",
        Metric::CpuNs,
        Aim::UnderBest,
        Bare::This("async-task"),
    ),
    both(
        "spawn 1,000 and join, ns a task",
        "under every peer",
        "spawn-1000",
        Metric::CpuNs,
        Aim::UnderBest,
        Bare::This("async-task"),
    ),
    both(
        "yield alone, ns",
        "within 15 % of bare tasks",
        "yield",
        Metric::CpuNs,
        Aim::OfBare(1.15),
        Bare::This("async-task"),
    ),
    both(
        "yield among 100 tasks, ns",
        "within 15 % of bare tasks",
        "yield-100",
        Metric::CpuNs,
        Aim::OfBare(1.15),
        Bare::This("async-task"),
    ),
    both(
        "ping-pong by queues, ns",
        "under 250 where glommio took 303",
        "queue-ping-pong",
        Metric::CpuNs,
        Aim::UnderAsThen { aim: 250.0, of: "glommio", then: 303.0 },
        Bare::None,
    ),
    both(
        "timer insert, 100,000 pending, ns",
        "under 80 where monoio took 97",
        "timer-insert",
        Metric::CpuNs,
        Aim::UnderAsThen { aim: 80.0, of: "monoio-ring", then: 97.0 },
        Bare::None,
    ),
    both(
        "timer cancel, ns",
        "under 60 where tokio took 75",
        "timer-cancel",
        Metric::CpuNs,
        Aim::UnderAsThen { aim: 60.0, of: "tokio", then: 75.0 },
        Bare::None,
    ),
    both(
        "timer fire, ns",
        "under 300 where tokio took 375",
        "timer-fire",
        Metric::CpuNs,
        Aim::UnderAsThen { aim: 300.0, of: "tokio", then: 375.0 },
        Bare::None,
    ),
    both(
        "wake from another thread and back, µs",
        "not slower than the best",
        "thread-wake",
        Metric::P50,
        Aim::AsBest,
        Bare::None,
    ),
    both(
        "bytes of an idle task",
        "under 100",
        "idle-task",
        Metric::AllocatedBytes,
        Aim::Under(100.0),
        Bare::This("async-task"),
    ),
    both(
        "cached reads of 4 KiB a second, one at a time",
        "over .85 of the bare ring",
        "read-1",
        Metric::Rate,
        Aim::OfBare(0.85),
        Bare::This("io_uring"),
    ),
    both(
        "cached reads of 4 KiB a second, 32 at a time",
        "over .95 of the bare ring",
        "read-32",
        Metric::Rate,
        Aim::OfBare(0.95),
        Bare::This("io_uring"),
    ),
    both(
        "HTTP hello, 64 connections, CPU ns a request",
        "under 4.8 µs where bare epoll took 4.3",
        "http",
        Metric::CpuNs,
        Aim::UnderAsThen { aim: 4_800.0, of: "epoll", then: 4_300.0 },
        Bare::This("epoll"),
    ),
];

/// Tells whether a cell is one of those that are judged together.
pub(super) fn is_other(name: &str) -> bool {
    const NAMED: [&str; 4] = ["echo-50x1K", "echo-50x64-by-16", "echo-1000x16K", "echo-1000x128K"];
    name.starts_with("echo-") && !NAMED.contains(&name)
}

/// Tells whether the table needs a cell.
pub(crate) fn need(name: &str) -> bool {
    is_other(name) || TARGETS.iter().any(|target| target.cell == name)
}
