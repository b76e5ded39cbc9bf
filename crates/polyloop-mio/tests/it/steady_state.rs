//! An echo allocates nothing once it has begun.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{IoSlice, Read, Write};
use std::net::{TcpListener, TcpStream};

use polyloop_core::{
    Batch, Buffer, EventLoop, Key, LoopConfig, LoopFactory, Op, OsHandle, Output, Submission, Time,
    Token,
};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is ending allocates without being counted.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises; it came from the same allocator.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROUNDS: usize = 500;
const WARM_UP: usize = 50;

/// An attached stream, and a thread that sends to it and waits for the echo.
fn echo_peer(events: &mut dyn EventLoop) -> (Key, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let mut peer = TcpStream::connect(listener.local_addr().expect("bound")).expect("connected");
    let (ours, _) = listener.accept().expect("accepted");
    let key = events.attach(OsHandle::TcpStream(ours)).expect("attached");
    let thread = std::thread::spawn(move || {
        let mut buf = [7; 64];
        for _ in 0..ROUNDS {
            peer.write_all(&buf).expect("sent");
            peer.read_exact(&mut buf).expect("echoed");
        }
    });
    (key, thread)
}

#[test]
fn an_echo_by_pulling_allocates_nothing() {
    let mut events = polyloop_mio::factory().build(&LoopConfig::default()).expect("a loop");
    let (key, peer) = echo_peer(&mut *events);
    let Submission::Queued(_) = events.submit(Op::RecvMulti { key }, Token(1)) else {
        panic!("a multishot receive waits")
    };
    let mut batch = Batch::new();
    let (mut rounds, mut begun) = (0, 0);
    while rounds < ROUNDS {
        events.turn(Time::NEVER, &mut batch);
        for completion in batch.drain() {
            assert!(matches!(completion.result, Ok(Output::Readable)));
        }
        while let Ok(Some(chunk)) = events.try_recv_chunk(key) {
            rounds += 1;
            if rounds == WARM_UP {
                begun = ALLOCATIONS.get();
            }
            assert_eq!(events.try_send(key, &[IoSlice::new(&chunk)]).expect("sent"), chunk.len());
        }
    }
    assert_eq!(ALLOCATIONS.get() - begun, 0);
    peer.join().expect("the peer got all its echoes");
}

#[test]
fn an_echo_by_ops_allocates_nothing() {
    let mut events = polyloop_mio::factory().build(&LoopConfig::default()).expect("a loop");
    let (key, peer) = echo_peer(&mut *events);
    let mut batch = Batch::new();
    let (mut rounds, mut begun) = (0, 0);
    let mut next = Op::Recv { key, buffer: Buffer::with_capacity(64) };
    while rounds < ROUNDS {
        let completion = match events.submit(next, Token(1)) {
            Submission::Done(completion) => completion,
            Submission::Queued(_) => loop {
                events.turn(Time::NEVER, &mut batch);
                if let Some(completion) = batch.drain().next() {
                    break completion;
                }
            },
        };
        completion.result.expect("transferred");
        next = match completion.op {
            Some(Op::Recv { key, buffer }) => Op::Send { key, buffer },
            Some(Op::Send { key, buffer }) => {
                rounds += 1;
                if rounds == WARM_UP {
                    begun = ALLOCATIONS.get();
                }
                Op::Recv { key, buffer }
            }
            op => panic!("{op:?}"),
        };
    }
    assert_eq!(ALLOCATIONS.get() - begun, 0);
    peer.join().expect("the peer got all its echoes");
}
