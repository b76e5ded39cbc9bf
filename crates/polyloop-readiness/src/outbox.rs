use std::collections::VecDeque;

use polyloop_core::Completion;

/// Completions that wait to be delivered, in order.
///
/// It is bounded by the ops in flight: each puts in one terminal completion, and a multishot op
/// puts one marked *more* in per submission or [`unread`](polyloop_core::EventLoop::unread),
/// not per event. Between calls `terminal` is the number of terminal ones.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: VecDeque<Completion>,
    terminal: usize,
}

impl Outbox {
    pub(crate) fn push(&mut self, completion: Completion) {
        self.terminal += usize::from(!completion.is_more());
        self.queue.push_back(completion);
    }

    pub(crate) fn pop(&mut self) -> Option<Completion> {
        let completion = self.queue.pop_front()?;
        self.terminal -= usize::from(!completion.is_more());
        Some(completion)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Tells how many ops have ended without anybody knowing.
    pub(crate) fn terminal(&self) -> usize {
        self.terminal
    }
}
