//! Every row beside polyloop's peers, in turns: each peer does a short piece of the work, then the
//! next, again and again, so that what else the machine does falls on all. A figure is the median
//! of the pieces; a ratio is the median of the ratios of neighbours, and above 1 polyloop is ahead.
//!
//! An argument chooses the rows that contain it.

use std::time::Duration;

use polyloop_benches::{Bare, Peer, on_each_peer, work};

/// Pieces of work of each row and peer.
const PIECES: usize = 41;

/// The bench target's own flag, which cargo adds.
const BENCH_FLAG: &str = "--bench";

fn main() {
    let wanted = std::env::args().skip(1).find(|argument| argument != BENCH_FLAG);
    let wanted = wanted.unwrap_or_default();
    let mut names = vec!["ns".to_owned()];
    on_each_peer!(|peer| { names.push(peer.name().to_owned()) });
    println!("| {} | bare | tokio / mio | smol / mio | bare / mio |", names.join(" | "));
    println!("|{}", "---|".repeat(names.len() + 4));
    macro_rules! row {
        ($row:literal, $rounds:expr, $each:expr, |$peer:ident, $count:ident| $work:expr) => {
            row!(@ $row, $rounds, $each, |$peer, $count| $work, [])
        };
        ($row:literal, $rounds:expr, $each:expr, bare, |$peer:ident, $count:ident| $work:expr) => {
            row!(@ $row, $rounds, $each, |$peer, $count| $work, [Bare])
        };
        (@ $row:literal, $rounds:expr, $each:expr, |$peer:ident, $count:ident| $work:expr,
            [$($bare:expr)?]) => {{
            if $row.contains(&wanted) {
                let $count = $rounds;
                let piece = || {
                    let mut taken = Vec::new();
                    on_each_peer!(|$peer| { taken.push($work) });
                    let peers = taken.len();
                    $({
                        let $peer = $bare;
                        taken.push($work);
                    })?
                    (taken, peers)
                };
                // The first one warms up.
                let pieces: Vec<_> =
                    std::iter::repeat_with(piece).take(PIECES + 1).skip(1).collect();
                report($row, &pieces, $rounds * $each);
            }
        }};
    }
    row!("spawn and await", 2_000, 1, bare, |peer, n| work::spawn_and_await(&peer, n));
    row!("spawn 1000 and join", 2, 1_000, bare, |peer, n| work::spawn_1000_and_join(&peer, n));
    row!("yield alone", 5_000, 1, bare, |peer, n| work::yields(&peer, 1, n));
    row!("yield among 100", 100, 100, bare, |peer, n| work::yields(&peer, 100, n));
    row!("ping-pong by wakers", 3_000, 1, bare, |peer, n| work::ping_pong(&peer, n));
    row!("ping-pong by queues", 2_000, 1, |peer, n| work::queue_ping_pong(&peer, n));
    row!("queue with room for 64", 5_000, 1, |peer, n| work::queue_hand_over(&peer, 64, n));
    row!("queue with room for 1", 3_000, 1, |peer, n| work::queue_hand_over(&peer, 1, n));
    row!("lock hand-over", 3_000, 1, |peer, n| work::lock_hand_over(&peer, n));
    row!("100,000 sleeps made and fired", 1, 100_000, |peer, n| work::sleeps_fired(&peer, n));
    row!("100,000 sleeps made and cancelled", 1, 100_000, |peer, n| {
        work::sleeps_cancelled(&peer, n)
    });
    row!("wake from a thread", 100, 1, |peer, n| work::wake_from_a_thread(&peer, n));
}

/// Prints a row: nanoseconds per operation, and the peers' relative to polyloop on mio. A piece is what each of so
/// many peers took, and last, in some rows, what bare tasks took.
fn report(row: &str, pieces: &[(Vec<Duration>, usize)], operations: u64) {
    let nanos = |taken: Duration| taken.as_nanos() as f64 / operations as f64;
    let median_of = |figure: &dyn Fn(&[Duration]) -> f64| {
        let mut figures: Vec<f64> = pieces.iter().map(|(taken, _)| figure(taken)).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    let (taken, peers) = &pieces[0];
    let bare = (taken.len() > *peers).then_some(*peers);
    let time = |peer: usize| format!("{:.0}", median_of(&|taken| nanos(taken[peer])));
    let ratio =
        |peer: usize| format!("{:.2}", median_of(&|taken| nanos(taken[peer]) / nanos(taken[0])));
    let mut cells = vec![row.to_owned()];
    cells.extend((0..*peers).map(time));
    cells.push(bare.map_or_else(String::new, time));
    // The peers are the last two, polyloop on mio the first.
    cells.extend((peers - 2..*peers).map(ratio));
    cells.push(bare.map_or_else(String::new, ratio));
    println!("| {} |", cells.join(" | "));
}
