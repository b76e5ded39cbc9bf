use serde::{Deserialize, Serialize};

/// What can be measured. The order is that of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Metric {
    /// Units of the cell in a second of the clock.
    Rate,
    /// Nanoseconds of processor time of the server, for one unit; the next two are its parts.
    CpuNs,
    UserNs,
    SystemNs,
    SystemCalls,
    Instructions,
    Allocations,
    /// Microseconds from when a message was sent until it was back, for so many in a hundred.
    P50,
    P99,
    P999,
    BytesPerConnection,
    /// Bytes that the allocator has given out, for one unit.
    AllocatedBytes,
    /// Datagrams that had to be sent again.
    Lost,
}

impl Metric {
    pub(crate) const ALL: [Metric; 13] = [
        Metric::Rate,
        Metric::CpuNs,
        Metric::UserNs,
        Metric::SystemNs,
        Metric::SystemCalls,
        Metric::Instructions,
        Metric::Allocations,
        Metric::P50,
        Metric::P99,
        Metric::P999,
        Metric::BytesPerConnection,
        Metric::AllocatedBytes,
        Metric::Lost,
    ];

    /// Gives the head of its column.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Metric::Rate => "a second",
            Metric::CpuNs => "CPU ns",
            Metric::UserNs => "user ns",
            Metric::SystemNs => "kernel ns",
            Metric::SystemCalls => "system calls",
            Metric::Instructions => "instructions",
            Metric::Allocations => "allocations",
            Metric::P50 => "p50 µs",
            Metric::P99 => "p99 µs",
            Metric::P999 => "p99.9 µs",
            Metric::BytesPerConnection => "resident bytes",
            Metric::AllocatedBytes => "allocated bytes",
            Metric::Lost => "lost",
        }
    }

    /// Tells whether it is a ratio to something that says anything: what is mostly zero is not.
    pub(crate) fn has_ratio(self) -> bool {
        !matches!(self, Metric::Allocations | Metric::Lost)
    }

    /// Tells whether the kernel may only estimate it.
    pub(crate) fn is_estimated(self) -> bool {
        matches!(self, Metric::UserNs | Metric::SystemNs)
    }

    /// Gives a shorter word for the heads of ratios.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Metric::Rate => "rate",
            Metric::CpuNs => "CPU",
            Metric::SystemCalls => "calls",
            Metric::BytesPerConnection => "bytes",
            other => other.title(),
        }
    }

    pub(crate) fn more_is_better(self) -> bool {
        self == Metric::Rate
    }

    /// Tells whether it is drawn.
    pub(crate) fn has_chart(self) -> bool {
        matches!(
            self,
            Metric::Rate
                | Metric::CpuNs
                | Metric::SystemCalls
                | Metric::Instructions
                | Metric::P99
                | Metric::BytesPerConnection
                | Metric::AllocatedBytes
        )
    }
}
