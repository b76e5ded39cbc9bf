//! Who is always ready keeps nobody else from running: neither a task that yields for ever, nor one for which there
//! is always something to read, nor timers, nor what other threads post. Each has its turn within the bounds of the
//! limits, counted in polls, not in time.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use polyloop::{Loop, Time, UdpSocket, WaitHook, create_task, sleep, time, yield_now};
use polyloop_core::limits;

use crate::run;
use crate::streams::pair;

/// So often each has its turn.
const TURNS: usize = 200;

/// The polls in which one who yields, and nobody else but those of a test, may be polled before what the backend has is
/// there: until the backend is looked at, once more for a ring, which only then submits, and a round or two on the way.
const POLLS_MAX: usize = 2 * (limits::CALLBACKS_PER_POLL + 16);

/// A task that yields until it is dropped, and counts.
struct Yielding {
    polls: Rc<Cell<usize>>,
    task: polyloop::Task<()>,
}

impl Yielding {
    fn begin() -> Yielding {
        let polls = Rc::new(Cell::new(0));
        let counted = polls.clone();
        let task = create_task(async move {
            loop {
                counted.set(counted.get() + 1);
                yield_now().await;
            }
        });
        Yielding { polls, task }
    }

    /// Counts the polls until a future is ready.
    async fn during<F: Future>(&self, future: F) -> (F::Output, usize) {
        let before = self.polls.get();
        let output = future.await;
        (output, self.polls.get() - before)
    }
}

impl Drop for Yielding {
    fn drop(&mut self) {
        self.task.cancel();
    }
}

#[test]
fn a_task_that_yields_for_ever_lets_io_have_its_turn() {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let yielding = Yielding::begin();
        for _ in 0..TURNS {
            socket.send_to(b"datagram", address).await.unwrap();
            let mut buf = [0; 16];
            let (received, polls) = yielding.during(socket.recv_from(&mut buf)).await;
            assert_eq!(received.unwrap().0, 8);
            assert!(polls <= POLLS_MAX, "{polls} polls");
        }
    });
}

/// Counts the polls between two looks at the backend.
struct Looks {
    polls: Rc<Cell<usize>>,
    last: Cell<usize>,
    looks: Cell<usize>,
    most: Cell<usize>,
}

impl WaitHook for Looks {
    fn before_wait(&self, _: Time) {
        let polls = self.polls.get();
        self.most.set(self.most.get().max(polls - self.last.replace(polls)));
        self.looks.set(self.looks.get() + 1);
    }
}

#[test]
fn the_backend_is_looked_at_also_where_nothing_but_tasks_is_ready() {
    // No timer is armed, not even the one that ends other tests: with timers every iteration looks at the clock.
    let waited = async {
        let yielding = Yielding::begin();
        let looks = Rc::new(Looks {
            polls: yielding.polls.clone(),
            last: Cell::new(0),
            looks: Cell::new(0),
            most: Cell::new(0),
        });
        Loop::current().unwrap().add_wait_hook(looks.clone());
        while yielding.polls.get() < 20 * limits::CALLBACKS_PER_POLL {
            yield_now().await;
        }
        (looks.looks.get(), looks.most.get())
    };
    let (looks, most) = polyloop::run(waited).unwrap();
    assert!(looks >= 20, "{looks} looks");
    assert!(most <= limits::CALLBACKS_PER_POLL, "{most} polls between two looks");
}

#[test]
fn a_task_that_yields_for_ever_lets_timers_have_their_turn() {
    run(async {
        let yielding = Yielding::begin();
        for _ in 0..TURNS {
            let deadline = time() + Duration::from_micros(100);
            // Sees the time pass, and counts from then on.
            let (late, over) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
            let (counted, ended) = (late.clone(), over.clone());
            let watching = create_task(async move {
                while !ended.get() {
                    counted.set(counted.get() + usize::from(time() >= deadline));
                    yield_now().await;
                }
            });
            polyloop::sleep_until(deadline).await;
            over.set(true);
            // One iteration was perhaps under way, in one the timer is due, and in the next its task runs.
            assert!(late.get() <= 3, "{} iterations", late.get());
            watching.await.unwrap();
        }
        drop(yielding);
    });
}

#[test]
fn a_task_that_yields_for_ever_lets_what_other_threads_post_have_its_turn() {
    run(async {
        let handle = Loop::current().unwrap().handle();
        let yielding = Yielding::begin();
        for _ in 0..TURNS {
            let posted = Arc::new(AtomicBool::new(false));
            let arrived = Arc::new(AtomicBool::new(false));
            let (tell, arrive, handle) = (posted.clone(), arrived.clone(), handle.clone());
            let thread = std::thread::spawn(move || {
                handle.call_soon_threadsafe(move || arrive.store(true, Ordering::Relaxed)).unwrap();
                tell.store(true, Ordering::Release);
            });
            while !posted.load(Ordering::Acquire) {
                yield_now().await;
            }
            let arriving = std::future::poll_fn(|cx| {
                if arrived.load(Ordering::Relaxed) {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            });
            let ((), polls) = yielding.during(arriving).await;
            assert!(polls <= POLLS_MAX, "{polls} polls");
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_task_that_another_thread_wakes_has_its_turn_beside_one_that_yields() {
    run(async {
        let yielding = Yielding::begin();
        for _ in 0..TURNS {
            let woken = Arc::new(AtomicBool::new(false));
            let mut thread = None;
            let waiting = std::future::poll_fn(|cx| {
                if woken.load(Ordering::Acquire) {
                    return Poll::Ready(());
                }
                thread.get_or_insert_with(|| {
                    let (waker, woken) = (cx.waker().clone(), woken.clone());
                    std::thread::spawn(move || {
                        woken.store(true, Ordering::Release);
                        waker.wake();
                    })
                });
                Poll::Pending
            });
            waiting.await;
            thread.take().expect("it waited once").join().unwrap();
        }
        assert!(yielding.polls.get() > TURNS);
    });
}

#[test]
fn a_task_with_always_something_to_read_lets_everybody_else_have_their_turn() {
    run(async {
        let (mut one, mut other) = pair().await;
        let writing = create_task(async move { while one.write_all(&[7; 4096]).await.is_ok() {} });
        let reads = Rc::new(Cell::new(0));
        let counted = reads.clone();
        let reading = create_task(async move {
            let mut buf = [0; 1];
            while let Ok(1) = other.read(&mut buf).await {
                counted.set(counted.get() + 1);
            }
        });
        let mut before = 0;
        for turn in 0..TURNS {
            yield_now().await;
            let since = reads.get() - before;
            assert!(since <= limits::OPS_PER_POLL as usize, "{since} reads in turn {turn}");
            before = reads.get();
        }
        sleep(Duration::from_millis(1)).await;
        while reads.get() < 10 * TURNS {
            yield_now().await;
        }
        writing.cancel();
        reading.cancel();
    });
}
