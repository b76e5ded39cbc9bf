use std::time::Duration;

use polyloop_core::{Batch, Closed, OpId, Time, limits};

use crate::linux::UringLoop;
use crate::linux::kernel::{SoonSends, Wait};
use crate::linux::record::{Owner, Record};

impl UringLoop {
    /// Ends everything; what the kernel has not given back within `grace` is leaked by its
    /// holders.
    pub(crate) fn shut(&mut self, grace: Duration) -> Closed {
        if self.is_closed || !self.process.is_here() {
            return Closed::default();
        }
        self.await_own_sends();
        self.is_closed = true;
        self.user = self.process.nobody();
        if self.broken.is_some() {
            // All that there was has ended, or was leaked.
            self.done.clear();
            self.ops = 0;
            return Closed::default();
        }
        let is_of_caller = |record: &Record| matches!(record.owner, Owner::Caller(..));
        let ops = self.records.iter().filter(|(_, record)| is_of_caller(record)).count();
        let ops = ops + self.count_subscriptions();
        for id in self.records.keys() {
            self.forget_or_cancel(id);
        }
        self.cancel_own();
        self.kernel.cancel_sends();
        self.reap_until(self.clock.now() + grace);
        let leaked = self.records.iter().filter(|(_, record)| is_of_caller(record)).count();
        // Dropping a holder of what is in the kernel leaks it; dropping the others frees them.
        self.records = polyloop_core::Slab::new();
        self.kernel.sends = SoonSends::default();
        self.resources = polyloop_core::Slab::new();
        self.done.clear();
        self.pauses.clear();
        self.ending = 0;
        self.ops = 0;
        if let Some(bell) = self.guest.get() {
            crate::linux::wake::ring_bell(bell);
        }
        let mut closed = Closed::default();
        (closed.reaped, closed.leaked) = (ops - leaked, leaked);
        closed
    }

    /// Waits for the sends of the loop's own; what else completes meanwhile nobody hears of any more.
    fn await_own_sends(&mut self) {
        let end = self.clock.now() + limits::LAST_SENDS_WAIT;
        let mut batch = Batch::new();
        while self.own_sends > 0 && self.broken.is_none() && self.clock.now() < end {
            // Silent ones are over with the turn that begins them, and end no wait.
            let is_silent = !self.gathered.is_empty() || self.kernel.sends.is_unsettled();
            self.turn_until(if is_silent { Time::ZERO } else { end }, &mut batch);
            drop(batch.drain());
        }
    }

    fn forget_or_cancel(&mut self, id: OpId) {
        match self.records.get(id) {
            Some(record) if record.held.is_in_kernel() => self.kernel.cancel(id),
            _ => drop(self.records.remove(id)),
        }
    }

    fn reap_until(&mut self, end: Time) {
        loop {
            // A descriptor or a chunk that comes in here is dropped with its completion.
            while let Some(completed) = self.kernel.read() {
                if SoonSends::has_name(completed.id) {
                    self.kernel.land_soon(completed);
                    continue;
                }
                let landed = self.kernel.land(completed, &mut self.records);
                if let Some(landed) = landed.filter(|landed| !landed.more) {
                    self.records.remove(landed.id);
                }
            }
            self.settle_sends();
            let remaining = self.clock.until(end);
            let is_over = self.kernel.in_flight() == 0;
            let wait = match remaining {
                _ if is_over => return,
                Some(Duration::ZERO) => Wait::No,
                remaining => Wait::Upto(remaining),
            };
            if self.kernel.enter(wait).is_err() {
                return;
            }
            if matches!(wait, Wait::No) && !self.kernel.has_completion() {
                return;
            }
        }
    }
}
