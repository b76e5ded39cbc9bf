use polyloop_core::{OpId, Slab, SlabKey};

use crate::linux::record::{Link, NO_OP, Record};

/// A queue of ops of one resource, first in, first out, linked through their records.
///
/// Between calls `head` and `tail` are both [`NO_OP`] or both of records in the table, and
/// following `behind` from the head reaches the tail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    head: OpId,
    tail: OpId,
}

impl Lane {
    pub(crate) const EMPTY: Lane = Lane { head: NO_OP, tail: NO_OP };

    /// Adds an op that is in no lane at the end.
    pub(crate) fn push_back(&mut self, records: &mut Slab<OpId, Record>, id: OpId) {
        if self.is_empty() {
            (self.head, self.tail) = (id, id);
            return;
        }
        let record = records.get_mut(id).expect("who queues an op has put it into the table");
        record.link = Link { before: self.tail, behind: NO_OP };
        if let Some(last) = records.get_mut(self.tail) {
            last.link.behind = id;
        }
        self.tail = id;
    }

    /// Adds an op that is in no lane before all others.
    pub(crate) fn push_front(&mut self, records: &mut Slab<OpId, Record>, id: OpId) {
        let behind = std::mem::replace(&mut self.head, id);
        if let Some(record) = records.get_mut(id) {
            record.link = Link { before: NO_OP, behind };
        }
        match records.get_mut(behind) {
            Some(record) => record.link.before = id,
            None => self.tail = id,
        }
    }

    /// Takes an op of this lane out, wherever it is.
    pub(crate) fn remove(&mut self, records: &mut Slab<OpId, Record>, id: OpId) {
        if self.head == id && self.tail == id {
            (self.head, self.tail) = (NO_OP, NO_OP);
            return;
        }
        let Some(Link { before, behind }) = records.get(id).map(|record| record.link) else {
            return;
        };
        match records.get_mut(before) {
            Some(record) => record.link.behind = behind,
            None => self.head = behind,
        }
        match records.get_mut(behind) {
            Some(record) => record.link.before = before,
            None => self.tail = before,
        }
    }

    /// Gives the first op.
    pub(crate) fn head(&self) -> Option<OpId> {
        (self.head != NO_OP).then_some(self.head)
    }

    /// Tells whether no op is queued.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        // Generations are never zero but that of no op.
        self.head.generation() == NO_OP.generation()
    }

    /// Gives the op behind one of this lane.
    pub(crate) fn behind(&self, records: &Slab<OpId, Record>, id: OpId) -> Option<OpId> {
        let behind = records.get(id)?.link.behind;
        (behind != NO_OP).then_some(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_leave_in_order_also_from_the_middle() {
        let mut records = Slab::new();
        let mut lane = Lane::EMPTY;
        let ids: Vec<OpId> = (0..4).map(|_| records.insert(Record::of_nobody())).collect();
        ids.iter().for_each(|id| lane.push_back(&mut records, *id));
        lane.remove(&mut records, ids[1]);
        lane.remove(&mut records, ids[0]);
        assert_eq!(lane.head(), Some(ids[2]));
        assert_eq!(lane.behind(&records, ids[2]), Some(ids[3]));
        lane.remove(&mut records, ids[3]);
        lane.remove(&mut records, ids[2]);
        assert!(lane.is_empty());
        lane.push_front(&mut records, ids[0]);
        assert_eq!(lane.head(), Some(ids[0]));
        lane.push_front(&mut records, ids[1]);
        assert_eq!(lane.head(), Some(ids[1]));
        assert_eq!(lane.behind(&records, ids[1]), Some(ids[0]));
        lane.remove(&mut records, ids[1]);
        lane.remove(&mut records, ids[0]);
        assert!(lane.is_empty());
    }
}
