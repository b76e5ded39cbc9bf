//! One look at everything that waits.

use std::os::fd::AsFd;
use std::time::Duration;

use polyloop_core::{Error, Interest, Key, Op, OpId, Time};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::bell::Bell;
use super::resource::{Pending, Resource};
use super::table::Table;

/// The ops that may go on, by what they need for it.
#[derive(Default)]
pub(super) struct Waits {
    /// Nothing: they go on at once.
    pub(super) ready: Vec<(OpId, Interest)>,
    /// A descriptor that is ready for something.
    watched: Vec<(Key, OpId, Interest)>,
    /// The time at which an accept goes on.
    pub(super) until: Time,
}

/// What one op waits for.
enum Need {
    Nothing,
    Readiness(Interest),
    Time(Time),
    /// Somebody must act first.
    Action,
}

impl Table {
    /// Lists what may go on.
    pub(super) fn waits(&self, now: Time) -> Waits {
        let mut waits = Waits { until: Time::NEVER, ..Waits::default() };
        for (key, resource) in self.resources.iter() {
            for id in resource.fronts() {
                let pending = self.ops.get(id).expect("an op that waits is in flight");
                match self.need(resource, pending, now) {
                    Need::Nothing => waits.ready.push((id, Interest::READABLE)),
                    Need::Readiness(interest) => waits.watched.push((key, id, interest)),
                    Need::Time(at) => waits.until = waits.until.min(at),
                    Need::Action => {}
                }
            }
        }
        waits
    }

    fn need(&self, resource: &Resource, pending: &Pending, now: Time) -> Need {
        let put_back = resource.unread.is_readable();
        match &pending.op {
            Op::Accept { .. } | Op::AcceptMulti { .. } if resource.accepts_from > now => {
                Need::Time(resource.accepts_from)
            }
            Op::Recv { .. } if put_back => Need::Nothing,
            Op::RecvMulti { .. } if pending.told.is_readable() => Need::Action,
            Op::RecvMulti { .. } if put_back => Need::Nothing,
            Op::Accept { .. }
            | Op::AcceptMulti { .. }
            | Op::Recv { .. }
            | Op::RecvMulti { .. }
            | Op::RecvFrom { .. } => Need::Readiness(Interest::READABLE),
            Op::Connect { .. } if !pending.begun => Need::Nothing,
            Op::Connect { .. }
            | Op::Send { .. }
            | Op::SendVectored { .. }
            | Op::SendFile { .. }
            | Op::SendTo { .. } => Need::Readiness(Interest::WRITABLE),
            Op::Poll { interest, .. } | Op::PollMulti { interest, .. } => {
                let wanted = Pending::without(*interest, pending.told);
                match wanted {
                    Interest::NONE => Need::Action,
                    _ if put_back && wanted.is_readable() => Need::Nothing,
                    _ => Need::Readiness(wanted),
                }
            }
            Op::Close { .. } if !(resource.outward.is_empty() && resource.apart.is_empty()) => {
                Need::Action
            }
            Op::Close { key, .. } if self.is_sent_from(*key) => Need::Action,
            _ => Need::Nothing,
        }
    }

    /// Waits until a descriptor is ready or the bell rings, and adds what may go on then.
    ///
    /// Without a timeout it waits for as long as it takes.
    pub(super) fn wait(
        &self,
        waits: &mut Waits,
        bell: &Bell,
        timeout: Option<Duration>,
    ) -> Result<(), Error> {
        let handles = waits.watched.iter().map(|(key, _, interest)| {
            let resource = self.resources.get(*key).expect("listed from the table");
            PollFd::from_borrowed_fd(super::system::fd(&resource.handle), flags(*interest))
        });
        let mut fds: Vec<PollFd<'_>> = handles.collect();
        fds.push(PollFd::from_borrowed_fd(bell.as_fd(), PollFlags::IN));
        // A duration that the system cannot express is as good as no end.
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        match poll(&mut fds, timeout.as_ref()) {
            // A signal came: the turn ends early, with nothing.
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(Error::from_errno(error.raw_os_error())),
        }
        for ((_, id, interest), fd) in waits.watched.iter().zip(&fds) {
            let found = found(fd.revents(), *interest);
            if !found.is_none() {
                waits.ready.push((*id, found));
            }
        }
        Ok(())
    }
}

fn flags(interest: Interest) -> PollFlags {
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::IN, interest.is_readable());
    flags.set(PollFlags::OUT, interest.is_writable());
    flags
}

/// Tells which of the directions asked for are ready; an error or a hang-up is every one.
fn found(flags: PollFlags, wanted: Interest) -> Interest {
    if flags.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
        return wanted;
    }
    let mut found = Interest::NONE;
    if flags.contains(PollFlags::IN) {
        found |= Interest::READABLE;
    }
    if flags.contains(PollFlags::OUT) {
        found |= Interest::WRITABLE;
    }
    found
}
