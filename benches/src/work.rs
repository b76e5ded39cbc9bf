//! What is measured: each function does something so many times and gives how long that took.
//!
//! Times are CPU time of the thread, so that a busy machine disturbs them less; only
//! `wake_from_a_thread`, where the waiting is the matter, takes the time of the clock.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

use crate::gate::Gate;
use crate::hand_over::HandOver;
use crate::peer::Peer;

/// The sleeps of one round of the timer benchmarks.
pub const SLEEPS: u32 = 100_000;

/// Makes a task that does nothing, and awaits it, before the next.
pub fn spawn_and_await<P: Peer>(peer: &P, rounds: u64) -> Duration {
    let inside = peer.clone();
    peer.block_on(async move {
        let begin = ThreadTime::now();
        for n in 0..rounds {
            assert_eq!(inside.spawn(async move { n }).await, n);
        }
        begin.elapsed()
    })
}

/// Makes 1,000 tasks, then awaits them in order.
pub fn spawn_1000_and_join<P: Peer>(peer: &P, rounds: u64) -> Duration {
    let inside = peer.clone();
    peer.block_on(async move {
        let begin = ThreadTime::now();
        for _ in 0..rounds {
            let tasks: Vec<_> = (0..1_000).map(|n| inside.spawn(async move { n })).collect();
            for (n, task) in tasks.into_iter().enumerate() {
                assert_eq!(task.await, n);
            }
        }
        begin.elapsed()
    })
}

/// Has so many tasks, and nothing else, yield in turn; `rounds` times each.
pub fn yields<P: Peer>(peer: &P, tasks: usize, rounds: u64) -> Duration {
    let inside = peer.clone();
    peer.block_on(async move {
        let begin = ThreadTime::now();
        let spawn = |_| {
            let yielding = inside.clone();
            inside.spawn(async move {
                for _ in 0..rounds {
                    yielding.yield_now().await;
                }
            })
        };
        let tasks: Vec<_> = (0..tasks).map(spawn).collect();
        for task in tasks {
            task.await;
        }
        begin.elapsed()
    })
}

/// Has two tasks wake each other in turn, by plain wakers: there and back is a round.
pub fn ping_pong<P: Peer>(peer: &P, rounds: u64) -> Duration {
    let inside = peer.clone();
    peer.block_on(async move {
        let table = Rc::new(RefCell::new(Table::default()));
        let begin = ThreadTime::now();
        let tasks = [0, 1].map(|side| inside.spawn(play(table.clone(), side, rounds)));
        for task in tasks {
            task.await;
        }
        begin.elapsed()
    })
}

/// Whose turn it is, and who waits for theirs.
#[derive(Default)]
struct Table {
    turn: usize,
    waiting: [Option<Waker>; 2],
}

async fn play(table: Rc<RefCell<Table>>, side: usize, rounds: u64) {
    for _ in 0..rounds {
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

/// Has a task put items into a queue with room for `room`, from which another takes them.
pub fn queue_hand_over<P: HandOver>(peer: &P, room: usize, rounds: u64) -> Duration {
    let inside = peer.clone();
    peer.block_on(async move {
        let queue = inside.queue(room);
        let begin = ThreadTime::now();
        let putting = queue.clone();
        let putter = inside.spawn(async move {
            for n in 0..rounds {
                P::put(&putting, n).await;
            }
        });
        let getter = inside.spawn(async move {
            for n in 0..rounds {
                assert_eq!(P::get(&queue).await, n);
            }
        });
        putter.await;
        getter.await;
        begin.elapsed()
    })
}

/// Has a number go to and fro between two tasks by two queues: there and back is a round.
pub fn queue_ping_pong<P: HandOver>(peer: &P, rounds: u64) -> Duration {
    let inside = peer.clone();
    peer.block_on(async move {
        let (there, back) = (inside.queue(1), inside.queue(1));
        let begin = ThreadTime::now();
        let (from, to) = (there.clone(), back.clone());
        let answering = inside.spawn(async move {
            for _ in 0..rounds {
                let item = P::get(&from).await;
                P::put(&to, item).await;
            }
        });
        let asking = inside.spawn(async move {
            for n in 0..rounds {
                P::put(&there, n).await;
                assert_eq!(P::get(&back).await, n);
            }
        });
        asking.await;
        answering.await;
        begin.elapsed()
    })
}

/// Has two tasks take turns with a lock: who holds it yields, so that the other waits for it.
pub fn lock_hand_over<P: HandOver>(peer: &P, rounds: u64) -> Duration {
    let inside = peer.clone();
    peer.block_on(async move {
        let lock = Rc::new(inside.lock());
        let begin = ThreadTime::now();
        let tasks = [(); 2].map(|()| {
            let (lock, yielding) = (lock.clone(), inside.clone());
            inside.spawn(async move {
                for _ in 0..rounds / 2 {
                    P::with_lock(&lock, yielding.yield_now()).await;
                }
            })
        });
        for task in tasks {
            task.await;
        }
        begin.elapsed()
    })
}

/// Makes 100,000 sleeps with deadlines in no order, lets all become due, and awaits them; the
/// time in between is not counted.
pub fn sleeps_fired<P: Peer>(peer: &P, rounds: u64) -> Duration {
    const LAST: Duration = Duration::from_millis(10);
    let inside = peer.clone();
    peer.block_on(async move {
        let mut taken = Duration::ZERO;
        for _ in 0..rounds {
            let begin = ThreadTime::now();
            let sleeps = armed_sleeps(&inside, Duration::ZERO, LAST).await;
            taken += begin.elapsed();
            std::thread::sleep(SHORTEST + LAST + Duration::from_millis(2));
            let begin = ThreadTime::now();
            for sleep in sleeps {
                sleep.await;
            }
            taken += begin.elapsed();
        }
        taken
    })
}

/// Makes 100,000 sleeps with far deadlines in no order, and drops them.
pub fn sleeps_cancelled<P: Peer>(peer: &P, rounds: u64) -> Duration {
    const FAR: Duration = Duration::from_secs(3600);
    let inside = peer.clone();
    peer.block_on(async move {
        let begin = ThreadTime::now();
        for _ in 0..rounds {
            drop(armed_sleeps(&inside, FAR, FAR).await);
        }
        begin.elapsed()
    })
}

/// Makes sleeps and polls each once, so that its timer is armed: of `least`, and up to `spread`
/// more, but not so short that they could be due already.
pub async fn armed_sleeps<P: Peer>(
    peer: &P,
    least: Duration,
    spread: Duration,
) -> Vec<Pin<Box<P::Sleep>>> {
    let mut sleeps = Vec::with_capacity(SLEEPS as usize);
    poll_fn(|cx| {
        for n in 0..u64::from(SLEEPS) {
            // Multiplying by a number that shares no factor with the modulus visits all, in no
            // order.
            let place = (n * 61_803 % u64::from(SLEEPS)) as u32;
            let mut sleep = Box::pin(peer.sleep(SHORTEST + least + (spread / SLEEPS) * place));
            assert!(sleep.as_mut().poll(cx).is_pending());
            sleeps.push(sleep);
        }
        Poll::Ready(())
    })
    .await;
    sleeps
}

/// The tasks of [`idle_tasks`].
pub const IDLE_TASKS: u64 = 100_000;

thread_local! {
    static IDLE: Cell<u64> = const { Cell::new(0) };
    static ALL_IDLE: Gate = const { Gate::new() };
}

/// Has tasks wait that hold `own`, each polled once, and gives by how much `in_use` has grown for all.
pub fn idle_tasks<P: Peer, const N: usize>(peer: &P, own: [u8; N], in_use: fn() -> u64) -> u64 {
    IDLE.set(0);
    ALL_IDLE.with(Gate::close);
    let inside = peer.clone();
    peer.block_on(async move {
        let before = in_use();
        for _ in 0..IDLE_TASKS {
            inside.spawn_detached(async move {
                poll_fn(idle).await;
                black_box(own);
            });
        }
        poll_fn(|cx| ALL_IDLE.with(|all| all.poll_pass(cx))).await;
        in_use() - before
    })
}

/// Waits for ever, without anything in the task.
fn idle(cx: &mut Context<'_>) -> Poll<()> {
    // Some peers drop a task that nobody can wake, so somebody can, for ever.
    std::mem::forget(cx.waker().clone());
    IDLE.set(IDLE.get() + 1);
    if IDLE.get() == IDLE_TASKS {
        ALL_IDLE.with(Gate::open);
    }
    Poll::Pending
}

/// Longer than a thread is away between making a sleep and polling it, mostly.
const SHORTEST: Duration = Duration::from_millis(100);

/// Has another thread wake a task, which answers, before it is woken again.
pub fn wake_from_a_thread<P: Peer>(peer: &P, rounds: u64) -> Duration {
    let bell = Arc::new(Mutex::new(Bell::default()));
    let (answer, answers) = mpsc::channel();
    let ringing = bell.clone();
    let ringer = std::thread::spawn(move || {
        let begin = Instant::now();
        for _ in 0..rounds {
            let mut bell = lock(&ringing);
            bell.rung = true;
            let sleeper = bell.sleeper.take();
            drop(bell);
            if let Some(sleeper) = sleeper {
                sleeper.wake();
            }
            answers.recv().expect("the task answers");
        }
        begin.elapsed()
    });
    peer.block_on(async move {
        for _ in 0..rounds {
            poll_fn(|cx| {
                let mut bell = lock(&bell);
                if std::mem::take(&mut bell.rung) {
                    return Poll::Ready(());
                }
                bell.sleeper = Some(cx.waker().clone());
                Poll::Pending
            })
            .await;
            answer.send(()).expect("the thread waits for the answer");
        }
    });
    ringer.join().expect("the thread does not panic")
}

#[derive(Default)]
struct Bell {
    rung: bool,
    sleeper: Option<Waker>,
}

fn lock(bell: &Mutex<Bell>) -> MutexGuard<'_, Bell> {
    bell.lock().unwrap_or_else(PoisonError::into_inner)
}
