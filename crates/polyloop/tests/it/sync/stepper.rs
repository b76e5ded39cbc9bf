//! An executor of which a test takes every step, in the order in which the wake-ups came.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// Futures by the number of their coming; one that has ended or was cancelled is `None`.
#[derive(Default)]
pub(crate) struct Stepper {
    futures: Vec<Option<Pin<Box<dyn Future<Output = ()>>>>>,
    woken: Arc<Mutex<VecDeque<usize>>>,
}

struct Wakes {
    number: usize,
    woken: Arc<Mutex<VecDeque<usize>>>,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        let mut woken = self.woken.lock().unwrap();
        if !woken.contains(&self.number) {
            woken.push_back(self.number);
        }
    }
}

impl Stepper {
    /// Makes a future, which is told its number, and polls it for the first time.
    pub(crate) fn start<F>(&mut self, make: impl FnOnce(usize) -> F) -> usize
    where
        F: Future<Output = ()> + 'static,
    {
        let number = self.futures.len();
        self.futures.push(Some(Box::pin(make(number))));
        self.poll(number);
        number
    }

    /// Polls the future whose wake-up came first, and tells whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        let number = self.woken.lock().unwrap().pop_front();
        number.inspect(|number| self.poll(*number)).is_some()
    }

    /// Polls until nobody is woken.
    pub(crate) fn settle(&mut self) {
        while self.step() {}
    }

    /// Drops a future that has not ended.
    pub(crate) fn cancel(&mut self, number: usize) {
        drop(self.futures[number].take().expect("it has not ended"));
    }

    pub(crate) fn is_live(&self, number: usize) -> bool {
        self.futures[number].is_some()
    }

    /// Gives the numbers of the futures that have not ended.
    pub(crate) fn live(&self) -> Vec<usize> {
        (0..self.futures.len()).filter(|number| self.is_live(*number)).collect()
    }

    /// Gives the future that came first of those that have not ended: often one that was handed
    /// something and has not run yet.
    pub(crate) fn first_live(&self) -> Option<usize> {
        self.live().first().copied()
    }

    fn poll(&mut self, number: usize) {
        let Some(future) = &mut self.futures[number] else { return };
        let waker = Waker::from(Arc::new(Wakes { number, woken: self.woken.clone() }));
        if let Poll::Ready(()) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.futures[number] = None;
        }
    }
}
