//! Timers, 100,000 at once: what arming, cancelling and firing one takes of the thread's time.
//!
//! The sleeps are made and boxed before the clock starts: what is measured is their first poll, their
//! drop, and waiting for them when all are due. Every peer arms a timer at the first poll.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use polyloop_benches::{Gate, Peer};

use super::own::{Measure, Own};

/// Timers of a round.
pub(crate) const PENDING: u64 = 100_000;

/// Tasks that arm them: glommio counts the wakers of a task in 15 bits.
const TASKS: u64 = 10;

/// Longer than a thread is away while it arms them, mostly.
const SHORTEST: Duration = Duration::from_millis(100);

/// From the first deadline to the last of those that fire.
const SPREAD: Duration = Duration::from_millis(10);

const FAR: Duration = Duration::from_secs(3600);

type Sleeps<P> = Vec<Pin<Box<<P as Peer>::Sleep>>>;

/// Arms timers with far deadlines in no order.
pub(crate) fn insert<P: Peer>(peer: &P, rounds: u64) -> Own {
    run(peer, rounds, |peer| async move { armed(&peer, FAR, FAR).await.1 })
}

/// Drops them in the order in which they were armed, which is none of their deadlines.
pub(crate) fn cancel<P: Peer>(peer: &P, rounds: u64) -> Own {
    run(peer, rounds, |peer| async move {
        let (sleeps, _) = armed(&peer, FAR, FAR).await;
        let measure = Measure::begin();
        drop(sleeps);
        measure.end()
    })
}

/// Awaits them, each in the task that has armed it, when all are due; the time until then is not
/// counted.
pub(crate) fn fire<P: Peer>(peer: &P, rounds: u64) -> Own {
    run(peer, rounds, |peer| async move {
        let armed = Rc::new(Cell::new(0));
        let (all_armed, due) = (Rc::new(Gate::default()), Rc::new(Gate::default()));
        let waiting = |task| {
            let (inside, armed) = (peer.clone(), armed.clone());
            let (all_armed, due) = (all_armed.clone(), due.clone());
            peer.spawn(async move {
                let mut sleeps = made(&inside, task, SHORTEST, SPREAD);
                arm::<P>(&mut sleeps).await;
                armed.set(armed.get() + 1);
                if armed.get() == TASKS {
                    all_armed.open();
                }
                due.pass().await;
                for sleep in sleeps {
                    sleep.await;
                }
            })
        };
        let tasks: Vec<_> = (0..TASKS).map(waiting).collect();
        all_armed.pass().await;
        std::thread::sleep(SHORTEST + SPREAD + Duration::from_millis(2));
        due.open();
        let measure = Measure::begin();
        for task in tasks {
            task.await;
        }
        measure.end()
    })
}

fn run<P: Peer, F: Future<Output = Own>>(
    peer: &P,
    rounds: u64,
    round: impl Fn(P) -> F + 'static,
) -> Own {
    let inside = peer.clone();
    peer.block_on(async move {
        let mut taken = Own::default();
        for _ in 0..rounds {
            taken += round(inside.clone()).await;
        }
        taken
    })
}

/// Makes and arms all of them, one task after the other, and gives what arming took.
async fn armed<P: Peer>(peer: &P, least: Duration, spread: Duration) -> (Sleeps<P>, Own) {
    let (mut all, mut taken) = (Vec::with_capacity(PENDING as usize), Own::default());
    for task in 0..TASKS {
        let mut sleeps = made(peer, task, least, spread);
        let armed = peer.spawn(async move {
            let measure = Measure::begin();
            arm::<P>(&mut sleeps).await;
            (sleeps, measure.end())
        });
        let (sleeps, arming) = armed.await;
        all.extend(sleeps);
        taken += arming;
    }
    (all, taken)
}

/// Makes those that one of the tasks arms.
fn made<P: Peer>(peer: &P, task: u64, least: Duration, spread: Duration) -> Sleeps<P> {
    let sleep = |n: u64| {
        // Multiplying by a number that shares no factor with the modulus visits all, in no order.
        let place = (n * 61_803 % PENDING) as u32;
        Box::pin(peer.sleep(least + spread / PENDING as u32 * place))
    };
    (task * PENDING / TASKS..(task + 1) * PENDING / TASKS).map(sleep).collect()
}

async fn arm<P: Peer>(sleeps: &mut Sleeps<P>) {
    poll_fn(|cx| {
        for sleep in sleeps.iter_mut() {
            assert!(sleep.as_mut().poll(cx).is_pending(), "no deadline has passed yet");
        }
        Poll::Ready(())
    })
    .await;
}
