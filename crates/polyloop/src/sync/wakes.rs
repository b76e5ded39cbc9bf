use std::collections::VecDeque;
use std::task::Waker;

/// Who was handed something and is to be woken once the state is no longer borrowed, in that order.
///
/// `first` is empty only if all is: mostly there is one, or none.
#[derive(Debug)]
pub(crate) struct Wakes {
    first: Option<Waker>,
    others: VecDeque<Waker>,
}

impl Wakes {
    pub(super) const fn new() -> Wakes {
        Wakes { first: None, others: VecDeque::new() }
    }

    pub(super) fn add(&mut self, waker: Waker) {
        if self.first.is_none() {
            self.first = Some(waker);
        } else {
            self.others.push_back(waker);
        }
    }

    /// Takes the next, and tells whether there are more.
    #[inline]
    pub(super) fn take_next(&mut self) -> Option<(Waker, bool)> {
        let waker = self.first.take()?;
        if self.others.is_empty() {
            return Some((waker, false));
        }
        self.first = self.others.pop_front();
        Some((waker, true))
    }
}
