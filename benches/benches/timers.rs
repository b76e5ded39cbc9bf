//! Timers, heap against wheel: core's `TimerQueue` and the prototype of a hierarchical wheel, with
//! so many timers pending (decisions 0007 and 0014). Both are run in turns, so that what else
//! the machine does falls on both; a figure is the best of the rounds, in nanoseconds per timer.

use std::hint::black_box;
use std::time::{Duration, Instant};

use polyloop_benches::TimerWheel;
use polyloop_core::{Time, TimerId, TimerQueue};

const ROUNDS: usize = 9;
const PHASES: [&str; 5] = ["insert", "cancel", "fire", "re-arm", "tick"];

/// What both are asked to do.
trait Timers {
    fn new() -> Self;
    fn insert(&mut self, deadline: Time, value: usize) -> TimerId;
    fn cancel(&mut self, id: TimerId) -> Option<usize>;
    fn pop_due(&mut self, now: Time) -> Option<(TimerId, usize)>;
    fn next_deadline(&self) -> Time;
}

macro_rules! timers {
    ($queue:ty) => {
        impl Timers for $queue {
            fn new() -> Self {
                <$queue>::new()
            }

            fn insert(&mut self, deadline: Time, value: usize) -> TimerId {
                <$queue>::insert(self, deadline, value)
            }

            fn cancel(&mut self, id: TimerId) -> Option<usize> {
                <$queue>::cancel(self, id)
            }

            fn pop_due(&mut self, now: Time) -> Option<(TimerId, usize)> {
                <$queue>::pop_due(self, now)
            }

            fn next_deadline(&self) -> Time {
                <$queue>::next_deadline(self)
            }
        }
    };
}

timers!(TimerQueue<usize>);
timers!(TimerWheel<usize>);

/// The same numbers for both and in each round.
struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index as u64 + 1) as usize);
        }
    }
}

const SPREAD: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(1);

/// Runs every phase once and gives nanoseconds per timer for each.
fn round<Q: Timers>(pending: usize) -> [f64; PHASES.len()] {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut queue = Q::new();
    let mut now = Time::from_nanos(1_000_000_000);
    let deadline = |random: &mut Random, now: Time| {
        now + Duration::from_nanos(random.below(SPREAD.as_nanos() as u64))
    };
    let mut ids: Vec<TimerId> =
        (0..pending).map(|n| queue.insert(deadline(&mut random, now), n)).collect();

    let some = pending / 10;
    let deadlines: Vec<Time> = (0..some).map(|_| deadline(&mut random, now)).collect();
    let mut added = Vec::with_capacity(some);
    let insert = per_timer(some, || {
        added.extend(deadlines.iter().map(|deadline| queue.insert(*deadline, 0)));
    });
    random.shuffle(&mut added);
    let cancel = per_timer(some, || {
        for id in &added {
            black_box(queue.cancel(*id));
        }
    });

    // A timeout that each message pushes back: the oldest goes, one as long as it comes.
    let rearm = per_timer(pending, || {
        for id in &mut ids {
            now = now + Duration::from_nanos(100);
            black_box(queue.cancel(*id));
            *id = queue.insert(now + SPREAD, 0);
            black_box(queue.next_deadline());
        }
    });
    for id in ids {
        queue.cancel(id);
    }

    for n in 0..pending {
        black_box(queue.insert(deadline(&mut random, now), n));
    }
    // One short timer at a time in front of all the others, as a loop's sleeps are.
    let tick = per_timer(some, || {
        for _ in 0..some {
            now = now + Duration::from_nanos(50);
            let id = queue.insert(now, 0);
            black_box(queue.next_deadline());
            let fired = queue.pop_due(now);
            black_box(fired.map(|fired| fired.0 == id));
        }
    });
    let mut fired = 0;
    let fire = per_timer(pending, || {
        while !queue.next_deadline().is_never() {
            // A loop wakes for the earliest, and not again at once.
            now = (now + STEP).max(queue.next_deadline());
            while black_box(queue.pop_due(now)).is_some() {
                fired += 1;
            }
        }
    });
    assert!(fired >= pending, "{fired} of {pending} fired");
    [insert, cancel, fire, rearm, tick]
}

fn per_timer(count: usize, work: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    work();
    begin.elapsed().as_nanos() as f64 / count as f64
}

/// The round that the rest of the machine disturbed least.
fn best(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

fn main() {
    println!("{:>9} {:>8} {:>8} {:>8} {:>6}", "pending", "phase", "heap", "wheel", "ratio");
    for pending in [1_000, 100_000, 1_000_000] {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let heap = round::<TimerQueue<usize>>(pending);
            rounds.push((heap, round::<TimerWheel<usize>>(pending)));
        }
        let mut sums = (0.0, 0.0);
        for (index, phase) in PHASES.iter().enumerate() {
            let heap = best(rounds.iter().map(|round| round.0[index]));
            let wheel = best(rounds.iter().map(|round| round.1[index]));
            println!("{pending:>9} {phase:>8} {heap:>8.0} {wheel:>8.0} {:>6.2}", heap / wheel);
            if index < 3 {
                sums = (sums.0 + heap, sums.1 + wheel);
            }
        }
        let (heap, wheel) = sums;
        println!("{pending:>9} {:>8} {heap:>8.0} {wheel:>8.0} {:>6.2}", "sum of 3", heap / wheel);
    }
}
