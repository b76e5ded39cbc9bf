/// A first-in-first-out queue that is run in rounds: what is added during a round waits for
/// the next.
///
/// `waiting` is in order, `round` in reverse, so that both change at their ends only. What was taken of the
/// round before the next began comes first in that.
#[derive(Debug)]
pub struct ReadyQueue<T> {
    waiting: Vec<T>,
    round: Vec<T>,
}

/// The room that is kept for the items of a round, however few there are; what a burst takes beyond is given back.
const ROOM_KEPT: usize = 1024;

impl<T> ReadyQueue<T> {
    /// Makes an empty queue.
    #[inline]
    pub const fn new() -> Self {
        ReadyQueue { waiting: Vec::new(), round: Vec::new() }
    }

    /// Makes an empty queue with room for so many items in a round.
    pub fn with_capacity(capacity: usize) -> Self {
        ReadyQueue { waiting: Vec::with_capacity(capacity), round: Vec::with_capacity(capacity) }
    }

    /// Adds an item for the next round.
    #[inline]
    pub fn push(&mut self, item: T) {
        self.waiting.push(item);
    }

    /// Begins a round of exactly what is in the queue now, and tells how much that is.
    #[inline]
    pub fn begin_round(&mut self) -> usize {
        if !self.round.is_empty() {
            self.put_rest_first();
        }
        self.waiting.reverse();
        std::mem::swap(&mut self.waiting, &mut self.round);
        if self.waiting.capacity() != self.round.capacity() {
            self.even_out();
        }
        self.round.len()
    }

    /// Takes the next item of the round; nothing at its end.
    #[inline]
    pub fn pop_in_round(&mut self) -> Option<T> {
        self.round.pop()
    }

    /// Gives the next item of the round; nothing at its end.
    #[inline]
    pub fn peek_in_round(&self) -> Option<&T> {
        self.round.last()
    }

    /// Takes the next item, whatever the round; for shutting down.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        if self.round.is_empty() {
            self.begin_round();
        }
        self.round.pop()
    }

    /// Gives the items in the order in which they will be taken.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.round.iter().rev().chain(&self.waiting)
    }

    /// Tells how many items there are, in the round or behind it.
    #[inline]
    pub fn len(&self) -> usize {
        self.round.len() + self.waiting.len()
    }

    /// Tells whether there is no item.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.round.is_empty()
    }

    /// Puts what is left of a round before what waits.
    #[cold]
    fn put_rest_first(&mut self) {
        let rest = self.round.drain(..).rev();
        self.waiting.splice(..0, rest);
    }

    /// Frees the room that the round before last took, where this one needs little of it; and takes as much
    /// as this one has, so that a loop in its steady state does not allocate.
    #[cold]
    fn even_out(&mut self) {
        let kept = ROOM_KEPT.min(self.round.capacity());
        if self.waiting.capacity() < kept {
            self.waiting.reserve_exact(kept);
        } else if self.round.len() < self.waiting.capacity() / 8 {
            self.waiting.shrink_to(ROOM_KEPT.max(self.round.len()));
        }
    }
}

impl<T> Default for ReadyQueue<T> {
    #[inline]
    fn default() -> Self {
        ReadyQueue::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_during_a_round_waits_for_the_next() {
        let mut queue = ReadyQueue::new();
        queue.push(1);
        queue.push(2);
        assert_eq!(queue.begin_round(), 2);
        assert_eq!(queue.pop_in_round(), Some(1));
        queue.push(3);
        assert_eq!(queue.pop_in_round(), Some(2));
        assert_eq!(queue.pop_in_round(), None);
        assert_eq!(queue.begin_round(), 1);
        assert_eq!(queue.pop_in_round(), Some(3));
    }

    #[test]
    fn what_is_left_of_a_round_comes_first_in_the_next() {
        let mut queue = ReadyQueue::new();
        (1..=3).for_each(|n| queue.push(n));
        assert_eq!((queue.begin_round(), queue.pop_in_round()), (3, Some(1)));
        queue.push(4);
        assert!(queue.iter().eq(&[2, 3, 4]));
        assert_eq!((queue.len(), queue.begin_round()), (3, 3));
        assert!(std::iter::from_fn(|| queue.pop_in_round()).eq(2..=4));
        assert!(queue.is_empty());
    }

    #[test]
    fn what_is_popped_whatever_the_round_is_in_order() {
        let mut queue = ReadyQueue::new();
        queue.push(1);
        queue.push(2);
        queue.begin_round();
        queue.push(3);
        assert!(std::iter::from_fn(|| queue.pop()).eq(1..=3));
    }

    #[test]
    fn what_there_was_room_for_once_there_is_room_for_from_then_on() {
        let mut queue = ReadyQueue::new();
        (0..100).for_each(|n| queue.push(n));
        queue.begin_round();
        while queue.pop_in_round().is_some() {}
        let room = [queue.round.capacity(), queue.waiting.capacity()];
        for _ in 0..3 {
            (0..100).for_each(|n| queue.push(n));
            assert_eq!(queue.begin_round(), 100);
            while queue.pop_in_round().is_some() {}
        }
        assert_eq!(
            [queue.round.capacity(), queue.waiting.capacity()].iter().min(),
            room.iter().min()
        );
        assert!(room.iter().all(|room| *room >= 100));
    }

    #[test]
    fn the_room_of_a_burst_is_given_back() {
        let mut queue = ReadyQueue::new();
        (0..100_000).for_each(|n| queue.push(n));
        queue.begin_round();
        while queue.pop_in_round().is_some() {}
        for _ in 0..2 {
            queue.push(1);
            assert_eq!(queue.begin_round(), 1);
            assert_eq!(queue.pop_in_round(), Some(1));
        }
        assert!(queue.round.capacity() + queue.waiting.capacity() <= 2 * ROOM_KEPT);
    }
}
