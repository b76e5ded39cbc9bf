//! Waking a task from another thread, beside polyloop's peers. Most of a round trip is the machine
//! waking a sleeping CPU.

use criterion::{Criterion, criterion_group, criterion_main};
use polyloop_benches::{compare, work};

fn thread_wake(c: &mut Criterion) {
    compare!(c, "wake from a thread", 1, |peer, rounds| work::wake_from_a_thread(&peer, rounds));
}

criterion_group!(benches, thread_wake);
criterion_main!(benches);
