//! Tasks beside polyloop's peers: making, awaiting, yielding, waking each
//! other, handing things over.

use criterion::{Criterion, criterion_group, criterion_main};
use polyloop_benches::{compare, work};

fn tasks(c: &mut Criterion) {
    compare!(c, "spawn and await", 1, |peer, rounds| work::spawn_and_await(&peer, rounds));
    compare!(c, "spawn 1000 and join", 1_000, |peer, rounds| {
        work::spawn_1000_and_join(&peer, rounds)
    });
    compare!(c, "yield alone", 1, |peer, rounds| work::yields(&peer, 1, rounds));
    compare!(c, "yield among 100", 100, |peer, rounds| work::yields(&peer, 100, rounds));
    compare!(c, "ping-pong", 1, |peer, rounds| work::ping_pong(&peer, rounds));
    compare!(c, "queue with room for 64", 1, |peer, rounds| {
        work::queue_hand_over(&peer, 64, rounds)
    });
    compare!(c, "queue with room for 1", 1, |peer, rounds| {
        work::queue_hand_over(&peer, 1, rounds)
    });
    compare!(c, "ping-pong by queues", 1, |peer, rounds| work::queue_ping_pong(&peer, rounds));
    compare!(c, "lock hand-over", 1, |peer, rounds| work::lock_hand_over(&peer, rounds));
}

criterion_group!(benches, tasks);
criterion_main!(benches);
