use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use mio::unix::SourceFd;
use polyloop_core::{Error, ErrorKind, Interest, LoopConfig, Notify, OsHandle, Result};
use polyloop_readiness::{Event, ReadinessLoop, Selector, Tag, Trigger};

use wait::Wait;

#[cfg_attr(target_os = "linux", path = "linux_wait.rs")]
#[cfg_attr(not(target_os = "linux"), path = "mio_wait.rs")]
mod wait;

/// A loop over mio.
pub type MioLoop = ReadinessLoop<MioSelector>;

/// mio's selector, edge-triggered, with registrations by descriptor.
#[derive(Debug)]
pub struct MioSelector {
    poll: mio::Poll,
    wait: Wait,
    notifier: Arc<Notifier>,
}

/// mio's waker owns what it writes to: an eventfd, or a duplicate of the kqueue.
#[derive(Debug)]
struct Notifier(mio::Waker);

pub(crate) fn build(config: &LoopConfig) -> Result<MioLoop> {
    config.validate()?;
    Ok(MioLoop::new(crate::NAME, MioSelector::new()?, config))
}

impl MioSelector {
    /// Makes a selector.
    ///
    /// # Errors
    ///
    /// What the operating system answers, for want of descriptors mostly.
    pub fn new() -> Result<MioSelector> {
        let failed = |error: io::Error| Error::from(error).attempting("make a mio selector");
        let poll = mio::Poll::new().map_err(failed)?;
        let token = mio::Token(Tag::RESERVED.to_usize());
        let waker = mio::Waker::new(poll.registry(), token).map_err(failed)?;
        Ok(MioSelector { poll, wait: Wait::new(), notifier: Arc::new(Notifier(waker)) })
    }
}

impl Selector for MioSelector {
    fn trigger(&self) -> Trigger {
        Trigger::Edge
    }

    fn reports_read_closed(&self) -> bool {
        true
    }

    fn register(&mut self, handle: &OsHandle, tag: Tag, interest: Interest) -> io::Result<()> {
        let fd = raw_fd(handle)?;
        let token = mio::Token(tag.to_usize());
        self.poll.registry().register(&mut SourceFd(&fd), token, to_mio(interest))
    }

    fn rearm(&mut self, handle: &OsHandle, tag: Tag, interest: Interest) -> io::Result<()> {
        let fd = raw_fd(handle)?;
        let token = mio::Token(tag.to_usize());
        self.poll.registry().reregister(&mut SourceFd(&fd), token, to_mio(interest))
    }

    fn deregister(&mut self, handle: &OsHandle, _: Tag) -> io::Result<()> {
        self.poll.registry().deregister(&mut SourceFd(&raw_fd(handle)?))
    }

    #[inline]
    fn select(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.wait.wait(&mut self.poll, timeout)
    }

    #[inline]
    fn found(&self) -> impl Iterator<Item = Event> {
        self.wait.found()
    }

    fn notifier(&self) -> Arc<dyn Notify> {
        self.notifier.clone()
    }

    fn has_guest_descriptor(&self) -> bool {
        true
    }

    /// A duplicate of the epoll or kqueue descriptor: readable while events that no wait has
    /// returned are there, an edge-triggered one or the waker's included.
    fn guest_descriptor(&self) -> Result<Arc<File>> {
        Ok(Arc::new(File::from(self.poll.registry().as_fd().try_clone_to_owned()?)))
    }
}

impl Notify for Notifier {
    fn notify(&self) {
        // mio resets a counter that is full and tries again; what is left is a bug.
        self.0.wake().expect("writing to an eventfd or a kqueue does not fail");
    }
}

fn to_mio(interest: Interest) -> mio::Interest {
    match (interest.is_readable(), interest.is_writable()) {
        (true, true) => mio::Interest::READABLE | mio::Interest::WRITABLE,
        (false, true) => mio::Interest::WRITABLE,
        _ => mio::Interest::READABLE,
    }
}

fn raw_fd(handle: &OsHandle) -> io::Result<RawFd> {
    Ok(match handle {
        OsHandle::TcpStream(stream) => stream.as_raw_fd(),
        OsHandle::TcpListener(listener) => listener.as_raw_fd(),
        OsHandle::UdpSocket(socket) => socket.as_raw_fd(),
        OsHandle::File(file) | OsHandle::Descriptor(file) => file.as_raw_fd(),
        OsHandle::PipeReader(reader) => reader.as_raw_fd(),
        OsHandle::PipeWriter(writer) => writer.as_raw_fd(),
        OsHandle::UnixStream(file)
        | OsHandle::UnixListener(file)
        | OsHandle::UnixDatagram(file) => file.as_raw_fd(),
        _ => return Err(Error::new(ErrorKind::Unsupported).into()),
    })
}
