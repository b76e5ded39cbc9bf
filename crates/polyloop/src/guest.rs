use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use polyloop_core::{EventLoop, GuestWait, Result, Time};

use crate::loop_object::Loop;

/// A loop as the guest of another: the host owns the thread and waits, the guest is turned when
/// there is something to do.
///
/// A round of the host is: [`prepare`](Guest::prepare), which says how long the host may wait;
/// wait for the [`descriptor`](Guest::descriptor) to be readable (level-triggered), together
/// with whatever else the host waits for; then [`turn`](Guest::turn). The descriptor also
/// becomes readable when another thread wakes the loop, and when the host itself schedules
/// something on it or arms an earlier timer.
///
/// # Platform notes
///
/// Hosts that cannot poll a descriptor give [`waiter`](Guest::waiter) to a helper thread.
/// Loops without a pollable descriptor (Windows) have neither.
///
/// # Examples
///
/// ```
/// use polyloop::{Backend, Guest, Loop};
///
/// let events = Loop::new(&Backend::Auto)?;
/// let task = events.create_task(async { 6 * 7 });
/// let guest = Guest::new(&events);
/// while !task.done() {
///     let _at_most = guest.prepare();
///     // Here a host waits for its own sources and the guest's descriptor.
///     guest.turn();
/// }
/// events.close();
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Guest {
    events: Loop,
}

impl Guest {
    /// Makes a guest of a loop. It must not be run in another way meanwhile.
    pub fn new(events: &Loop) -> Guest {
        Guest { events: events.clone() }
    }

    /// Gives the descriptor that is readable whenever a turn would do work.
    ///
    /// # Errors
    ///
    /// *Unsupported* where the loop has none.
    pub fn descriptor(&self) -> Result<Arc<File>> {
        self.events.engine().with_driver(EventLoop::guest_descriptor)
    }

    /// Gives a wait that a helper thread can do on the loop's behalf.
    ///
    /// # Errors
    ///
    /// *Unsupported* where the loop has none.
    pub fn waiter(&self) -> Result<Arc<dyn GuestWait>> {
        self.events.engine().with_driver(EventLoop::guest_wait)
    }

    /// Flushes what is unsubmitted and gives how long the host may wait: nothing for as long as
    /// it likes, zero if there is something to do now.
    pub fn prepare(&self) -> Option<Duration> {
        let engine = self.events.engine();
        engine.with_driver(EventLoop::prepare);
        let deadline = engine.next_deadline();
        (!deadline.is_never()).then(|| deadline.since(engine.now()))
    }

    /// Runs one iteration without waiting, and tells whether there is more to do at once.
    pub fn turn(&self) -> bool {
        self.events.engine().iterate(Time::ZERO)
    }
}
