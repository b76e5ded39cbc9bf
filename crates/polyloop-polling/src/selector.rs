use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use polling::{PollMode, Poller};
use polyloop_core::{Error, Interest, LoopConfig, Notify, OsHandle, Result, limits};
use polyloop_readiness::{Event, ReadinessLoop, Selector, Tag, Trigger};

use crate::sys;

/// A loop over polling.
pub type PollingLoop = ReadinessLoop<PollingSelector>;

/// polling's poller.
///
/// Nobody outside of this crate can make one, and the loop that it is given to lends it to
/// nobody: [`PollingLoop`] is the only one that registers anything. The argument for
/// soundness beside `sys::register` needs that.
#[derive(Debug)]
pub struct PollingSelector {
    poller: Arc<Poller>,
    found: polling::Events,
    trigger: Trigger,
}

/// The poller owns what its notification writes to.
#[derive(Debug)]
struct Notifier(Arc<Poller>);

/// Makes a loop on this thread: edge-triggered where `polling` is, else one-shot.
///
/// # Errors
///
/// Of kind *invalid input* for bounds that no loop can work within; otherwise what the operating
/// system answers, for want of descriptors mostly.
pub fn build(config: &LoopConfig) -> Result<PollingLoop> {
    config.validate()?;
    let selector = PollingSelector::new(Trigger::Edge)?;
    Ok(PollingLoop::new(crate::NAME, selector, config))
}

/// Makes a one-shot loop on any system, to test here what runs on Windows and illumos.
///
/// # Errors
///
/// As [`build`].
pub fn build_one_shot(config: &LoopConfig) -> Result<PollingLoop> {
    config.validate()?;
    let selector = PollingSelector::new(Trigger::OneShot)?;
    Ok(PollingLoop::new(crate::NAME, selector, config))
}

impl PollingSelector {
    /// Makes a selector, edge-triggered if that is wanted and can be had.
    fn new(wanted: Trigger) -> Result<PollingSelector> {
        let poller = Poller::new()
            .map_err(|error| Error::from(error).attempting("make a selector of polling"))?;
        let trigger = if poller.supports_edge() { wanted } else { Trigger::OneShot };
        let capacity = NonZeroUsize::new(limits::EVENTS_PER_WAIT).expect("the bound is not zero");
        Ok(PollingSelector {
            poller: Arc::new(poller),
            found: polling::Events::with_capacity(capacity),
            trigger,
        })
    }

    fn mode(&self) -> PollMode {
        match self.trigger {
            Trigger::Edge => PollMode::Edge,
            Trigger::OneShot => PollMode::Oneshot,
        }
    }
}

impl Selector for PollingSelector {
    fn trigger(&self) -> Trigger {
        self.trigger
    }

    /// polling does not ask epoll for EPOLLRDHUP.
    fn reports_read_closed(&self) -> bool {
        false
    }

    fn register(&mut self, handle: &OsHandle, tag: Tag, interest: Interest) -> io::Result<()> {
        sys::register(&self.poller, handle, to_polling(tag, interest), self.mode())
    }

    fn rearm(&mut self, handle: &OsHandle, tag: Tag, interest: Interest) -> io::Result<()> {
        let source = sys::source(handle)?;
        self.poller.modify_with_mode(source, to_polling(tag, interest), self.mode())
    }

    fn deregister(&mut self, handle: &OsHandle, _: Tag) -> io::Result<()> {
        self.poller.delete(sys::source(handle)?)
    }

    fn select(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.found.clear();
        self.poller.wait(&mut self.found, timeout)?;
        Ok(())
    }

    fn found(&self) -> impl Iterator<Item = Event> {
        self.found.iter().map(|found| told(&found))
    }

    fn notifier(&self) -> Arc<dyn Notify> {
        Arc::new(Notifier(self.poller.clone()))
    }

    fn has_guest_descriptor(&self) -> bool {
        sys::HAS_DESCRIPTOR
    }

    /// A duplicate of the epoll, kqueue or port descriptor.
    fn guest_descriptor(&self) -> Result<Arc<File>> {
        Ok(Arc::new(sys::duplicate(&self.poller)?))
    }
}

impl Notify for Notifier {
    fn notify(&self) {
        // It ignores errors of the write itself, which mean that the counter is full already.
        self.0.notify().expect("notifying a poller that is alive does not fail");
    }
}

fn told(found: &polling::Event) -> Event {
    let mut ready = Interest::NONE;
    if found.readable {
        ready |= Interest::READABLE;
    }
    if found.writable {
        ready |= Interest::WRITABLE;
    }
    let closed = found.is_interrupt() || found.is_err() == Some(true);
    let ready = if closed { Interest::BOTH } else { ready };
    Event { tag: Tag::from_usize(found.key), ready, closed }
}

fn to_polling(tag: Tag, interest: Interest) -> polling::Event {
    polling::Event::new(tag.to_usize(), interest.is_readable(), interest.is_writable())
}
