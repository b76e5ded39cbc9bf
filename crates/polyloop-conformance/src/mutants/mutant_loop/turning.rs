use std::time::{Duration, Instant};

use polyloop_core::{Batch, Completion, Time, Turned};

use super::MutantLoop;
use crate::mutants::fault::Fault;

impl MutantLoop {
    /// Turns the inner loop, and passes on what it delivers.
    pub(super) fn turn_inner(&mut self, deadline: Time, room: usize) -> Turned {
        let deadline = match self.fault {
            _ if !self.backlog.is_empty() => Time::ZERO,
            Fault::DeadlineIgnored => Time::ZERO,
            Fault::PastDeadlineWaits if deadline <= self.inner.now() => {
                self.inner.now() + Duration::from_millis(20)
            }
            Fault::DeadlineEarly if !deadline.is_never() => deadline - Duration::from_millis(10),
            Fault::ClockStandsInTurn => deadline + self.waited,
            _ => deadline,
        };
        let begun = Instant::now();
        let mut batch = Batch::with_capacity(room);
        let turned = self.inner.turn(deadline, &mut batch);
        if self.fault == Fault::ClockStandsInTurn {
            self.waited += begun.elapsed();
        }
        self.oversleep(deadline, begun, &batch);
        let mut completions: Vec<Completion> = batch.drain().collect();
        if self.fault == Fault::BatchReversed {
            completions.reverse();
        }
        completions.into_iter().for_each(|completion| self.pass(completion));
        turned
    }

    fn oversleep(&self, deadline: Time, begun: Instant, batch: &Batch) {
        let missed = self.fault == Fault::DeadlineMissed
            && batch.is_empty()
            && begun.elapsed() > Duration::from_millis(8);
        let far = deadline.since(self.inner.now()) > Duration::from_millis(200);
        let slept_over = self.fault == Fault::CompletionSleptOver && !batch.is_empty() && far;
        if missed || slept_over {
            std::thread::sleep(Duration::from_millis(400));
        }
    }
}
