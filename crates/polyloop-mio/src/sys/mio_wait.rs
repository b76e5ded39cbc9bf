//! Waiting as mio does, to the millisecond where it uses epoll.

use std::io;
use std::time::Duration;

use mio::{Events, Poll};
use polyloop_core::{Interest, limits};
use polyloop_readiness::{Event, Tag};

/// What a wait has found.
#[derive(Debug)]
pub(crate) struct Wait {
    found: Events,
}

impl Wait {
    pub(crate) fn new() -> Wait {
        Wait { found: Events::with_capacity(limits::EVENTS_PER_WAIT) }
    }

    /// Waits for the events of a poll.
    pub(crate) fn wait(&mut self, poll: &mut Poll, timeout: Option<Duration>) -> io::Result<()> {
        poll.poll(&mut self.found, timeout)
    }

    /// Gives what the last wait has found, also of mio's waker.
    pub(crate) fn found(&self) -> impl Iterator<Item = Event> {
        self.found.iter().map(told)
    }
}

fn told(found: &mio::event::Event) -> Event {
    let failed = found.is_error();
    let (read_closed, write_closed) = (found.is_read_closed(), found.is_write_closed());
    let mut ready = Interest::NONE;
    if found.is_readable() || read_closed || failed {
        ready |= Interest::READABLE;
    }
    if found.is_writable() || write_closed || failed {
        ready |= Interest::WRITABLE;
    }
    let tag = Tag::from_usize(found.token().0);
    Event { tag, ready, closed: read_closed || write_closed || failed }
}
