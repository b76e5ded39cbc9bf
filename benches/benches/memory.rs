//! Bytes of memory that an idle task and a pending timer take, beside polyloop's peers. These are
//! counts of an allocator, so they repeat.

use std::alloc::System;
use std::time::Duration;

use polyloop_benches::work::{IDLE_TASKS, SLEEPS, armed_sleeps, idle_tasks};
use polyloop_benches::{Peer, on_each_peer};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let mut names = vec![String::from("bytes")];
    on_each_peer!(|peer| { names.push(peer.name().to_owned()) });
    println!("| {} |", names.join(" | "));
    println!("|{}", "---|".repeat(names.len()));
    // Each figure is that of a fresh peer: what one has grown to would hide in the next.
    let mut row = vec!["idle task".to_owned()];
    on_each_peer!(|peer| { row.push(idle_task(&peer, [0; 0])) });
    println!("| {} |", row.join(" | "));
    let mut row = vec!["idle task with 256 of its own".to_owned()];
    on_each_peer!(|peer| { row.push(idle_task(&peer, [7; 256])) });
    println!("| {} |", row.join(" | "));
    let mut row = vec!["pending timer".to_owned()];
    on_each_peer!(|peer| { row.push(pending_timer(&peer).to_string()) });
    println!("| {} |", row.join(" | "));
}

/// Gives the bytes of a task that waits and holds `own`.
fn idle_task<P: Peer, const N: usize>(peer: &P, own: [u8; N]) -> String {
    (idle_tasks(peer, own, in_use) / IDLE_TASKS).to_string()
}

/// Has sleeps wait; the objects themselves are counted, as they are boxed.
fn pending_timer<P: Peer>(peer: &P) -> u64 {
    let inside = peer.clone();
    peer.block_on(async move {
        let before = in_use();
        let hour = Duration::from_secs(3600);
        let sleeps = armed_sleeps(&inside, hour, hour).await;
        let vector = size_of_val(&sleeps[..]) as u64;
        let taken = in_use() - before - vector;
        drop(sleeps);
        taken / u64::from(SLEEPS)
    })
}

fn in_use() -> u64 {
    let stats = ALLOCATOR.stats();
    (stats.bytes_allocated - stats.bytes_deallocated) as u64
}
