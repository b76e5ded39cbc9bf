use std::fmt;

use super::waiters::Waiters;
use super::waiting::{Line, Shared};
use super::wakes::Wakes;
use crate::task::Awaited;

/// Something that has happened or not, and that tasks wait for: asyncio's `Event`.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use polyloop::sync::Event;
///
/// polyloop::run(async {
///     let started = Rc::new(Event::new());
///     let waiter = started.clone();
///     let task = polyloop::create_task(async move {
///         waiter.wait().await;
///         "started"
///     });
///     started.set();
///     assert_eq!(task.await?, "started");
///     Ok::<(), polyloop::TaskError>(())
/// })??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Event {
    shared: Shared<Flag>,
}

/// Nobody waits while it is set.
struct Flag {
    is_set: bool,
    waiters: Waiters,
}

impl Event {
    /// Makes an event that is not set.
    pub const fn new() -> Event {
        Event { shared: Shared::new(Flag { is_set: false, waiters: Waiters::new() }) }
    }

    /// Sets the event, and wakes all who wait, in the order in which they came.
    ///
    /// Who waited is released even if the event is cleared before it runs.
    pub fn set(&self) {
        self.shared.update(|flag, wakes| {
            flag.is_set = true;
            flag.waiters.grant_all((), wakes);
        });
    }

    /// Takes it back: who waits from now on waits for the next [`set`](Event::set).
    pub fn clear(&self) {
        self.shared.update(|flag, _| flag.is_set = false);
    }

    /// Waits until the event is set; not at all if it is.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: the event stays as it is.
    pub async fn wait(&self) {
        self.shared.obtain::<Flag>().await;
    }

    /// Tells whether the event is set.
    pub fn is_set(&self) -> bool {
        self.shared.read(|flag| flag.is_set)
    }
}

impl Default for Event {
    fn default() -> Event {
        Event::new()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("is_set", &self.is_set()).finish_non_exhaustive()
    }
}

impl Line for Flag {
    type State = Flag;
    type Grant = ();
    type Output = ();

    fn waiters(flag: &mut Flag) -> &mut Waiters {
        &mut flag.waiters
    }

    fn awaited(_: &Flag) -> Awaited {
        Awaited::Event
    }

    fn attempt(flag: &mut Flag, _: &mut Wakes) -> Option<()> {
        flag.is_set.then_some(())
    }

    fn take(_: &mut Flag, (): (), _: &mut Wakes) {}

    /// All who waited were released; there is nobody that this one kept out.
    fn pass_on(_: &mut Flag, (): (), _: &mut Wakes) {}
}
