//! In the steady state nothing is allocated: not for a message, an op, a timer or a wake-up.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use polyloop::{create_task, sleep, yield_now};

use crate::run;
use crate::streams::pair;

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn count_one() {
    // The thread may be ending, when its counter is gone.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes on to the system's allocator unchanged; counting touches only a
// thread-local that is made without allocating.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        // SAFETY: the caller's promise for `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: `memory` came from the system's allocator with this layout, by the caller's
        // promise and the methods here.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
        // SAFETY: as for `dealloc`, and the caller's promise for `size` is passed on.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

pub(crate) fn allocations() -> u64 {
    COUNT.with(Cell::get)
}

#[test]
fn the_counter_counts() {
    let before = allocations();
    drop(std::hint::black_box(Box::new(1)));
    assert_eq!(allocations(), before + 1);
}

#[test]
fn an_echoed_message_allocates_nothing() {
    run(async {
        let (mut client, mut server) = pair().await;
        create_task(async move {
            let mut buf = [0; 2048];
            while let Ok(count @ 1..) = server.read(&mut buf).await {
                server.write_all(&buf[..count]).await.unwrap();
            }
        })
        .detach();
        let message = [7; 1024];
        let mut buf = [0; 2048];
        let mut before = 0;
        for n in 0..2_000 {
            if n == 1_000 {
                before = allocations();
            }
            client.write_all(&message).await.unwrap();
            let mut got = 0;
            while got < message.len() {
                got += client.read(&mut buf).await.unwrap();
            }
        }
        assert_eq!(allocations() - before, 0, "allocations in 1,000 echoed messages");
    });
}

#[test]
fn timers_and_yields_allocate_nothing() {
    run(async {
        let mut before = 0;
        for n in 0..300 {
            if n == 150 {
                before = allocations();
            }
            sleep(Duration::from_micros(50)).await;
            yield_now().await;
        }
        assert_eq!(allocations() - before, 0, "allocations in 150 sleeps and yields");
    });
}
