//! In the steady state nothing is allocated: not for a message, an op, a timer or a wake-up.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    Protocol, Queue, Transport, connect_accepted_socket, create_task, sleep, yield_now,
};

use crate::run;
use crate::streams::pair;

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<i64> = const { Cell::new(0) };
}

fn count_one(bytes: usize) {
    // The thread may be ending, when its counter is gone.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
    count_bytes(bytes as i64);
}

fn count_bytes(bytes: i64) {
    let _ = BYTES.try_with(|held| held.set(held.get() + bytes));
}

// SAFETY: every call goes on to the system's allocator unchanged; counting touches only a
// thread-local that is made without allocating.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one(layout.size());
        // SAFETY: the caller's promise for `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count_bytes(-(layout.size() as i64));
        // SAFETY: `memory` came from the system's allocator with this layout, by the caller's
        // promise and the methods here.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one(size);
        count_bytes(-(layout.size() as i64));
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

/// Counts the allocations of the second half of so many rounds.
async fn of_second_half<F: Future<Output = ()>>(
    rounds: usize,
    mut round: impl FnMut() -> F,
) -> u64 {
    let mut before = 0;
    for n in 0..rounds {
        if n == rounds / 2 {
            before = allocations();
        }
        round().await;
    }
    allocations() - before
}

#[test]
fn a_task_that_is_made_where_another_has_ended_allocates_nothing() {
    run(async {
        let alone = of_second_half(200, || async {
            assert_eq!(create_task(async { 7 }).await.unwrap(), 7);
        });
        assert_eq!(alone.await, 0, "allocations of 100 tasks, one after the other");
        let mut tasks = Vec::with_capacity(100);
        let mut before = 0;
        for n in 0..4 {
            if n == 2 {
                before = allocations();
            }
            tasks.extend((0..100).map(|n| create_task(async move { n })));
            for (n, task) in tasks.drain(..).enumerate() {
                assert_eq!(task.await.unwrap(), n);
            }
        }
        assert_eq!(allocations() - before, 0, "allocations of 200 tasks, 100 at a time");
    });
}

#[test]
fn a_wake_up_and_what_goes_through_a_queue_allocate_nothing() {
    run(async {
        let (there, back) = (Rc::new(Queue::new(1)), Rc::new(Queue::new(1)));
        let (from, to) = (there.clone(), back.clone());
        let answering = create_task(async move {
            while let Ok(item) = from.get().await {
                to.put(item).await.unwrap();
            }
        });
        let counted = of_second_half(200, || async {
            there.put(1).await.unwrap();
            assert_eq!(back.get().await.unwrap(), 1);
        });
        assert_eq!(counted.await, 0, "allocations of 100 items there and back");
        answering.cancel();
    });
}

#[test]
fn a_timer_that_is_given_up_allocates_nothing() {
    run(async {
        let counted = of_second_half(400, || async {
            let far = sleep(Duration::from_secs(3600));
            let given_up = polyloop::timeout(Duration::from_secs(3600), yield_now()).await;
            assert!(given_up.is_ok());
            drop(far);
        });
        assert_eq!(counted.await, 0, "allocations of 200 timeouts");
    });
}

/// Sends each message back, and counts them.
struct Echo(Rc<Cell<usize>>);

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) {
        self.0.set(self.0.get() + data.len());
        transport.write(data);
    }
}

#[test]
fn a_message_between_protocols_allocates_nothing() {
    run(async {
        let (here, there) = pair().await;
        let (one, other) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let transport = connect_accepted_socket(|| Echo(one.clone()), here);
        connect_accepted_socket(|| Echo(other.clone()), there);
        transport.write(&[7; 1024]);
        let until = |count: usize| {
            let one = &one;
            async move {
                while one.get() < count {
                    yield_now().await;
                }
            }
        };
        until(1_000 * 1024).await;
        let before = allocations();
        until(2_000 * 1024).await;
        assert_eq!(allocations() - before, 0, "allocations in 1,000 messages there and back");
        transport.abort();
    });
}

#[test]
fn a_message_through_streams_allocates_nothing() {
    run(async {
        let (client, server) = pair().await;
        let ((mut reader, writer), (mut peer, back)) =
            (client.into_streams(), server.into_streams());
        create_task(async move {
            while let Ok(Some(chunk)) = peer.read_chunk().await {
                back.write(&chunk);
                back.drain().await.unwrap();
            }
        })
        .detach();
        let mut buf = [0; 1024];
        let mut before = 0;
        for n in 0..2_000 {
            if n == 1_000 {
                before = allocations();
            }
            writer.write(&[7; 1024]);
            writer.drain().await.unwrap();
            let mut got = 0;
            while got < buf.len() {
                got += reader.read_into(&mut buf).await.unwrap();
            }
        }
        assert_eq!(allocations() - before, 0, "allocations in 1,000 echoed messages");
    });
}

/// The heap that so many idle connections take, both ends of each, what the backend holds included.
fn bytes_of_idle<T: 'static>(make: impl Fn(polyloop::TcpStream) -> T + 'static) -> i64 {
    const CONNECTIONS: i64 = 200;
    run(async move {
        // What a loop takes once, a ring's chunks to receive into above all, is no connection's.
        let (one, other) = pair().await;
        let warm = (make(one), make(other));
        sleep(Duration::from_millis(20)).await;
        let before = BYTES.get();
        let mut kept = Vec::with_capacity(CONNECTIONS as usize);
        for _ in 0..CONNECTIONS {
            let (one, other) = pair().await;
            kept.push((make(one), make(other)));
        }
        sleep(Duration::from_millis(20)).await;
        let held = BYTES.get() - before;
        drop((warm, kept));
        held / (2 * CONNECTIONS)
    })
}

/// docs/streams.md states these.
#[test]
fn an_idle_connection_takes_less_than_two_kibibytes() {
    let streams = bytes_of_idle(polyloop::TcpStream::into_streams);
    let protocol = bytes_of_idle(|stream| connect_accepted_socket(|| Echo(Rc::default()), stream));
    println!("bytes of an idle connection: stream {streams}, protocol {protocol}");
    assert!(streams < 2048 && protocol < 2048, "stream {streams}, protocol {protocol}");
}
