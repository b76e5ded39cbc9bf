//! Counts the allocations of this thread, to show that the steady state makes none.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use polyloop_core::{Batch, Buffer, EventLoop, Key, LoopConfig, Op, Output, Submission, Token};
use polyloop_uring::UringLoop;

use crate::driver::{Driver, on_each_step};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call goes on to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as for `alloc`.
        unsafe { System.dealloc(memory, layout) };
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as for `alloc`.
        unsafe { System.realloc(memory, layout, size) }
    }
}

const WATCH: Token = Token(1);
const SEND: Token = Token(2);

/// Sends one message and reads it at the other end, using one buffer again and again.
fn pass_on(
    events: &mut UringLoop,
    batch: &mut Batch,
    from: Key,
    to: Key,
    mut buffer: Buffer,
) -> Buffer {
    buffer.clear();
    buffer.append(&[7; 100]);
    let submission = events.submit(Op::Send { key: from, buffer }, SEND);
    assert!(matches!(submission, Submission::Queued(_)));
    let (mut back, mut received) = (None, 0);
    while back.is_none() || received < 100 {
        events.turn(events.now() + Duration::from_secs(5), batch);
        for completion in batch.drain() {
            match (completion.result, completion.op) {
                (Ok(Output::Transferred(100)), Some(Op::Send { buffer, .. })) => {
                    back = Some(buffer)
                }
                (Ok(Output::Readable), None) => {}
                other => panic!("{other:?}"),
            }
        }
        loop {
            match events.try_recv_chunk(to) {
                Ok(Some(chunk)) => received += chunk.len(),
                Ok(None) => panic!("the end"),
                Err(error) if error.is_would_block() => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
    back.expect("sent")
}

#[test]
fn messages_cost_no_allocation() {
    on_each_step(&LoopConfig::default(), |mut driver| {
        let (client, server) = driver.pair();
        let Driver { mut events, .. } = driver;
        let mut batch = Batch::new();
        let watch = events.submit(Op::RecvMulti { key: server }, WATCH);
        assert!(matches!(watch, Submission::Queued(_)));
        let mut buffer = Buffer::with_capacity(1024);
        for _ in 0..200 {
            buffer = pass_on(&mut events, &mut batch, client, server, buffer);
        }
        let before = ALLOCATIONS.get();
        for _ in 0..1000 {
            buffer = pass_on(&mut events, &mut batch, client, server, buffer);
        }
        assert_eq!(ALLOCATIONS.get() - before, 0);
    });
}
