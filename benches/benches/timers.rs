//! Timers beside polyloop's peers: 100,000 at once.

use criterion::{Criterion, criterion_group, criterion_main};
use polyloop_benches::{compare, work};

fn timers(c: &mut Criterion) {
    let sleeps = u64::from(work::SLEEPS);
    compare!(c, "sleeps made and fired", sleeps, |peer, rounds| work::sleeps_fired(&peer, rounds));
    compare!(c, "sleeps made and cancelled", sleeps, |peer, rounds| {
        work::sleeps_cancelled(&peer, rounds)
    });
}

criterion_group!(benches, timers);
criterion_main!(benches);
