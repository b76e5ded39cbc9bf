use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::member::Member;
use crate::sys::cores;

/// How the loops of a group share the connections that come in at one address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Spread {
    /// [`ReusePort`](Self::ReusePort) where the system is known to balance (Linux, Android, DragonFly), else
    /// [`RoundRobin`](Self::RoundRobin).
    #[default]
    Auto,
    /// Each loop listens at the address itself (SO_REUSEPORT), and the system chooses, on Linux by a hash of
    /// both addresses. Nothing passes between threads. Even over many connections only: with few,
    /// a loop may have twice as many as another.
    ReusePort,
    /// One loop accepts and hands each connection to the next loop in turn: even in number, at the cost of taking
    /// it out of one loop and into another.
    RoundRobin,
    /// One loop accepts and hands each connection to the loop that has the fewest: for connections that last, and
    /// differ in how long.
    LeastConnections,
}

/// Who gets the next connection of an accepting loop.
pub(super) enum Choice {
    Own,
    InTurn { members: Vec<Arc<Member>>, next: usize },
    Fewest { members: Vec<Arc<Member>>, next: usize },
}

impl Spread {
    pub(super) fn resolved(self) -> Spread {
        match self {
            Spread::Auto if cores::REUSE_PORT_BALANCES => Spread::ReusePort,
            Spread::Auto => Spread::RoundRobin,
            chosen => chosen,
        }
    }
}

impl Choice {
    pub(super) fn of(spread: Spread, members: &[Arc<Member>]) -> Choice {
        let members = members.to_vec();
        match spread {
            Spread::RoundRobin => Choice::InTurn { members, next: 0 },
            Spread::LeastConnections => Choice::Fewest { members, next: 0 },
            Spread::ReusePort | Spread::Auto => Choice::Own,
        }
    }

    /// Gives the loop of the next connection; nothing if that is the one that asks.
    pub(super) fn choose(&mut self, own: &Arc<Member>) -> Option<Arc<Member>> {
        let chosen = match self {
            Choice::Own => return None,
            Choice::InTurn { members, next } => {
                let chosen = members[*next % members.len()].clone();
                *next += 1;
                chosen
            }
            Choice::Fewest { members, next } => {
                // Beginning at another each time shares the ties out.
                *next += 1;
                let in_turn =
                    (0..members.len()).map(|step| &members[(*next + step) % members.len()]);
                // Relaxed: a count that is a little old only makes a choice a little worse.
                let fewest = in_turn.min_by_key(|it| it.connections.load(Ordering::Relaxed));
                fewest.expect("a group has a loop").clone()
            }
        };
        (!Arc::ptr_eq(&chosen, own)).then_some(chosen)
    }

    /// Gives the loops that may get connections.
    pub(super) fn fed(&self, own: &Arc<Member>) -> Vec<Arc<Member>> {
        match self {
            Choice::Own => vec![own.clone()],
            Choice::InTurn { members, .. } | Choice::Fewest { members, .. } => members.clone(),
        }
    }
}
