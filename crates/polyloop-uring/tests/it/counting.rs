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

/// Sends one message, by a buffer or by several, and reads it at the other end.
fn pass_on(events: &mut UringLoop, batch: &mut Batch, op: Op, to: Key) -> Op {
    let submission = events.submit(op, SEND);
    assert!(matches!(submission, Submission::Queued(_)));
    let (mut back, mut received) = (None, 0);
    while back.is_none() || received < 100 {
        events.turn(events.now() + Duration::from_secs(5), batch);
        for completion in batch.drain() {
            match (completion.result, completion.op) {
                (Ok(Output::Transferred(100)), Some(op)) => back = Some(op),
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
        let mut send = Op::Send { key: client, buffer: [7; 100][..].into() };
        let buffers: Vec<Buffer> = vec![[7; 60][..].into(), [7; 40][..].into()];
        let mut vectored = Op::SendVectored { key: client, buffers };
        let mut before = 0;
        for round in 0..1000 {
            if round == 200 {
                before = ALLOCATIONS.get();
            }
            send = pass_on(&mut events, &mut batch, send, server);
            vectored = pass_on(&mut events, &mut batch, vectored, server);
        }
        assert_eq!(ALLOCATIONS.get() - before, 0);
        drop((send, vectored));
    });
}
