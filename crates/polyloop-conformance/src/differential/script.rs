use polyloop_core::Interest;

use crate::random::Random;

/// One step of a row; `end` is one of the ends of the connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Send {
        end: usize,
        len: usize,
        pieces: usize,
    },
    Recv {
        end: usize,
        capacity: usize,
    },
    TryRecv {
        end: usize,
        capacity: usize,
    },
    /// Puts the last bytes that were read back.
    Unread {
        end: usize,
        len: usize,
    },
    Poll {
        end: usize,
        interest: Interest,
    },
    Watch {
        end: usize,
    },
    /// Cancels one of the latest ops.
    Cancel {
        back: usize,
    },
    Shutdown {
        end: usize,
    },
    Close {
        end: usize,
        abort: bool,
    },
    /// An op that does not fit, or of a key that was closed.
    Wrong {
        end: usize,
        which: usize,
    },
    WriteFile {
        offset: u64,
        len: usize,
    },
    ReadFile {
        offset: u64,
        capacity: usize,
    },
    RefusedConnect,
    Turn,
}

/// Connections of a row; each has two ends.
pub(super) const CONNECTIONS: usize = 3;

/// Kinds of ops that do not fit a connection.
pub(super) const WRONG_OPS: usize = 5;

/// Draws a row.
pub(super) fn draw(random: &mut Random, steps: usize) -> Vec<Step> {
    (0..steps).map(|_| step(random)).collect()
}

fn step(random: &mut Random) -> Step {
    let end = random.below(2 * CONNECTIONS);
    match random.below(100) {
        0..22 => {
            // Now and then more than fits what is between the ends.
            let len = if random.below(10) == 0 { 300_000 } else { random.below(5000) };
            Step::Send { end, len, pieces: 1 + random.below(3) }
        }
        22..40 => Step::Recv { end, capacity: 1 + random.below(8000) },
        40..50 => Step::TryRecv { end, capacity: 1 + random.below(8000) },
        50..54 => Step::Unread { end, len: 1 + random.below(200) },
        54..60 => {
            let interest = [Interest::READABLE, Interest::WRITABLE, Interest::BOTH];
            Step::Poll { end, interest: interest[random.below(3)] }
        }
        60..63 => Step::Watch { end },
        63..73 => Step::Cancel { back: random.below(12) },
        73 => Step::Shutdown { end },
        74 => Step::Close { end, abort: random.below(2) == 0 },
        75..80 => Step::Wrong { end, which: random.below(WRONG_OPS) },
        80..84 => Step::WriteFile { offset: random.below(2000) as u64, len: random.below(2000) },
        84..88 => {
            Step::ReadFile { offset: random.below(3000) as u64, capacity: 1 + random.below(2000) }
        }
        88 => Step::RefusedConnect,
        _ => Step::Turn,
    }
}
