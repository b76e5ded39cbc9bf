//! Bytes of memory that an idle task and a pending timer take, beside polyloop's peers. These are
//! counts of an allocator, so they repeat.

use std::alloc::System;
use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;

use polyloop_benches::work::{SLEEPS, armed_sleeps};
use polyloop_benches::{Peer, on_each_peer};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Tasks that wait at once.
const TASKS: usize = 100_000;

fn main() {
    let mut names = vec![String::from("bytes")];
    on_each_peer!(|peer| { names.push(peer.name().to_owned()) });
    println!("| {} |", names.join(" | "));
    println!("|{}", "---|".repeat(names.len()));
    // Each figure is that of a fresh peer: what one has grown to would hide in the next.
    let mut row = vec!["idle task".to_owned()];
    on_each_peer!(|peer| { row.push(idle_task(&peer, [0; 0]).to_string()) });
    println!("| {} |", row.join(" | "));
    let mut row = vec!["idle task with 256 of its own".to_owned()];
    on_each_peer!(|peer| { row.push(idle_task(&peer, [7; 256]).to_string()) });
    println!("| {} |", row.join(" | "));
    let mut row = vec!["pending timer".to_owned()];
    on_each_peer!(|peer| { row.push(pending_timer(&peer).to_string()) });
    println!("| {} |", row.join(" | "));
}

thread_local! {
    static POLLED: Cell<usize> = const { Cell::new(0) };
}

/// Has tasks wait that hold `own`; each has been polled once.
fn idle_task<P: Peer, const N: usize>(peer: &P, own: [u8; N]) -> usize {
    let inside = peer.clone();
    peer.block_on(async move {
        POLLED.set(0);
        let before = in_use();
        for _ in 0..TASKS {
            inside.spawn_detached(async move {
                POLLED.set(POLLED.get() + 1);
                std::future::pending::<()>().await;
                black_box(own);
            });
        }
        while POLLED.get() < TASKS {
            inside.yield_now().await;
        }
        (in_use() - before) / TASKS
    })
}

/// Has sleeps wait; the objects themselves are counted, as they are boxed.
fn pending_timer<P: Peer>(peer: &P) -> usize {
    let inside = peer.clone();
    peer.block_on(async move {
        let before = in_use();
        let hour = Duration::from_secs(3600);
        let sleeps = armed_sleeps(&inside, hour, hour).await;
        let vector = size_of_val(&sleeps[..]);
        let taken = in_use() - before - vector;
        drop(sleeps);
        taken / SLEEPS as usize
    })
}

fn in_use() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}
