use std::sync::Arc;

use polyloop_core::{Completion, Error, Key, Op, OpId, OsHandle, Output, Slab, SlabKey, Token};

use crate::subscription::Subscriptions;

/// The ops in flight, and the lists that link them without allocating; of those that are in their
/// resources only the number.
///
/// Between calls an op is on at most one [`OpList`], and which one its [`Place`] says.
#[derive(Debug, Default)]
pub(crate) struct OpTable {
    flights: Slab<OpId, Flight>,
    pub(crate) subscriptions: Subscriptions,
}

/// An op in flight.
///
/// `op` is absent exactly while a thread works on it (`Place::Running`).
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) op: Option<Op>,
    pub(crate) token: Token,
    pub(crate) key: Key,
    pub(crate) place: Place,
    /// It is the loop's own: nobody is told of its end.
    pub(crate) is_own: bool,
    /// Bytes of a send that are gone; of a connect, one if it has been started.
    pub(crate) progress: usize,
    /// The file that is sent from, whose close waits for the op from when it is queued.
    pub(crate) source: Option<Arc<OsHandle>>,
    previous: OpId,
    next: OpId,
}

/// Where an op waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// In the inward lane of its resource.
    Inward,
    /// In the outward lane of its resource.
    Outward,
    /// Among the polls of its resource.
    Polls,
    /// In the queue for threads.
    Offloaded,
    /// On a thread.
    Running,
    /// It ends its resource.
    Ending,
}

/// A first-in-first-out list of ops. The last is what is `previous` of the first.
#[derive(Debug)]
pub(crate) struct OpList {
    head: OpId,
}

/// No op: generation zero is never minted.
pub(crate) const NOBODY: OpId = OpId::from_bits(0);

/// The key of an op that has no resource yet.
pub(crate) const NOWHERE: Key = Key::from_bits(0);

impl Flight {
    pub(crate) fn new(op: Op, token: Token, place: Place) -> Flight {
        let key = op.key().unwrap_or(NOWHERE);
        let (previous, next) = (NOBODY, NOBODY);
        Flight {
            op: Some(op),
            token,
            key,
            place,
            is_own: false,
            progress: 0,
            source: None,
            previous,
            next,
        }
    }
}

impl OpList {
    pub(crate) const EMPTY: OpList = OpList { head: NOBODY };

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.mark() == 0
    }

    /// Gives a number that is zero if it is empty, and then only: to ask of several lists at once.
    #[inline]
    pub(crate) fn mark(&self) -> u32 {
        self.head.generation()
    }

    /// Gives the op that came first.
    #[inline]
    pub(crate) fn first(&self) -> Option<OpId> {
        (!self.is_empty()).then_some(self.head)
    }
}

impl OpTable {
    pub(crate) fn insert(&mut self, flight: Flight) -> OpId {
        self.flights.insert(flight)
    }

    /// Puts an op in at the end of a list.
    pub(crate) fn insert_last(&mut self, list: &mut OpList, flight: Flight) -> OpId {
        let id = self.flights.insert(flight);
        let last = match self.flights.get_mut(list.head) {
            Some(first) => std::mem::replace(&mut first.previous, id),
            None => {
                list.head = id;
                id
            }
        };
        if let Some(flight) = self.flights.get_mut(id) {
            flight.previous = last;
        }
        if last != id
            && let Some(last) = self.flights.get_mut(last)
        {
            last.next = id;
        }
        id
    }

    /// Gives an id that is stale already, for an op whose completion waits to be delivered.
    pub(crate) fn mint_stale(&mut self, flight: Flight) -> (OpId, Flight) {
        let id = self.flights.insert(flight);
        (id, self.flights.remove(id).expect("it was inserted just now"))
    }

    /// Takes an op out of its list and of the table.
    pub(crate) fn remove_from(&mut self, list: &mut OpList, id: OpId) -> Option<Flight> {
        let flight = self.flights.remove(id)?;
        if list.head == id {
            list.head = flight.next;
        } else if let Some(previous) = self.flights.get_mut(flight.previous) {
            previous.next = flight.next;
        }
        // Behind the last comes nobody, and the first knows who is the last.
        let behind = if flight.next == NOBODY { list.head } else { flight.next };
        if let Some(behind) = self.flights.get_mut(behind) {
            behind.previous = flight.previous;
        }
        Some(flight)
    }

    /// Takes an op out of the table that is on no list.
    pub(crate) fn remove(&mut self, id: OpId) -> Option<Flight> {
        self.flights.remove(id)
    }

    #[inline]
    pub(crate) fn get(&self, id: OpId) -> Option<&Flight> {
        self.flights.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: OpId) -> Option<&mut Flight> {
        self.flights.get_mut(id)
    }

    /// Gives the op that came after `id` in its list.
    pub(crate) fn next(&self, id: OpId) -> Option<OpId> {
        let next = self.flights.get(id)?.next;
        (next != NOBODY).then_some(next)
    }

    pub(crate) fn len(&self) -> usize {
        self.flights.len() + self.subscriptions.len()
    }

    /// Gives the ops of this table; those in their resources are not among them.
    pub(crate) fn ids(&self) -> Vec<OpId> {
        self.flights.keys()
    }
}

impl Flight {
    /// Gives the key of the file that is sent from.
    pub(crate) fn source_key(&self) -> Option<Key> {
        self.op.as_ref().and_then(Op::second_key)
    }

    /// Lets go of the file that was sent from, and gives its key.
    pub(crate) fn release_source(&mut self) -> Option<Key> {
        self.source = None;
        self.source_key()
    }

    /// Makes the terminal completion.
    pub(crate) fn complete(self, result: Result<Output, Error>) -> Completion {
        let op = self.op.expect("only an op that no thread works on completes");
        Completion::terminal(self.token, result, op)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight(token: u64) -> Flight {
        Flight::new(Op::Accept { key: NOWHERE }, Token(token), Place::Inward)
    }

    fn tokens(table: &OpTable, list: &OpList) -> Vec<u64> {
        std::iter::successors(list.first(), |id| table.next(*id))
            .map(|id| table.get(id).expect("listed").token.0)
            .collect()
    }

    #[test]
    fn ops_leave_a_list_from_any_position() {
        let (mut table, mut list) = (OpTable::default(), OpList::EMPTY);
        let ids: Vec<OpId> = (0..4).map(|n| table.insert_last(&mut list, flight(n))).collect();
        assert_eq!(tokens(&table, &list), [0, 1, 2, 3]);
        table.remove_from(&mut list, ids[1]).expect("listed");
        assert_eq!(tokens(&table, &list), [0, 2, 3]);
        table.remove_from(&mut list, ids[3]).expect("listed");
        table.remove_from(&mut list, ids[0]).expect("listed");
        assert_eq!(tokens(&table, &list), [2]);
        table.remove_from(&mut list, ids[2]).expect("listed");
        assert!(list.is_empty() && table.len() == 0);
        table.insert_last(&mut list, flight(9));
        assert_eq!(tokens(&table, &list), [9]);
    }
}
