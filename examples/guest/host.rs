use std::time::{Duration, Instant};

use polyloop::{Guest, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// A loop of timers around poll(2), with polyloop as its guest.
pub(crate) struct Host {
    /// The host's own timer: when it is due, how often it will be, and how far apart.
    pub(crate) next_tick: Instant,
    pub(crate) ticks_left: u32,
    pub(crate) period: Duration,
    pub(crate) counts: Counts,
}

/// How often something happened.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Counts {
    /// poll(2) returned.
    pub(crate) wakeups: u64,
    /// The guest was turned.
    pub(crate) turns: u64,
    /// The host's own timer fired.
    pub(crate) ticks: u64,
    /// The host's own timer fired before it was due.
    pub(crate) early: u64,
}

impl Host {
    /// Makes a host whose timer fires that often.
    pub(crate) fn new(ticks: u32, period: Duration) -> Host {
        let next_tick = Instant::now() + period;
        Host { next_tick, ticks_left: ticks, period, counts: Counts::default() }
    }

    /// Goes on until `finished` says so, calling `tick` whenever the host's own timer fires.
    pub(crate) fn run(
        &mut self,
        guest: &Guest,
        mut finished: impl FnMut() -> bool,
        mut tick: impl FnMut(),
    ) -> Result<()> {
        let descriptor = guest.descriptor()?;
        let mut more = false;
        while !finished() || self.ticks_left > 0 {
            // Whatever the guest has begun reaches the kernel, and it says how long it can wait.
            let patience = if more { Some(Duration::ZERO) } else { guest.prepare() };
            let guest_due = patience.map(|patience| Instant::now() + patience);
            let host_due = (self.ticks_left > 0).then_some(self.next_tick);

            // The host waits for its own timers and for the guest's descriptor, whichever is first.
            let mut fds = [PollFd::new(&*descriptor, PollFlags::IN)];
            wait(&mut fds, guest_due.into_iter().chain(host_due).min())?;
            self.counts.wakeups += 1;

            if host_due.is_some_and(|due| Instant::now() >= due) {
                self.fire();
                tick();
            }
            // The guest is turned when there is something for it to do, and otherwise left alone.
            let readable = !fds[0].revents().is_empty();
            if readable || guest_due.is_some_and(|due| Instant::now() >= due) {
                self.counts.turns += 1;
                more = guest.turn();
            }
        }
        Ok(())
    }

    fn fire(&mut self) {
        self.counts.ticks += 1;
        self.counts.early += u64::from(Instant::now() < self.next_tick);
        self.ticks_left -= 1;
        self.next_tick += self.period;
    }
}

/// Waits for a descriptor until a time at most; without one, for as long as it takes.
fn wait(fds: &mut [PollFd<'_>], until: Option<Instant>) -> Result<()> {
    let timeout = until.map(|until| until.saturating_duration_since(Instant::now()));
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    match poll(fds, timeout.as_ref()) {
        // A signal ends a wait early; the host then looks around and waits again.
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(std::io::Error::from(error).into()),
    }
}
