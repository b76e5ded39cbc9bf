//! How late sleeps end, beside polyloop's peers: microseconds behind the time that was asked for, of sleeps
//! one after the other on a loop that has nothing else to do. An argument gives how many of each.

use std::time::{Duration, Instant};

use polyloop_benches::{Peer, on_each_peer};

/// How long the sleeps are.
const LENGTHS: [Duration; 5] = [
    Duration::from_micros(100),
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(10),
];

fn main() {
    // Cargo passes flags of its own.
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(100);
    println!("median and worst of ten, in microseconds");
    let lengths = LENGTHS.map(|length| format!("{length:?}"));
    println!("| | {} |", lengths.join(" | "));
    println!("|---|{}", "---|".repeat(LENGTHS.len()));
    on_each_peer!(|peer| {
        let late = LENGTHS.map(|length| lateness(&peer, length, count));
        println!("| {} | {} |", peer.name(), late.join(" | "));
    });
}

/// Gives the lateness that half of the sleeps stay under, and nine of ten.
fn lateness(peer: &impl Peer, length: Duration, count: usize) -> String {
    let own = peer.clone();
    let mut late = peer.block_on(async move {
        let mut late = Vec::with_capacity(count);
        for _ in 0..count {
            let begin = Instant::now();
            own.sleep(length).await;
            late.push(begin.elapsed().saturating_sub(length).as_micros());
        }
        late
    });
    late.sort_unstable();
    let of = |share: usize| late.get(late.len() * share / 10).copied().unwrap_or_default();
    format!("{}, {}", of(5), of(9))
}
