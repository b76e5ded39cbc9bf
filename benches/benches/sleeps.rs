//! Sleeps beside polyloop's peers: 100,000 at once.

use criterion::{Criterion, criterion_group, criterion_main};
use polyloop_benches::{compare, work};

fn sleeps(c: &mut Criterion) {
    let count = u64::from(work::SLEEPS);
    compare!(c, "sleeps made and fired", count, |peer, rounds| work::sleeps_fired(&peer, rounds));
    compare!(c, "sleeps made and cancelled", count, |peer, rounds| {
        work::sleeps_cancelled(&peer, rounds)
    });
}

criterion_group!(benches, sleeps);
criterion_main!(benches);
