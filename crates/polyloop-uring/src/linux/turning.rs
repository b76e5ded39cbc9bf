use std::time::Duration;

use polyloop_core::{Batch, Time, Turned, limits};

use crate::linux::UringLoop;
use crate::linux::kernel::{Entered, SoonSends, Wait};
use crate::linux::own_request::OwnRequest;
use crate::linux::wake::{ring_bell, silence_bell};

impl UringLoop {
    pub(crate) fn turn_until(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        if self.is_closed || !self.process.is_here() {
            return Turned::default();
        }
        if self.broken.is_some() {
            return self.turn_without_ring(deadline, batch);
        }
        self.enter_guest_turn();
        self.deliver(batch);
        let mut woken = false;
        let mut is_busy = false;
        loop {
            self.end_pauses();
            self.stop_full();
            // Something may have come behind these, which they would not wake.
            let is_unsettled = self.kernel.sends.is_unsettled();
            self.send_gathered(true);
            self.kernel.refill(&mut self.pool);
            self.deliver(batch);
            let nothing_yet = batch.is_empty() && !woken && !is_busy && !is_unsettled;
            let wait = self.wait(deadline, nothing_yet);
            let entered = self.kernel.enter(wait);
            woken |= self.gate.end_wait();
            match entered {
                Ok(state) => is_busy = state == Entered::Busy,
                Err(error) => {
                    self.break_down(error.into());
                    self.deliver(batch);
                    break;
                }
            }
            self.reap(batch);
            let is_over = matches!(wait, Wait::No) || woken || !batch.is_empty();
            if is_over || deadline <= self.clock.now() {
                break;
            }
        }
        // A full batch may have held up what waits to be submitted.
        let is_held_up = batch.is_full() && self.kernel.has_unsubmitted();
        let more = !self.done.is_empty() || self.kernel.has_completion() || is_busy || is_held_up;
        let more = self.leave_guest_turn() || more;
        Turned::new(woken, more)
    }

    /// Delivers what the breakdown has ended. Nothing else will come, and a caller that turns on
    /// must not spin.
    fn turn_without_ring(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        if let Some(bell) = self.guest.get() {
            silence_bell(bell);
        }
        self.deliver(batch);
        if let Some(bell) = self.guest.get().filter(|_| !self.done.is_empty()) {
            ring_bell(bell);
        }
        if batch.is_empty() && self.gate.begin_wait() {
            let until = self.clock.until(deadline).unwrap_or(Duration::MAX);
            std::thread::sleep(until.min(limits::ACCEPT_BACKOFF));
        }
        Turned::new(self.gate.end_wait(), !self.done.is_empty())
    }

    /// Makes the ring poll the waker's eventfd. The poll is edge-triggered, so that the eventfd
    /// need not be read, except before it is polled anew.
    pub(crate) fn watch_bell(&mut self) {
        // Every write that this eats belongs to a wake that the gate has noted: the loop does
        // not wait now.
        if let polyloop_core::OsHandle::Descriptor(bell) = &*self.bell {
            silence_bell(bell);
        }
        let started = self.ask_for_waker(&self.bell.clone());
        debug_assert!(started.is_ok(), "a poll of a descriptor can be encoded");
    }

    /// Moves completions into the batch.
    #[inline]
    pub(crate) fn deliver(&mut self, batch: &mut Batch) {
        // Mostly there is nothing.
        if !self.done.is_empty() {
            self.deliver_done(batch);
        }
    }

    fn deliver_done(&mut self, batch: &mut Batch) {
        let count = self.done.len().min(batch.room());
        for completion in self.done.drain(..count) {
            self.ops -= usize::from(!completion.is_more());
            let pushed = batch.push(completion);
            debug_assert!(pushed.is_ok(), "the batch is not full");
        }
    }

    // By itself, so that what it needs in each round stays at hand.
    #[inline(never)]
    fn reap(&mut self, batch: &mut Batch) {
        self.deliver(batch);
        while self.done.len() < batch.room() {
            let Some(completed) = self.kernel.read() else { break };
            if SoonSends::has_name(completed.id) {
                self.soon_landed(completed);
            } else if completed.goes_on()
                && let Some((_, key)) = OwnRequest::named(completed.id)
                && let Some(chunk) = self.kernel.take_chunk(completed)
            {
                self.chunk_landed(key, chunk, batch);
            } else if let Some(landed) = self.kernel.land(completed, &mut self.records) {
                self.land(landed);
            }
        }
        // Also where the batch is full with the last completion.
        if self.kernel.sends.is_unsettled() {
            self.settle_sends();
        }
        self.deliver(batch);
    }

    /// Decides how long to wait in the kernel, and declares it to the wakers.
    fn wait(&mut self, deadline: Time, nothing_yet: bool) -> Wait {
        if !nothing_yet || deadline == Time::ZERO || self.kernel.has_completion() {
            return Wait::No;
        }
        let timeout = self.clock.until(deadline.min(self.pause_end()));
        if timeout.is_some_and(|timeout| timeout.is_zero()) || !self.gate.begin_wait() {
            return Wait::No;
        }
        Wait::Upto(timeout)
    }
}
