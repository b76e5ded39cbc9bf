//! What the frontend does by itself: tasks, wake-ups, callbacks, queues, locks.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use polyloop::sync::Lock;
use polyloop::{Loop, Queue, Runner, Task, create_future, create_task, yield_now};

use super::Work;
use crate::section::Section;

pub(super) const WORKS: &[Work] = &[
    ("yield", yield_alone),
    ("yield among 100", yield_among_100),
    ("spawn", spawn_and_await),
    ("spawn 1000", spawn_1000),
    ("wake", wake),
    ("future", future),
    ("queue", queue),
    ("queue ping-pong", queue_ping_pong),
    ("lock", lock),
    ("call_soon", call_soon),
    ("post", post),
];

/// Enough that what happens once, such as an iteration's first wait, is less than one instruction each.
const ROUNDS: u64 = 2_000;

fn run(runner: &Runner, work: impl Future<Output = ()> + 'static) {
    runner.run(work).expect("the loop runs");
}

async fn join<const N: usize>(tasks: [Task<()>; N]) {
    for task in tasks {
        task.await.expect("nobody cancels it");
    }
}

fn yield_alone(runner: &Runner) {
    run(runner, async {
        let section = Section::begin("yield alone");
        for _ in 0..ROUNDS {
            yield_now().await;
        }
        section.end(ROUNDS);
    });
}

fn yield_among_100(runner: &Runner) {
    const EACH: u64 = 50;
    run(runner, async {
        let tasks = [(); 100].map(|()| {
            create_task(async {
                for _ in 0..EACH {
                    yield_now().await;
                }
            })
        });
        let section = Section::begin("yield among 100 tasks");
        join(tasks).await;
        section.end(100 * EACH);
    });
}

fn spawn_and_await(runner: &Runner) {
    run(runner, async {
        let section = Section::begin("spawn a task and await it");
        for n in 0..ROUNDS {
            assert_eq!(create_task(async move { n }).await.expect("nobody cancels it"), n);
        }
        section.end(ROUNDS);
    });
}

fn spawn_1000(runner: &Runner) {
    run(runner, async {
        let section = Section::begin("spawn 1000 tasks and await them, each");
        for _ in 0..ROUNDS / 1_000 {
            let tasks: Vec<_> = (0..1_000).map(|n| create_task(async move { n })).collect();
            for task in tasks {
                task.await.expect("nobody cancels it");
            }
        }
        section.end(ROUNDS);
    });
}

/// Whose turn it is, and who waits for theirs.
#[derive(Default)]
struct Table {
    turn: usize,
    waiting: [Option<Waker>; 2],
}

fn wake(runner: &Runner) {
    run(runner, async {
        let table = Rc::new(RefCell::new(Table::default()));
        let section = Section::begin("wake a task of the loop");
        join([0, 1].map(|side| create_task(take_turns(table.clone(), side)))).await;
        section.end(2 * ROUNDS);
    });
}

async fn take_turns(table: Rc<RefCell<Table>>, side: usize) {
    for _ in 0..ROUNDS {
        poll_fn(|cx| {
            let mut table = table.borrow_mut();
            if table.turn == side {
                return Poll::Ready(());
            }
            table.waiting[side] = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
        let mut table = table.borrow_mut();
        table.turn = 1 - side;
        let other = table.waiting[1 - side].take();
        drop(table);
        if let Some(other) = other {
            other.wake();
        }
    }
}

fn future(runner: &Runner) {
    run(runner, async {
        let section = Section::begin("make a loop future, set and await it");
        for n in 0..ROUNDS {
            let future = create_future();
            let setting = future.clone();
            Loop::current().expect("inside").call_soon(move || {
                setting.set_result(n).expect("nobody else sets it");
            });
            assert_eq!(future.await.expect("a result"), n);
        }
        section.end(ROUNDS);
    });
}

fn queue(runner: &Runner) {
    run(runner, async {
        let queue = Rc::new(Queue::new(64));
        let section = Section::begin("hand an item over by a queue with room for 64");
        let putting = queue.clone();
        let putter = create_task(async move {
            for n in 0..ROUNDS {
                putting.put(n).await.expect("open");
            }
        });
        let getter = create_task(async move {
            for n in 0..ROUNDS {
                assert_eq!(queue.get().await.expect("open"), n);
            }
        });
        join([putter, getter]).await;
        section.end(ROUNDS);
    });
}

fn queue_ping_pong(runner: &Runner) {
    run(runner, async {
        let (there, back) = (Rc::new(Queue::new(1)), Rc::new(Queue::new(1)));
        let section = Section::begin("hand an item to a getter that waits");
        let (from, to) = (there.clone(), back.clone());
        let answering = create_task(async move {
            for _ in 0..ROUNDS {
                let item: u64 = from.get().await.expect("open");
                to.put(item).await.expect("open");
            }
        });
        let asking = create_task(async move {
            for n in 0..ROUNDS {
                there.put(n).await.expect("open");
                assert_eq!(back.get().await.expect("open"), n);
            }
        });
        join([asking, answering]).await;
        section.end(2 * ROUNDS);
    });
}

fn lock(runner: &Runner) {
    run(runner, async {
        let lock = Rc::new(Lock::new(()));
        let section = Section::begin("hand a lock to a task that waits");
        let tasks = [(); 2].map(|()| {
            let lock = lock.clone();
            create_task(async move {
                for _ in 0..ROUNDS / 2 {
                    let _held = lock.lock().await;
                    yield_now().await;
                }
            })
        });
        join(tasks).await;
        section.end(ROUNDS);
    });
}

fn call_soon(runner: &Runner) {
    run(runner, async {
        let events = Loop::current().expect("inside");
        let section = Section::begin("call_soon");
        for n in 0..ROUNDS {
            events.call_soon(move || assert!(n < ROUNDS));
        }
        yield_now().await;
        section.end(ROUNDS);
    });
}

/// The thread has ended before the loop looks, so that nothing depends on who is faster.
fn post(runner: &Runner) {
    run(runner, async {
        let handle = Loop::current().expect("inside").handle();
        let section = Section::begin("call_soon_threadsafe from another thread");
        let posting = std::thread::spawn(move || {
            for n in 0..ROUNDS {
                handle.call_soon_threadsafe(move || assert!(n < ROUNDS)).expect("open");
            }
            handle.run_coroutine_threadsafe(async || {}).expect("open")
        });
        let last = posting.join().expect("it does not panic");
        last.await.expect("nobody cancels it");
        section.end(ROUNDS);
    });
}
