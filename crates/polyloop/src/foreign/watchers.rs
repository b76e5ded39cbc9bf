use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use polyloop_core::{Interest, Result};

use super::duplicate::Duplicate;
use super::watcher::Watcher;
use crate::engine::Engine;
use crate::loop_object::Loop;
use crate::sys::pollable::{self, Pollable};

/// The callbacks of descriptors, by the system's number and whether they are for writing.
///
/// The number names the callback, as in asyncio; what is polled is a duplicate, so that a number
/// which the system uses again never calls another's callback.
#[derive(Default)]
pub(crate) struct Watchers {
    table: RefCell<HashMap<(u64, bool), Rc<Watcher>>>,
}

impl Watchers {
    fn replace(&self, engine: &Engine, name: (u64, bool), new: Option<Rc<Watcher>>) -> bool {
        let mut table = self.table.borrow_mut();
        let old = match new {
            Some(new) => table.insert(name, new),
            None => table.remove(&name),
        };
        drop(table);
        if let Some(old) = &old {
            old.stop(engine);
        }
        old.is_some()
    }

    /// Ends all watching, for the loop's end.
    pub(crate) fn clear(&self, engine: &Engine) {
        let table = self.table.take();
        table.values().for_each(|watcher| watcher.stop(engine));
    }
}

impl Loop {
    /// Has a function called in each iteration in which a descriptor can be read: level-triggered,
    /// as asyncio's.
    ///
    /// It takes anything that has a descriptor (a socket on Windows); a hang-up and an error count as
    /// readable, and the call that follows tells. Adding again replaces the function. The one for
    /// writing ([`Loop::add_writer`]) is independent of it. The function runs in a copy of the
    /// caller's context; if it panics, the exception handler is told and watching goes on.
    ///
    /// The loop watches a duplicate: closing one's own descriptor does not end watching, and what
    /// is open stays open until [`Loop::remove_reader`], or the loop's end.
    ///
    /// # Errors
    ///
    /// *Permission denied* for a regular file or directory, which is always ready and no system can
    /// wait for (as epoll's EPERM); the operating system's; *unsupported* if the loop cannot attach
    /// handles; *loop closed*.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(unix)] {
    /// use std::io::{Read, Write};
    /// use std::os::unix::net::UnixStream;
    /// use std::rc::Rc;
    ///
    /// let events = polyloop::new_event_loop()?;
    /// let (here, mut there) = UnixStream::pair()?;
    /// let (here, inner) = (Rc::new(here), events.clone());
    /// let source = here.clone();
    /// events.add_reader(&source, move || {
    ///     let mut byte = [0];
    ///     assert_eq!((&*here).read(&mut byte).ok(), Some(1));
    ///     assert!(inner.remove_reader(&here));
    ///     inner.stop();
    /// })?;
    /// there.write_all(b"x")?;
    /// events.run_forever()?;
    /// events.close();
    /// # }
    /// # Ok::<(), polyloop::Error>(())
    /// ```
    #[track_caller]
    pub fn add_reader(
        &self,
        source: &impl Pollable,
        function: impl FnMut() + 'static,
    ) -> Result<()> {
        self.add_watcher(source, Interest::READABLE, Box::new(function))
    }

    /// Has a function called in each iteration in which a descriptor can be written; as
    /// [`Loop::add_reader`] in all else.
    ///
    /// # Errors
    ///
    /// As for [`Loop::add_reader`].
    #[track_caller]
    pub fn add_writer(
        &self,
        source: &impl Pollable,
        function: impl FnMut() + 'static,
    ) -> Result<()> {
        self.add_watcher(source, Interest::WRITABLE, Box::new(function))
    }

    /// Ends what [`Loop::add_reader`] began, and tells whether there was something. The function is
    /// called no more, not even if its call is due in this iteration.
    pub fn remove_reader(&self, source: &impl Pollable) -> bool {
        let name = (pollable::number(source), false);
        self.engine().watchers.replace(self.engine(), name, None)
    }

    /// Ends what [`Loop::add_writer`] began, and tells whether there was something. The function is
    /// called no more, not even if its call is due in this iteration.
    pub fn remove_writer(&self, source: &impl Pollable) -> bool {
        let name = (pollable::number(source), true);
        self.engine().watchers.replace(self.engine(), name, None)
    }

    #[track_caller]
    fn add_watcher(
        &self,
        source: &impl Pollable,
        interest: Interest,
        function: Box<dyn FnMut()>,
    ) -> Result<()> {
        let engine = self.engine();
        engine.check_open()?;
        let number = pollable::number(source);
        let what = if interest.is_writable() { "writing" } else { "reading" };
        let started = pollable::check(source)
            .and_then(|()| Duplicate::of(engine, source))
            .and_then(|duplicate| Watcher::start(engine, duplicate, interest, function));
        let watcher = started.map_err(|error| {
            error.attempting(format_args!("watch descriptor {number} for {what}"))
        })?;
        engine.watchers.replace(engine, (number, interest.is_writable()), Some(watcher));
        Ok(())
    }
}
