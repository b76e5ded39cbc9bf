use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::member::Member;
use super::room::Room;
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
    /// a loop may have twice as many as another; and a loop that may have no more leaves those that the system gave
    /// it waiting, whatever room the others have.
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

    /// Tells whether a loop that may get the next connection has room for it.
    pub(super) fn has_room(&self, own: &Arc<Member>, room: &Room) -> bool {
        match self {
            Choice::Own => room.is_at(own.index),
            Choice::InTurn { members, .. } | Choice::Fewest { members, .. } => {
                members.iter().any(|member| room.is_at(member.index))
            }
        }
    }

    /// Gives the loop of the next connection: one with room, if any has.
    pub(super) fn choose(&mut self, own: &Arc<Member>, room: &Room) -> Arc<Member> {
        match self {
            Choice::Own => own.clone(),
            Choice::InTurn { members, next } => {
                let first = *next;
                let in_turn = (0..members.len()).map(|step| (first + step) % members.len());
                let with_room = in_turn.clone().find(|at| room.is_at(members[*at].index));
                let chosen = with_room.unwrap_or(first % members.len());
                *next = chosen + 1;
                members[chosen].clone()
            }
            Choice::Fewest { members, next } => {
                // Beginning at another each time shares the ties out.
                *next += 1;
                let in_turn =
                    (0..members.len()).map(|step| &members[(*next + step) % members.len()]);
                // Relaxed: a count that is a little old only makes a choice a little worse.
                let fewest = in_turn.min_by_key(|it| {
                    (!room.is_at(it.index), it.connections.load(Ordering::Relaxed))
                });
                fewest.expect("a group has a loop").clone()
            }
        }
    }

    /// Gives the loops that may get connections.
    pub(super) fn fed(&self, own: &Arc<Member>) -> Vec<Arc<Member>> {
        match self {
            Choice::Own => vec![own.clone()],
            Choice::InTurn { members, .. } | Choice::Fewest { members, .. } => members.clone(),
        }
    }
}
