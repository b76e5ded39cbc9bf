//! Work without a load generator: done in batches, as often as the time allows.

use std::io;
use std::time::{Duration, Instant};

use polyloop_benches::{Bare, HandOver, Polyloop, Smol, Tokio, work};

use super::allocations::bytes_in_use;
use super::control::{Ran, answer_runs};
use super::own::Own;
use super::usage::Usage;
use super::{files, loops, timers};
use crate::peer::Peer;
use crate::work::Alone;

/// How long a batch should take: long beside its beginning and end, short beside a run.
const BATCH: Duration = Duration::from_millis(10);

/// A peer's work: does it so many times, and gives what that took by the work's own measure.
pub(crate) type Batch = Box<dyn FnMut(u64) -> io::Result<Own>>;

/// Answers runs of the work.
pub(crate) fn run(peer: Peer, alone: Alone) -> io::Result<()> {
    let mut batch = batch(peer, alone)?;
    // A batch of timers is 100,000 of them.
    let each = match alone {
        Alone::SpawnThousand => 1_000,
        Alone::YieldAmong100 => 100,
        Alone::TimerInsert | Alone::TimerCancel | Alone::TimerFire => timers::PENDING,
        Alone::IdleTasks => work::IDLE_TASKS,
        _ => 1,
    };
    let least = if let Alone::Reads(depth) = alone { u64::from(depth) } else { 1 };
    let mut rounds = least;
    answer_runs(|duration| {
        let (begin, before) = (Instant::now(), Usage::now());
        let mut ran = Ran::default();
        // At least one batch: more of some would be too long.
        while ran.operations == 0 || begin.elapsed() < duration {
            let batch_begin = Instant::now();
            let own = batch(rounds)?;
            ran.own_ns += own.taken.as_nanos() as u64;
            ran.own_allocations += own.allocations;
            ran.own_bytes += own.bytes;
            ran.operations += rounds * each;
            let taken = batch_begin.elapsed();
            if taken < BATCH / 2 {
                rounds *= 2;
            } else if taken > BATCH * 2 && rounds > least {
                rounds = (rounds / 2).max(least);
            }
        }
        ran.elapsed_ns = begin.elapsed().as_nanos() as u64;
        ran.usage = Usage::now().since(before);
        Ok(ran)
    })
}

fn batch(peer: Peer, alone: Alone) -> io::Result<Batch> {
    if let Alone::Reads(depth) = alone {
        return reads(peer, depth);
    }
    match peer {
        Peer::BareTasks => Ok(Box::new(move |rounds| {
            bare_tasks(&Bare, alone, rounds).ok_or_else(|| io::ErrorKind::Unsupported.into())
        })),
        Peer::Tokio => Ok(tasks(Tokio::new(), alone)),
        Peer::Smol => Ok(tasks(Smol::default(), alone)),
        #[cfg(feature = "peers")]
        Peer::MonoioRing => Ok(tasks(super::monoio::MonoioRing::new()?, alone)),
        #[cfg(feature = "peers")]
        Peer::MonoioLegacy => Ok(tasks(super::monoio::MonoioLegacy::new()?, alone)),
        #[cfg(feature = "peers")]
        Peer::Compio => Ok(tasks(super::compio::Compio::new()?, alone)),
        #[cfg(feature = "peers")]
        Peer::Glommio => Ok(tasks(super::glommio::Glommio::new()?, alone)),
        _ => {
            let backend = super::polyloop::backend(peer)?;
            let ours = Polyloop::new(peer.name(), backend);
            Ok(tasks(ours.ok_or(io::ErrorKind::Unsupported)?, alone))
        }
    }
}

fn reads(peer: Peer, depth: u32) -> io::Result<Batch> {
    match peer {
        Peer::BareEpoll => files::preads(depth),
        Peer::BareRing => {
            let mut ring = loops::RingReads::new(files::file()?, depth);
            Ok(Box::new(move |reads| ring.read(reads).map(|()| Own::default())))
        }
        Peer::Tokio => super::tokio::reads(depth),
        Peer::Smol => super::smol::reads(depth),
        #[cfg(feature = "peers")]
        Peer::MonoioRing => super::monoio::reads(super::monoio::MonoioRing::new()?, depth),
        #[cfg(feature = "peers")]
        Peer::MonoioLegacy => super::monoio::reads(super::monoio::MonoioLegacy::new()?, depth),
        #[cfg(feature = "peers")]
        Peer::Compio => super::compio::reads(depth),
        #[cfg(feature = "peers")]
        Peer::Glommio => super::glommio::reads(depth),
        _ => super::polyloop::reads(peer, depth),
    }
}

/// The works that take tasks and nothing else.
fn bare_tasks<P: polyloop_benches::Peer>(peer: &P, alone: Alone, rounds: u64) -> Option<Own> {
    let taken = match alone {
        Alone::SpawnAndAwait => work::spawn_and_await(peer, rounds),
        Alone::SpawnThousand => work::spawn_1000_and_join(peer, rounds),
        Alone::Yield => work::yields(peer, 1, rounds),
        Alone::YieldAmong100 => work::yields(peer, 100, rounds),
        Alone::PingPong => work::ping_pong(peer, rounds),
        Alone::IdleTasks => {
            let bytes = work::idle_tasks(peer, [0; 0], bytes_in_use);
            return Some(Own { bytes, ..Own::default() });
        }
        _ => return None,
    };
    Some(taken.into())
}

/// The works on tasks and timers, which are the same for every peer.
fn tasks<P: HandOver>(peer: P, alone: Alone) -> Batch {
    Box::new(move |rounds| {
        if let Some(taken) = bare_tasks(&peer, alone, rounds) {
            return Ok(taken);
        }
        Ok(match alone {
            Alone::QueuePingPong => work::queue_ping_pong(&peer, rounds).into(),
            Alone::TimerInsert => timers::insert(&peer, rounds),
            Alone::TimerCancel => timers::cancel(&peer, rounds),
            Alone::TimerFire => timers::fire(&peer, rounds),
            Alone::ThreadWake => work::wake_from_a_thread(&peer, rounds).into(),
            _ => return Err(io::ErrorKind::Unsupported.into()),
        })
    })
}
