use std::collections::VecDeque;

/// A first-in-first-out queue that is run in rounds: what is added during a round waits for
/// the next.
///
/// Between calls, `in_round <= queue.len()`.
#[derive(Debug)]
pub struct ReadyQueue<T> {
    queue: VecDeque<T>,
    in_round: usize,
}

impl<T> ReadyQueue<T> {
    /// Makes an empty queue.
    pub const fn new() -> Self {
        ReadyQueue { queue: VecDeque::new(), in_round: 0 }
    }

    /// Adds an item for the next round.
    pub fn push(&mut self, item: T) {
        self.queue.push_back(item);
    }

    /// Begins a round of exactly what is in the queue now, and tells how much that is.
    pub fn begin_round(&mut self) -> usize {
        self.in_round = self.queue.len();
        self.in_round
    }

    /// Takes the next item of the round; nothing at its end.
    pub fn pop_in_round(&mut self) -> Option<T> {
        if self.in_round == 0 {
            return None;
        }
        self.in_round -= 1;
        self.queue.pop_front()
    }

    /// Takes the next item, whatever the round; for shutting down.
    pub fn pop(&mut self) -> Option<T> {
        self.in_round = self.in_round.saturating_sub(1);
        self.queue.pop_front()
    }

    /// Gives the items in the order in which they will be taken.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.queue.iter()
    }

    /// Tells how many items there are, in the round or behind it.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Tells whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

impl<T> Default for ReadyQueue<T> {
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
}
