use crate::{Completion, Output, Token, limits};

/// Where a turn puts completions: bounded, owned by the caller, and used again each turn.
///
/// Between calls it holds at most `capacity` completions, in the order in which they came.
#[derive(Debug)]
pub struct Batch {
    /// One for each.
    slots: Vec<Slot>,
    /// Those that their slots do not tell of, in the same order, none of them taken.
    others: Vec<Option<Completion>>,
    capacity: usize,
}

/// A completion, or where it is.
///
/// Most say that a stream is readable: of those a token is all there is, and so little is put and taken
/// where a whole completion would be copied there and back.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// An op goes on, and there is something to read.
    Readable(Token),
    /// It is the next of the others.
    Other,
}

impl Batch {
    /// Makes a batch of the standard size, [`limits::BATCH_COMPLETIONS_MAX`].
    pub fn new() -> Batch {
        Batch::with_capacity(limits::BATCH_COMPLETIONS_MAX)
    }

    /// Makes a batch for at most `capacity` completions.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero: no turn could ever deliver anything.
    pub fn with_capacity(capacity: usize) -> Batch {
        assert!(capacity > 0, "a batch holds at least one completion");
        let (slots, others) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
        Batch { slots, others, capacity }
    }

    /// Adds a completion; a full batch gives it back, to be delivered by the next turn.
    #[inline]
    pub fn push(&mut self, completion: Completion) -> Result<(), Completion> {
        if self.is_full() {
            return Err(completion);
        }
        if let Completion { token, result: Ok(Output::Readable), op: None } = completion {
            // There is nothing of it to drop.
            std::mem::forget(completion);
            self.slots.push(Slot::Readable(token));
        } else {
            self.others.push(Some(completion));
            self.slots.push(Slot::Other);
        }
        Ok(())
    }

    /// Adds that an op goes on and its stream is [readable](Output::Readable), as [`push`](Self::push) does, and
    /// tells whether there was room.
    #[inline]
    #[must_use = "a full batch has not taken it"]
    pub fn push_readable(&mut self, token: Token) -> bool {
        let has_room = !self.is_full();
        if has_room {
            self.slots.push(Slot::Readable(token));
        }
        has_room
    }

    /// Takes all completions out, in order; those that are left when the iterator is dropped are dropped with it.
    #[inline]
    pub fn drain(&mut self) -> impl ExactSizeIterator<Item = Completion> {
        Drain { batch: self, taken: 0, others_taken: 0 }
    }

    /// Takes all completions out, in order: of those that say [readable](Output::Readable) of an op that goes on
    /// no more than the token, of which they consist. Where a function panics, the rest is dropped.
    #[inline]
    pub fn drain_into(
        &mut self,
        mut readable: impl FnMut(Token),
        mut other: impl FnMut(Completion),
    ) {
        let mut drain = Drain { batch: self, taken: 0, others_taken: 0 };
        while let Some(slot) = drain.next_slot() {
            match slot {
                Slot::Readable(token) => readable(token),
                Slot::Other => drain.next_other().into_iter().for_each(&mut other),
            }
        }
    }

    /// Tells how many completions there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Tells whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Tells whether another would not fit.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.slots.len() >= self.capacity
    }

    /// Tells how many more fit.
    #[inline]
    pub fn room(&self) -> usize {
        self.capacity - self.slots.len()
    }
}

impl Default for Batch {
    fn default() -> Self {
        Batch::new()
    }
}

/// Takes the completions of a batch out, in order; what is left of them goes with it.
///
/// So many slots were `taken`, and so many of the others.
struct Drain<'a> {
    batch: &'a mut Batch,
    taken: usize,
    others_taken: usize,
}

impl Drain<'_> {
    #[inline]
    fn next_slot(&mut self) -> Option<Slot> {
        let slot = *self.batch.slots.get(self.taken)?;
        self.taken += 1;
        Some(slot)
    }

    #[inline]
    fn next_other(&mut self) -> Option<Completion> {
        let other = self.batch.others.get_mut(self.others_taken)?;
        self.others_taken += 1;
        other.take()
    }
}

impl Iterator for Drain<'_> {
    type Item = Completion;

    #[inline]
    fn next(&mut self) -> Option<Completion> {
        match self.next_slot()? {
            Slot::Readable(token) => Some(Completion::more(token, Output::Readable)),
            Slot::Other => self.next_other(),
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.batch.slots.len() - self.taken;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Drain<'_> {}

impl Drop for Drain<'_> {
    #[inline]
    fn drop(&mut self) {
        self.batch.slots.clear();
        self.batch.others.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::{Key, Op};

    fn batch() -> Batch {
        let op = |token| {
            let op = Op::AcceptMulti { key: Key::from_bits(1) };
            Completion::terminal(Token(token), Ok(Output::Readable), op)
        };
        let more = |token, output| Completion::more(Token(token), output);
        let mut batch = Batch::with_capacity(5);
        batch.push(more(0, Output::Readable)).expect("room");
        batch.push(op(1)).expect("room");
        batch.push(more(2, Output::Done)).expect("room");
        batch.push(more(3, Output::Readable)).expect("room");
        batch.push(op(4)).expect("room");
        assert_eq!(batch.push(op(5)).map_err(|completion| completion.token), Err(Token(5)));
        batch
    }

    #[test]
    fn completions_come_out_as_they_came_in_whatever_they_are() {
        let mut batch = batch();
        let told: Vec<_> = batch.drain().map(|it| (it.token.0, it.is_more())).collect();
        let mut by_one = self::batch();
        let mut drain = by_one.drain();
        assert_eq!(drain.len(), 5);
        let next = std::iter::from_fn(|| drain.next().map(|it| (it.token.0, it.is_more())));
        assert!(next.eq(told.clone()));
        let (tokens, kinds) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let note = |token: Token, is_readable| {
            tokens.borrow_mut().push(token.0);
            kinds.borrow_mut().push(is_readable);
        };
        self::batch().drain_into(|token| note(token, true), |other| note(other.token, false));
        assert_eq!(
            (tokens.take(), kinds.take()),
            ((0..5).collect(), vec![true, false, false, true, false])
        );
        assert_eq!(told, [(0, true), (1, false), (2, true), (3, true), (4, false)]);
        assert!(batch.is_empty() && batch.room() == 5);
    }

    #[test]
    fn what_is_left_of_a_drain_is_dropped() {
        let mut batch = batch();
        assert_eq!(batch.drain().next().map(|it| it.token), Some(Token(0)));
        assert_eq!((batch.len(), batch.drain().count()), (0, 0));
    }
}
